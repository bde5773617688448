#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The bugs of fuzz/plants, as TAP: each target must find each of its own within a budget of runs from its corpus on, and at
# least one of them must stay unseen within the same budget when the target's checks mind nothing. As arguments: some targets only.
# FUZZ_RUNS and FUZZ_SEED are what is meant; they are fixed, so that what was found once is found again.
set -u
cd "$(dirname "$0")/.." || exit 1

runs=${FUZZ_RUNS:-100000}
seed=${FUZZ_SEED:-1}
build=${BUILD:-build}
deadline=120 # seconds, for machines on which the runs take for ever
tests=0 failures=0
read -ra targets <<<"${*:-$(make -s BUILD="$build" fuzz-targets)}"
mkdir -p "$build"
work=$(mktemp -d "$PWD/$build/fuzz-plants.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

report() { # name of the test, what is wrong: nothing when it passes
	tests=$((tests + 1))
	if [ -z "$2" ]; then
		echo "ok $tests - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	sed 's/^/# /' <<<"$2"
}

budget() { # plant: its runs
	local own

	own=$(sed -n "s/^plant ${1##*-} .* runs=\([0-9]*\).*/\1/p" "fuzz/plants/${1%%-*}.plants")
	echo "${own:-$runs}"
}

hunt() { # program's name
	local target=${1%%-*} dirs=("$work/$1/new") dict=()

	mkdir -p "$work/$1/new" "$work/$1/artifacts"
	for dir in "fuzz/corpus/$target" "fuzz/regress/$target"; do
		[ ! -d "$dir" ] || dirs+=("$dir")
	done
	[ ! -f "fuzz/$target.dict" ] || dict=(-dict="fuzz/$target.dict")
	"$build/fuzz/plant/$1" -seed="$seed" -runs="$(budget "${1%-blind}")" -max_total_time="$deadline" -timeout=20 \
		-rss_limit_mb=1024 -print_final_stats=1 "${dict[@]}" -artifact_prefix="$work/$1/artifacts/" "${dirs[@]}" \
		>"$work/$1/log" 2>&1
	echo $? >"$work/$1/status"
}

# what came of it, as "found|unseen|broken how"
outcome() { # program's name
	local log=$work/$1/log artifact executed

	artifact=$(find "$work/$1/artifacts" -type f | head -n 1)
	executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ -n "$artifact" ]; then
		artifact=${artifact##*/}
		if grep -q INITED "$log"; then
			echo "found ${artifact%%-*} after $executed runs"
		else
			echo "found ${artifact%%-*} by the corpus, after $executed runs"
		fi
	elif [ "$(cat "$work/$1/status")" = 0 ] && [ -n "$executed" ]; then
		echo "unseen in $executed runs"
	else
		echo "broken: it did not run: $(tail -n 3 "$log")"
	fi
}

# make knows the list, and fails for a bug that does not apply any more
make -s -k -j2 BUILD="$build" FUZZ_TARGETS="${targets[*]}" fuzz-plants >"$work/build.log" 2>&1 || sed 's/^/# /' "$work/build.log"
mapfile -t plants < <(sed -n 's/^PLANTS += //p' "$build/fuzz/plants.mk")
mapfile -t blind < <(sed -n 's/^BLIND_PLANTS += //p' "$build/fuzz/plants.mk")
for program in "${plants[@]}" "${blind[@]/%/-blind}"; do
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do
		wait -n
	done
	hunt "$program" &
done
wait
for plant in "${plants[@]}"; do
	result=$(outcome "$plant")
	why=$(awk -v n="${plant##*-}" '$1 == "plant" { on = $2 == n } $1 == "why" && on { print substr($0, 5) }' "fuzz/plants/${plant%%-*}.plants")
	report "$plant: ${result#found }" "$([[ $result == found* ]] || echo "$result"$'\n'"$why")"
done
for plant in "${blind[@]}"; do
	result=$(outcome "$plant-blind")
	report "$plant without the checks: $result" "$([[ $result == unseen* ]] || grep -m 5 -E 'ERROR|SUMMARY|runtime error|not so' "$work/$plant-blind/log")"
done
for target in "${targets[@]}"; do
	report "$target has three bugs planted or more, one of them for its checks alone" "$(
		[ "$(grep -c "^$target-" < <(printf '%s\n' "${plants[@]}"))" -ge 3 ] || echo "fewer than three in fuzz/plants/$target.plants"
		grep -q "^$target-" < <(printf '%s\n' "${blind[@]}") || echo "none is marked as blind"
	)"
done
echo "1..$tests"
[ "$failures" -eq 0 ]
