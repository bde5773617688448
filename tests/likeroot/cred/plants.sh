#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The oracle sees each bug of fuzz/plants/cred.plants in cred.c, as TAP.
# shellcheck source=ci/tap.bash
. "$(dirname "${BASH_SOURCE[0]}")/../../../ci/tap.bash"

if [ "$(id -u)" != 0 ]; then
	skip "the oracle sees bugs in cred.c" "only root can have other ids"
	finish
	exit
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/subuidless-cred.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
objects=("$BUILD"/obj/tests/likeroot/cred/*.o)
fuzz/plant.sh "$work" cred >"$work/list" 2>"$work/log"
check "the bugs apply" "$(cat "$work/log")"

hunt() { # number: what is wrong, if anything is
	local program=$work/oracle-$1

	"$CC" -std=gnu11 -O1 -g -w -D_GNU_SOURCE -DPLANT="$1" -Isrc -pie -o "$program" "$work/cred/src/rule/cred.c" "${objects[@]}" >"$work/out" 2>&1 || {
		cat "$work/out"
		return
	}
	cp "$BUILD/tests/likeroot/cred/oracle.subject" "$program.subject"
	"$program" 40000 7 >"$work/out" 2>&1
	! grep -q '^1\.\.0' "$work/out" || return
	if ! grep -q '^# cred.c:' "$work/out" || ! grep -q '^not ok' "$work/out"; then
		echo "nobody saw it"
		tail -n 5 "$work/out"
	fi
}

mapfile -t plants < <(sed -n 's/^PLANTS += cred-//p' "$work/list")
for plant in "${plants[@]}"; do
	wrong=$(hunt "$plant")
	if grep -q '^1\.\.0' "$work/out" 2>/dev/null; then
		skip "the oracle sees bug $plant" "$(sed -n 's/^1\.\.0 # SKIP //p' "$work/out")"
		continue
	fi
	check "the oracle sees bug $plant: $(grep '^not ok' "$work/out" 2>/dev/null | head -n 1 | cut -d - -f 2-)" "$wrong"
done
finish
