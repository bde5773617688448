# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034 # scripts are for the shell inside; ATTACHED is lib.bash's
# What tests of attached engines load: the containers of hostile.bash, whose calls come to the listener of the shell that starts them.

# shellcheck source=hostile.bash
. "$(dirname "${BASH_SOURCE[0]}")/hostile.bash"

ATTACHED=1

setup() {
	hostile_setup links race-path race-name stall unmount
	if is_root; then
		mknod "$T/fuse" c 10 229 && chmod 666 "$T/fuse"
	fi
}

# in_engine SCRIPT: a shell that is attached, which has the host's root and whose listener is that of its containers
in_engine() { in_holder timeout -k 5 120 "$T/subuidless" attach --listener "$SOCKET" -- sh -c "$1" sh "$T"; }

# hang TASKS CASE END: tasks of a container whose calls hang; the engine goes on
hang() {
	need_root "make a device node for /dev/fuse that the user may open"
	as_user dd if="$T/fuse" of=/dev/null count=0 2>/dev/null || skip "this kernel has no FUSE, or device nodes cannot be used in $T"
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SYS_ADMIN CAP_SYS_CHROOT) |
		.mounts += [{destination: \"/dev/fuse\", type: \"bind\", source: \"$T/fuse\", options: [\"bind\"]}]"
	set_args "$T/bundle" stall "$2" "$1" "$3"
	same served "$(in_engine 'cd "$1/tmp" && : >f; crun --cgroup-manager=disabled run -b ../bundle c >out 2>&1 || echo >failed &
		until [ -e ../rootfs/stalled ] || [ -e failed ]; do sleep 0.1; done
		n=0; while [ $n -lt 30 ]; do n=$((n + 1)); chown $n:$n f && [ "$(stat -c %u:%g f)" = $n:$n ] || exit; done; echo served
		: >../rootfs/go-on; wait')"
	mv "$T/tmp/out" "$T/c.out"
	report c
	[ ! -e "$T/tmp/failed" ]
	outside_is_untouched
	still_serves
}
