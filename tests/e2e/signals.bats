# SPDX-License-Identifier: Apache-2.0
# Signals that interrupt a call while it is being answered. WAIT_KILLABLE_RECV keeps them off, which kernels before 5.19 do not know, nor runc; so
# this is without it.

load ../lib.bash

@test "a call that has made a file when a signal interrupts it is repeated, and does not fail" {
	busybox_rootfs "$T/rootfs"
	gcc -std=gnu11 -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -static -o "$T/rootfs/bin/make" "$TESTS/e2e/repeat/make.c"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" 'del(.linux.seccomp.flags)'
	CRUN_TIMEOUT=600
	# in such a directory, the worker makes what root makes
	run crun_sh "$T/bundle" c "mkdir /tmp/d && chown 7:8 /tmp/d && chmod 2777 /tmp/d && cd /tmp/d && make $((400 * TEST_SCALE))"
	# The kernel drops an answer that comes while the task, woken by the signal, waits for the filter's lock. Nobody can know of that, and it is
	# rare: one of some thousand calls where each instruction is emulated. Without any care one of twelve fails.
	awk -v limit=$((400 * TEST_SCALE * 6 / 200)) '{ there += $2; failed += $4; n++ } END { exit n != 6 || failed || there > limit }' <<<"$output" ||
		fail "$output"
}
