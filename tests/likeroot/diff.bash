# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What diff.bats and diff-more.bats have in common.

# shellcheck source=tests/lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

DIFF=$TESTS/likeroot/diff

# neither a daemon nor a directory: tests/likeroot/diff/run makes its own
setup() { :; }
teardown() { :; }

alike() {
	need_root "make the native transcript"
	run "$DIFF/run" "$@"
	[ "$status" != 77 ] || skip "${lines[-1]}"
	# the first lines tell what differs, the last how much
	printf '%s\n' "${lines[@]:0:40}" "${lines[@]: -1}"
	[ "$status" = 0 ]
}
