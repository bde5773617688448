#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A call that blocks on what the container itself serves stops no other call of its listener, nor anything else.

bats_require_minimum_version 1.5.0
load hostile

setup() {
	hostile_setup stall
	if is_root; then
		# one that the test's user may open; the mount has to be made in the user namespace in which it was opened
		mknod "$T/fuse" c 10 229 && chmod 666 "$T/fuse"
	fi
}

# stall CASE TASKS END: meanwhile another container is served, and the daemon answers
stall() {
	need_root "make a device node for /dev/fuse that the user may open"
	as_user dd if="$T/fuse" of=/dev/null count=0 2>/dev/null || skip "this kernel has no FUSE, or device nodes cannot be used in $T"
	busybox_rootfs "$T/rootfs2"
	make_bundle "$T/bundle2" "$T/rootfs2"
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SYS_ADMIN) |
		.mounts += [{destination: \"/dev/fuse\", type: \"bind\", source: \"$T/fuse\", options: [\"bind\"]}]"
	set_args "$T/bundle" stall "$@"
	CRUN_TIMEOUT=250 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 3>&- &
	CRUN_PID=$!
	within 200 eval '[ -e "$T/rootfs/stalled" ] || is_gone "$CRUN_PID"'
	for i in $(seq $((TEST_SCALE < 10 ? 1 : 3))); do
		same "$i:9" "$(crun_sh "$T/bundle2" "other$i" "touch /f; chown $i:9 /f; stat -c %u:%g /f")" || fail "another container is not served"
	done
	counters >/dev/null
	as_user touch "$T/rootfs/go-on"
	status=0
	wait "$CRUN_PID" || status=$?
	report c
	[ "$status" = 0 ]
	outside_is_untouched
	still_serves
}

@test "a name that is never found, for stat" { stall lookup-stat 1 answer; }
@test "a name that is never found, for chown; its server dies" { stall lookup-chown 1 die; }
@test "attributes that never come, for chown" { stall getattr-chown 1 die; }
@test "an xattr that never comes, for stat" { stall getxattr-stat 1 die; }
@test "an xattr that never comes, for chown" { stall getxattr-chown 1 answer; }
@test "a path in memory whose page never comes, for stat" { stall read-stat 1 die; }
@test "a path in memory whose page never comes, for chown" { stall read-chown 1 answer; }
@test "a program that never opens; its server dies" { stall open-exec 1 die; }
@test "a program that opens late" { stall open-exec 1 answer; }
@test "20 tasks at once, which execute what opens late" { stall open-exec 20 answer; }
@test "20 tasks at once, whose server answers late" { stall lookup-chown 20 answer; }
@test "20 tasks at once, whose server dies" { stall getxattr-stat 20 die; }
@test "20 tasks at once, with paths in memory whose pages never come" { stall read-stat 20 die; }

@test "a directory that is never made" { stall mkdir 1 answer; }
@test "a new file that is never opened; its server dies" { stall create-open 1 die; }
@test "20 tasks at once, with links that are never made" { stall symlink 20 die; }
@test "an xattr that is never set" { stall setxattr 1 answer; }

@test "a fifo that nobody opens blocks no call" {
	make_bundle "$T/bundle" "$T/rootfs"
	same "7:8
7:8" "$(crun_sh "$T/bundle" c 'mkfifo /p; ln -s p /l; chown 7:8 /l; stat -c %u:%g /p; stat -L -c %u:%g /l')"
}
