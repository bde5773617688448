#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Three tests a fuzz target, as TAP: its corpus replayed by a plain build, a short run of libFuzzer, one of AFL++.
# FUZZ_SECONDS makes the runs longer, FUZZ_SEED repeats one.
set -u
cd "$(dirname "$0")/.." || exit 1

targets=(payload decode owner)
seconds=${FUZZ_SECONDS:-8}
seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
build=${BUILD:-build}
mkdir -p "$build"
work=$(mktemp -d "$PWD/$build/fuzz-smoke.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
tests=0 failures=0

report() { # name of the test, its status, its log
	tests=$((tests + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $tests - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	grep -v 'Fuzzing test case' "$3" | tail -n 40 | sed 's/^/# /'
}

reproducers() { # files that made a target fail: the first few
	for file in "${@:1:3}"; do
		[ ! -f "$file" ] || echo "# reproducer ${file##*/} in base64: $(base64 -w 0 "$file")"
	done
}

libfuzzer() { # target, log
	local dirs=("$work/$1/new" "fuzz/corpus/$1") # finds go to the first, so that the tracked one stays as it is

	[ ! -d "fuzz/regress/$1" ] || dirs+=("fuzz/regress/$1")
	mkdir -p "$work/$1/new" "$work/$1/artifacts"
	"$build/fuzz/fuzz-$1" -seed="$seed" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=9000 \
		-dict="fuzz/$1.dict" -artifact_prefix="$work/$1/artifacts/" "${dirs[@]}" >"$2" 2>&1 &&
		[ -z "$(ls -A "$work/$1/artifacts")" ]
}

afl() { # target, log
	mkdir -p "$work/$1"
	AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_NO_COLOR=1 \
		AFL_FAST_CAL=1 afl-fuzz -V $((seconds * 3 / 4)) -s "$seed" -x "fuzz/$1.dict" -i "fuzz/corpus/$1" \
		-o "$work/$1/afl" -- "$build/fuzz/afl-$1" >"$2" 2>&1 &&
		grep -q '^execs_done *: *[1-9]' "$work/$1/afl/default/fuzzer_stats" &&
		[ -z "$(find "$work/$1/afl/default/crashes" -name 'id*')" ]
}

have_afl() {
	command -v afl-fuzz && command -v afl-clang-fast
} >/dev/null

fuzz() { # target
	local status first pid runs

	libfuzzer "$1" "$work/libfuzzer-$1.log" &
	pid=$!
	if have_afl; then
		afl "$1" "$work/afl-$1.log"
		status=$?
	fi
	wait "$pid"
	first=$?
	runs=$(grep -o 'Done [0-9]* runs' "$work/libfuzzer-$1.log")
	report "$1: libFuzzer, $seconds s, seed $seed, ${runs:-not done}" "$first" "$work/libfuzzer-$1.log"
	reproducers "$work/$1/artifacts"/*
	if ! have_afl; then
		tests=$((tests + 1))
		echo "ok $tests - $1: AFL++ # SKIP afl-fuzz is not installed"
		return
	fi
	report "$1: AFL++, $((seconds * 3 / 4)) s" "$status" "$work/afl-$1.log"
	reproducers "$work/$1/afl/default/crashes"/id*
}

echo "1..$((3 * ${#targets[@]}))"
goals=(fuzz-build)
! have_afl || goals+=(fuzz-afl)
make -s -k -j2 BUILD="$build" "${goals[@]}" >"$work/build.log" 2>&1 || sed 's/^/# /' "$work/build.log"
for target in "${targets[@]}"; do
	make -s BUILD="$build" "fuzz-replay-$target" >"$work/replay.log" 2>&1
	status=$?
	report "$target: $(grep -o '[0-9]* passed, [0-9]* failed' "$work/replay.log" || echo replay)" "$status" "$work/replay.log"
	fuzz "$target"
done
[ "$failures" -eq 0 ]
