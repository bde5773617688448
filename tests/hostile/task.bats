#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Tasks that end, become others, or change their root directory amid their calls.

bats_require_minimum_version 1.5.0
load hostile

setup() { hostile_setup race-task race-root; }

@test "tasks are killed amid their calls: each call is carried out or not, and none on anything else" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c race-task killed
}

@test "another thread calls exec amid a call: nothing of the new program's memory is taken for the old one's" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c race-task exec
}

@test "a task's number becomes another's while the worker stands still" {
	need_root "make a pid namespace with few numbers"
	before=$(cat /proc/sys/kernel/pid_max)
	unshare --pid --fork --mount-proc sh -c 'echo 30000 >/proc/sys/kernel/pid_max'
	if [ "$(cat /proc/sys/kernel/pid_max)" = 30000 ]; then
		echo "$before" >/proc/sys/kernel/pid_max
		skip "this kernel has one pid_max for all pid namespaces (Linux 6.14)"
	fi
	run timeout 400 unshare --pid --fork --mount-proc --kill-child "$HOSTILE/recycle.sh" 3>&-
	printf '%s\n' "$output" | sed 's/^/# /' >&3
	[ "$status" = 0 ]
}

@test "chroot, setns and pivot_root amid a call, by a thread that shares the root directory" {
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SYS_ADMIN)"
	attack "$T/bundle" c race-root
}
