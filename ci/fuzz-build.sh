#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fuzz/build.sh does what OSS-Fuzz asks for, as TAP: each target is there with its seeds, and runs on them. As
# arguments: some targets only.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=fuzz/fuzz.bash
. fuzz/fuzz.bash

clang=${FUZZ_CLANG:-clang}
if ! command -v "$clang" >/dev/null; then
	skip "fuzz/build.sh" "there is no $clang"
	finish
	exit
fi
work=$(scratch fuzz-build) || exit 1
trap 'rm -rf "$work"' EXIT
mapfile -t names < <(targets "$@")
out=$work/out
CC=$clang CFLAGS="-O1 -gline-tables-only -fsanitize=address,fuzzer-no-link" LIB_FUZZING_ENGINE=-fsanitize=fuzzer OUT=$out \
	fuzz/build.sh >"$work/log" 2>&1
status=$?
check "fuzz/build.sh builds" "$([ "$status" = 0 ] || tail -n 20 "$work/log")"
for target in "${names[@]}"; do
	mkdir -p "$work/$target"
	python3 -m zipfile -e "$out/fuzz-${target}_seed_corpus.zip" "$work/$target" >"$work/log" 2>&1
	seeds=$(find "$work/$target" -type f | wc -l)
	"$out/fuzz-$target" -runs=$((seeds + 100)) -seed=1 -timeout=20 -max_total_time=20 -artifact_prefix="$work/" "$work/$target" \
		>"$work/log" 2>&1
	status=$?
	check "$target runs on $seeds seeds" "$([ "$status" = 0 ] || tail -n 20 "$work/log")$([ "$seeds" -gt 0 ] || echo none)"
done
finish
