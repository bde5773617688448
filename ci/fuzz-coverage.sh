#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the corpora alone reach, as TAP and with a table: all lines and 95 of 100 branches of each file of the pure layers. What
# fuzz/excuses.tsv names is not counted, but has to be unreached still. As arguments: some targets only.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=fuzz/fuzz.bash
. fuzz/fuzz.bash

least=95 # of 100 branches
excuses=fuzz/excuses.tsv
clang=${FUZZ_CLANG:-clang}
suffix=$("$clang" -dumpversion 2>/dev/null)
suffix=-${suffix%%.*}
command -v "llvm-cov$suffix" >/dev/null || suffix=
for tool in "$clang" "llvm-cov$suffix" "llvm-profdata$suffix" python3; do
	command -v "$tool" >/dev/null || missing+=" $tool"
done
if [ -n "${missing-}" ]; then
	skip "coverage of the pure layers" "missing:$missing"
	finish
	exit
fi
work=$(scratch fuzz-coverage) || exit 1
trap 'rm -rf "$work"' EXIT
mapfile -t names < <(targets "$@")
programs=("${names[@]/#/$BUILD/fuzz/coverage/fuzz-}")
make -s -k -j2 BUILD="$BUILD" "${programs[@]}" >"$work/build.log" 2>&1 || sed 's/^/# /' "$work/build.log"
failed=
for target in "${names[@]}"; do
	mapfile -t inputs < <(folders "$target")
	LLVM_PROFILE_FILE=$work/$target.profraw "$BUILD/fuzz/coverage/fuzz-$target" "${inputs[@]}" >"$work/$target.log" 2>&1 ||
		failed+="$target: $(tail -n 1 "$work/$target.log")"$'\n'
done
check "all inputs of ${#names[@]} targets were replayed" "$failed"
"llvm-profdata$suffix" merge -sparse "$work"/*.profraw -o "$work/profile" || exit 1
for program in "${programs[@]}"; do
	[ ! -x "$program" ] || objects+=(-object "$program")
done
"llvm-cov$suffix" export -format=lcov "${objects[@]:1}" -instr-profile="$work/profile" src/decode src/rule src/reply >"$work/lcov" 2>"$work/llvm.log" || exit 1
fuzz/coverage.py "$work/lcov" "$excuses" "$least" src/decode/*.c src/rule/*.c src/reply/*.c >"$work/result"
while IFS=$'\t' read -r kind name text; do
	case $kind in
	row) printf '# %-24s %s\n' "$name" "$text" ;;
	*) check "$name" "${text//|/$'\n'}" ;;
	esac
done <"$work/result"
[ -s "$work/result" ] || check "coverage was read" "fuzz/coverage.py printed nothing"
finish
