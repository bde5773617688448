#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts that are made for a container lead nowhere else, and with no power that the task has not; and what it says of terminals does no harm.

bats_require_minimum_version 1.5.0
load attached

unset ATTACHED

# a case that hangs shall not take minutes
ATTACK_TIMEOUT=30

setup() { hostile_setup mounting; }

# in_container CASE [CAP...]
in_container() {
	local case=$1

	shift
	make_bundle "$T/bundle" "$T/rootfs" "$(capable "${@-CAP_SYS_ADMIN}")"
	attack "$T/bundle" c mounting $case
	still_serves
}

@test "a task of a container without CAP_SYS_ADMIN mounts nothing" { in_container plain CAP_CHOWN; }
@test "a task that has given it up mounts nothing, in any step" { in_container dropped; }
@test "a target in another mount namespace is refused" { in_container foreign; }
@test "a task that is confined by Landlock mounts nothing" { in_container confined; }
@test "in a nested user namespace the kernel answers" { in_container nested CAP_SYS_ADMIN CAP_SETFCAP; }
@test "file systems that are being made have room for 16" {
	EXPECTED=no_room
	in_container "fill 16"
}

@test "a file that answers ioctl(2) as it likes gives the worker no descriptor" {
	need_root "make a device node for /dev/fuse that the user may open"
	mknod "$T/fuse" c 10 229 && chmod 666 "$T/fuse"
	as_user dd if="$T/fuse" of=/dev/null count=0 2>/dev/null || skip "this kernel has no FUSE, or device nodes cannot be used in $T"
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SYS_ADMIN) |
		.mounts += [{destination: \"/dev/fuse\", type: \"bind\", source: \"$T/fuse\", options: [\"bind\"]}]"
	attack "$T/bundle" c mounting forged
	still_serves
	! daemon_said 'ended by signal'
}

@test "containers of an engine cannot take all room for file systems that are being made" {
	EXPECTED=no_room
	ATTACHED=1
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SYS_ADMIN)"
	set_args "$T/bundle" sh -c 'mounting fill 12 >/out 2>&1; echo "$?" >>/out; touch /filled; while [ ! -e /go-on ]; do sleep 0.05; done'
	cp "$(compile mounting)" "$T/tmp/mounting"
	same 'one has room' "$(in_engine 'cd "$1/tmp"; crun --cgroup-manager=disabled run -b ../bundle c >out 2>&1 &
		until [ -e ../rootfs/filled ]; do sleep 0.05; done
		./mounting one; : >../rootfs/go-on; wait')"
	same '12 of 40 have room
0' "$(cat "$T/rootfs/out")"
}
