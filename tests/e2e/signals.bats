# SPDX-License-Identifier: Apache-2.0
# Signals that interrupt a call while it is being answered. WAIT_KILLABLE_RECV keeps them off, which kernels before 5.19 do not know, nor runc; so
# this is without it.

load ../lib.bash

@test "a call that has made a file when a signal interrupts it is repeated, and does not fail" {
	busybox_rootfs "$T/rootfs"
	gcc -std=gnu11 -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -static -o "$T/rootfs/bin/make" "$TESTS/e2e/repeat/make.c"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" 'del(.linux.seccomp.flags)'
	# in such a directory, the worker makes what root makes
	run crun_sh "$T/bundle" c "mkdir /tmp/d && chown 7:8 /tmp/d && chmod 2777 /tmp/d && cd /tmp/d && make $((2000 * TEST_SCALE))"
	same "$(printf '%s: 0 there, 0 failed\n' file directory fifo link device socket)" "$output"
}
