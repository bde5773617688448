#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two tests a fuzz target, as TAP: a short run of libFuzzer and one of AFL++, at the same time unless TEST_JOBS is 1, which leave the
# checkout as it is. FUZZ_SECONDS says how long, FUZZ_SEED repeats one. As arguments: some targets only.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=fuzz/fuzz.bash
. fuzz/fuzz.bash

[ "${CHECK-}" = all ] && seconds=${FUZZ_SECONDS:-8} || seconds=${FUZZ_SECONDS:-1}
afl_seconds=$(((seconds * 3 + 3) / 4))
seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
work=$(scratch fuzz-smoke) || exit 1
trap 'rm -rf "$work"' EXIT
mapfile -t names < <(targets "$@")
export AFL_FAST_CAL=1

libfuzzer() { # target, log
	local dictionary inputs

	mkdir -p "$work/$1/new" "$work/$1/artifacts"
	mapfile -t inputs < <(folders "$1")
	dictionary=$(dict "$1")
	# finds go to the first folder, so that the tracked ones stay as they are
	"$BUILD/fuzz/libfuzzer/fuzz-$1" -seed="$seed" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -max_len=9000 \
		${dictionary:+-dict="$dictionary"} -artifact_prefix="$work/$1/artifacts/" "$work/$1/new" "${inputs[@]}" >"$2" 2>&1 &&
		[ -z "$(ls -A "$work/$1/artifacts")" ]
}

afl() { # target, log
	local dictionary

	mkdir -p "$work/$1/seeds"
	dictionary=$(dict "$1")
	# some of the corpus, since it tries all of it first
	find "fuzz/corpus/$1" -type f | LC_ALL=C sort | awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' | sort -n | head -n 20 |
		cut -f 2- | xargs cp -t "$work/$1/seeds"
	afl-fuzz -V "$afl_seconds" -t 5000 -s "$seed" ${dictionary:+-x "$dictionary"} -i "$work/$1/seeds" \
		-o "$work/$1/afl" -- "$BUILD/fuzz/afl/fuzz-$1" >"$2" 2>&1 &&
		grep -q '^execs_done *: *[1-9]' "$work/$1/afl/default/fuzzer_stats" &&
		[ -z "$(find "$work/$1/afl/default/crashes" "$work/$1/afl/default/hangs" -name 'id*')" ]
}

failure() { # status, log
	[ "$1" -eq 0 ] || {
		echo "exit status $1"
		grep -v 'Fuzzing test case' "$2" | tail -n 40
	}
}

fuzz() { # target
	local status first= pid log=$work/$1.log

	libfuzzer "$1" "$log" &
	pid=$!
	if [ "${TEST_JOBS-}" = 1 ]; then
		wait "$pid"
		first=$?
	fi
	if have_afl; then
		afl "$1" "$log.afl"
		status=$?
	fi
	if [ -z "$first" ]; then
		wait "$pid"
		first=$?
	fi
	check "$1: libFuzzer, $seconds s, seed $seed, $(grep -o 'Done [0-9]* runs' "$log" || echo 'not done')" "$(failure "$first" "$log")"
	reproducers "$work/$1/artifacts"/*
	if ! have_afl; then
		skip "$1: AFL++" "afl-fuzz is not installed"
		return
	fi
	check "$1: AFL++, $afl_seconds s, seed $seed, $(sed -n 's/^execs_done *: *//p' "$work/$1/afl/default/fuzzer_stats") runs" \
		"$(failure "$status" "$log.afl")"
	reproducers "$work/$1/afl/default/crashes"/id* "$work/$1/afl/default/hangs"/id*
}

programs=("${names[@]/#/$BUILD/fuzz/libfuzzer/fuzz-}")
! have_afl || programs+=("${names[@]/#/$BUILD/fuzz/afl/fuzz-}")
make -s -k -j2 BUILD="$BUILD" "${programs[@]}" >"$work/build.log" 2>&1 || sed 's/^/# /' "$work/build.log"
for target in "${names[@]}"; do
	fuzz "$target"
done
finish
