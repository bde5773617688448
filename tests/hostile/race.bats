#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Races of a container against the worker that serves it: what a path, a descriptor or a name means changes while the
# worker looks. Each says how often it saw which outcome, and fails if it did not see both often enough.

bats_require_minimum_version 1.5.0
load hostile

setup() { hostile_setup race-path race-fd race-name; }

@test "a thread rewrites the path while it is read, between a file inside and ways to the host" {
	make_bundle "$T/bundle" "$T/rootfs"
	mkdir -p "$T/rootfs/tmp/a-directory-of-a-long-name"
	ln -s "$T/outside/victim" "$T/rootfs/tmp/absolute"
	ln -s "../../../../../../../..$T/outside" "$T/rootfs/tmp/up"
	own "$T/rootfs/tmp"
	attack "$T/bundle" c race-path /tmp/a-directory-of-a-long-name/file /tmp/absolute /tmp/up/victim "/../../..$T/outside/victim" \
		"//proc/self/root/../..$T/outside/victim" "/proc/thread-self/cwd/../../..$T/outside/victim" \
		"/./proc/self/fd/5/../../../..$T/outside/victim"
	still_serves
}

@test "the same, where the worker can be seen in the container's /proc" {
	make_bundle "$T/bundle" "$T/rootfs" "$shared_pid"
	# the worker is there before, and can be named
	crun_start_bg "$T/bundle" c 'chown 1:1 /tmp; until [ -s /worker ]; do sleep 0.1; done
		read -r worker </worker
		race-path /tmp/file "/proc/$worker/root/../..'"$T"'/outside/victim" "/proc/$worker/cwd/../..'"$T"'/outside/victim" \
			"/proc/$worker/fd/5/..'"$T"'/outside/victim" "/proc/self/cwd/../../..'"$T"'/outside/victim"'
	within 60 some_worker
	workers | as_user tee "$T/rootfs/worker" >/dev/null
	wait "$CRUN_PID" || fail "$(cat "$T/c.out")"
	report c
	outside_is_untouched
	still_serves
}

@test "descriptors are exchanged by dup2 in mid-call" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c race-fd /tmp
}

@test "names are exchanged, and directories moved away from under a path" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c race-name /tmp "$T/outside"
}
