#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Replays what fuzzers have found so far, as TAP: each input of each target twice, in a build with plain $CC, in one with its address and
# undefined behaviour sanitizers, and with CHECK=all in one with clang's memory sanitizer. As arguments: some targets only.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=fuzz/fuzz.bash
. fuzz/fuzz.bash

work=$(scratch fuzz-replay) || exit 1
trap 'rm -rf "$work"' EXIT
mapfile -t names < <(targets "$@")
flavours=(plain sanitize)
[ "${CHECK-}" != all ] || flavours+=(memory)
clang=${FUZZ_CLANG:-clang}

unfit() { # flavour, target: why it cannot be
	[ "$1" = memory ] || return
	if ! command -v "$clang" >/dev/null; then
		echo "there is no $clang"
	elif grep -q . "$BUILD/fuzz/nanopb/flags" && [[ " $(make -s BUILD="$BUILD" "fuzz-libs-$2") " == *" -lprotobuf-nanopb "* ]]; then
		echo "nanopb's source could not be had, and its library does not tell the sanitizer what it writes"
	fi
}

programs=("${names[@]/#/$BUILD/fuzz/plain/fuzz-}" "${names[@]/#/$BUILD/fuzz/sanitize/fuzz-}")
[[ "${flavours[*]}" != *memory* ]] || ! command -v "$clang" >/dev/null || programs+=("${names[@]/#/$BUILD/fuzz/memory/fuzz-}")
make -s -k -j2 BUILD="$BUILD" "${programs[@]}" >"$work/build.log" 2>&1 || sed 's/^/# /' "$work/build.log"
for target in "${names[@]}"; do
	mapfile -t inputs < <(folders "$target")
	for flavour in "${flavours[@]}"; do
		why=$(unfit "$flavour" "$target")
		if [ -n "$why" ]; then
			skip "$target, $flavour" "$why"
			continue
		fi
		timeout -k 5 120 "$BUILD/fuzz/$flavour/fuzz-$target" "${inputs[@]}" >"$work/out" 2>"$work/log"
		status=$?
		result=$(tail -n 1 "$work/out")
		check "$target, $flavour: ${result:-no result}" "$([ "$status" = 0 ] || {
			echo "exit status $status"
			tail -n 40 "$work/log"
		})"
	done
done
finish
