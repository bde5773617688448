#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A container that chooses what the owner store has to keep makes no answer of another one wrong.

load hostile

setup() {
	hostile_setup crowd
	if is_root; then
		# one that the test's user may open; the mount has to be made in the user namespace in which it was opened
		mknod "$T/fuse" c 10 229 && chmod 666 "$T/fuse"
	fi
}

@test "fifos with chosen inode numbers, in a file system of the attacker" {
	need_root "make a device node for /dev/fuse that the user may open"
	as_user dd if="$T/fuse" of=/dev/null count=0 2>/dev/null || skip "this kernel has no FUSE, or device nodes cannot be used in $T"
	n=$((TEST_SCALE < 10 ? 3000 : 60000)) seconds=$((TEST_SCALE < 10 ? 2 : 20))
	cp -a "$T/rootfs" "$T/rootfs2"
	make_bundle "$T/bundle2" "$T/rootfs2"
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SYS_ADMIN) |
		.mounts += [{destination: \"/dev/fuse\", type: \"bind\", source: \"$T/fuse\", options: [\"bind\"]}]"
	set_args "$T/bundle" crowd attack "$n"
	CRUN_TIMEOUT=250 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 &
	attacker=$!
	within 200 eval '[ -e "$T/rootfs/attacking" ] || is_gone "$attacker"'
	set_args "$T/bundle2" crowd watch
	CRUN_TIMEOUT=250 crun run -b "$T/bundle2" w </dev/null >"$T/w.out" 2>&1 &
	watcher=$!
	within 200 eval '[ -e "$T/rootfs2/watching" ] || is_gone "$watcher"'
	sleep "$seconds"
	as_user touch "$T/rootfs/stop" "$T/rootfs2/stop"
	status=0
	wait "$watcher" || status=$?
	report w
	wait "$attacker" || status=$?
	report c
	[ "$status" = 0 ]
	outside_is_untouched
}
