# SPDX-License-Identifier: Apache-2.0
# What a worker is, and does not do, inside its container.

load ../lib.bash

# The system calls of all of the worker's threads after it has entered, of a run in which most ways through it are taken.
trace_worker() {
	need_root "trace a process that is not dumpable"
	mkdir "$T/files"
	strace -ff -qq -o "$T/trace" "$T/subuidless" run sh -c 'cd "$0"; touch a; chown 4:5 a; ls -ln a; ls -ln missing /proc/self/fd
		chown 3 /dev/stdout; ln -s a l; chown -h 6 l; ls -ln l; stat -L /dev/stdout; mkfifo p; chown 5:5 p; tar c a p l | tar tv' \
		"$T/files" >"$T/out" 2>&1 || :
	grep -q ' 4 *5 .* a$' "$T/out"
	sed -n '/^chroot/,$p' "$(grep -l '^chroot' "$T"/trace.*)" | sed '1,/^seccomp(/d' >"$T/worker"
	for trace in $(grep -l '^unshare(CLONE_FS)' "$T"/trace.*); do
		sed '1,/^unshare(CLONE_FS)/d' "$trace" >>"$T/worker"
	done
	[ "$(wc -l <"$T/worker")" -gt 100 ]
}

@test "it opens nothing of the container but by an O_PATH descriptor: no library, no configuration" {
	trace_worker
	# the names that task.c makes begin with a number, relative to the kept /proc; the container's own procfs is read, but nothing mounted on it
	same "" "$(grep -E '^(open|openat|openat2|execve)\(' "$T/worker" |
		grep -vE '^openat\(AT_FDCWD, "([0-9]+/|self/mountinfo")|O_PATH|status".*RESOLVE_NO_XDEV\|RESOLVE_NO_SYMLINKS')"
}

# at least so many workers are there, and each is confined: all of its threads have both filters, its own one and that for what it is inside
confined() {
	local worker

	[ "$(workers | wc -l)" -eq "$1" ] || return 1
	for worker in $(workers); do
		[ "$(cat "/proc/$worker"/task/*/status 2>/dev/null | grep -c 'Seccomp_filters:.3')" -eq 9 ] || return 1
	done
}

@test "broker and worker are limited to the system calls, capabilities and descriptors that they need" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	crun_start_bg "$T/bundle" c 'chown 1:1 /tmp; chroot / chown 1:1 /tmp; while :; do sleep 1; done'
	within 60 confined 1
	[ "$(ls "/proc/$(workers)/task" | wc -l)" -eq 9 ]
	for status in "/proc/$DAEMON_PID/status" "/proc/$(workers)"/task/*/status; do
		grep -qx "Seccomp:.2" "$status"
		grep -qx "NoNewPrivs:.1" "$status"
	done
	grep -qx "Seccomp_filters:.1" "/proc/$DAEMON_PID/status"
	for status in "/proc/$(workers)"/task/*/status; do
		grep -qx "Seccomp_filters:.3" "$status"
		capabilities=$(awk '/^CapPrm/ { print $2 }' "$status")
		# neither CAP_SYS_ADMIN (21), nor CAP_SYS_MODULE (16), nor CAP_NET_ADMIN (12)
		[ $((0x$capabilities & (1 << 21 | 1 << 16 | 1 << 12))) -eq 0 ]
		[ $((0x$capabilities & 1 << 18)) -ne 0 ] # CAP_SYS_CHROOT
	done
}

@test "nobody in the container can read it or trace it, even where it is visible" {
	need_root "see the flags of another user's process"
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" '.linux.namespaces |= map(select(.type != "pid")) |
		.mounts |= map(if .destination == "/proc" then {destination: "/proc", type: "none", source: "/proc", options: ["rbind"]} else . end)'
	crun_start_bg "$T/bundle" c 'chown 1:1 /tmp; while :; do sleep 1; done'
	within 60 confined 1
	worker=$(workers)
	run crun_exec c "cat /proc/$worker/maps /proc/$worker/environ; ls -l /proc/$worker/fd/ /proc/$worker/root/; readlink /proc/$worker/cwd"
	echo "$output"
	[ "$(grep -c 'Permission denied' <<<"$output")" -ge 4 ]
}

@test "with 8 containers each worker has only its own listener" {
	need_root "list another user's descriptors"
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	for i in 1 2 3 4 5 6 7 8; do
		cp -r "$T/bundle" "$T/bundle$i"
		own "$T/bundle$i"
		crun_start_bg "$T/bundle$i" "c$i" 'chown 1:1 /tmp; while :; do sleep 1; done'
	done
	within 60 confined 8
	for worker in $(workers); do
		[ "$(ls -l "/proc/$worker/fd" | grep -c 'seccomp notify')" -eq 1 ]
		[ "$(ls "/proc/$worker/fd" | wc -l)" -le 15 ] # five of them devices of the host
	done
}
