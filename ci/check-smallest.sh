#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TAP: groups of calls can be left out. The smallest receiver, without all of them, is linked statically and passes tests/e2e/demo.bats,
# which is about owners alone: three tests of it, and with CHECK=all the whole; then each group is left out alone too.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

dir=$(mktemp -d "${TMPDIR:-/tmp}/subuidless-smallest.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
read -ra groups < <(sed -n 's/^GROUPS = //p' GNUmakefile)

without() { # binary, groups: what is wrong with the build, or prints as many calls as the whole one
	local bin=$1

	shift
	make -s -j"$(nproc)" CI=1 STATIC=1 WITHOUT="$*" BUILD="$dir/build-$#-$1" BIN="$bin" 2>&1 | grep -v '^  '
	[ "$("$bin" --list-syscalls | wc -l)" -gt 0 ] || echo "it prints no calls"
	# a group that is linked to nothing else takes its calls with it
	[ "$*" = acl ] || [ "$*" = device ] || [ "$("$bin" --list-syscalls | wc -l)" -lt "$("./$BIN" --list-syscalls | wc -l)" ] ||
		echo "it has the calls of $*"
}

check "the smallest receiver, without ${groups[*]}, builds and is linked statically" "$(without "$dir/smallest" "${groups[@]}"
	! readelf -d "$dir/smallest" | grep NEEDED)"
check "it has the calls of owners and ids alone" "$("$dir/smallest" --list-syscalls | cut -f 2 | sort -u | diff - <(
	printf '%s\n' 'change owner' 'get ids' 'hide the resource limit that carries credentials' 'note a new root, namespace or confinement' \
		'refuse with ENOSYS' 'set ids' 'show owner'))"
some='^(touch, chown|halves of an owner|chown follows links)'
[ "${CHECK:-}" != all ] || some=.
SUBUIDLESS=$dir/smallest bats --tap -f "$some" tests/e2e/demo.bats >"$dir/demo" 2>&1
check "it passes tests/e2e/demo.bats, $(grep -c '^ok' "$dir/demo") tests" "$(grep -qE '^1\.\.([3-9]|1[0-9])' "$dir/demo" || tail -n 5 "$dir/demo"
	grep -v '^ok\|^1\.\.' "$dir/demo")"
if [ "${CHECK:-}" = all ]; then
	for group in "${groups[@]}"; do
		check "without $group" "$(without "$dir/without-$group" "$group")"
	done
fi
check "a group that there is not is refused" "$(make WITHOUT=nothing 2>&1 | grep -q 'WITHOUT takes some of' || echo "it is not")"
finish
