#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The bugs of fuzz/plants, as TAP: each target must find each of its own within a budget of runs from its corpus on, and at
# least one of them must stay unseen within the same budget when the target's checks mind nothing. As arguments: some targets only.
# FUZZ_RUNS and FUZZ_SEED say what is meant; the seed is fixed, so that what was found once is found again.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=fuzz/fuzz.bash
. fuzz/fuzz.bash

runs=${FUZZ_RUNS:-20000}
seed=${FUZZ_SEED:-1}
deadline=10 # seconds, which bounds the runs of slow targets
work=$(scratch fuzz-plants) || exit 1
trap 'rm -rf "$work"' EXIT
mapfile -t names < <(targets "$@")

budget() { # plant: its runs
	local own

	own=$(sed -n "s/^plant ${1##*-} .* runs=\([0-9]*\).*/\1/p" "fuzz/plants/${1%%-*}.plants")
	echo "${own:-$runs}"
}

hunt() { # program's name
	local target=${1%%-*} dictionary inputs

	mkdir -p "$work/$1/new" "$work/$1/artifacts"
	mapfile -t inputs < <(folders "$target")
	dictionary=$(dict "$target")
	"$BUILD/fuzz/plant/$1" -seed="$seed" -runs="$(budget "${1%-blind}")" -max_total_time="$deadline" -timeout=20 \
		-rss_limit_mb=1024 -print_final_stats=1 ${dictionary:+-dict="$dictionary"} \
		-artifact_prefix="$work/$1/artifacts/" "$work/$1/new" "${inputs[@]}" >"$work/$1/log" 2>&1
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

# this fails for a bug that does not apply any more
make -s BUILD="$BUILD" "$BUILD/fuzz/plants.mk" >"$work/build.log" 2>&1 || sed 's/^/# /' "$work/build.log"
listed() { # PLANTS or BLIND_PLANTS: the ones of our targets
	local target

	for target in "${names[@]}"; do
		sed -n "s/^$1 += \($target-.*\)/\1/p" "$BUILD/fuzz/plants.mk"
	done
}
mapfile -t plants < <(listed PLANTS)
mapfile -t blind < <(listed BLIND_PLANTS)
programs=("${plants[@]}" "${blind[@]/%/-blind}")
make -s -k -j2 BUILD="$BUILD" "${programs[@]/#/$BUILD/fuzz/plant/}" >"$work/build.log" 2>&1 || sed 's/^/# /' "$work/build.log"
for program in "${programs[@]}"; do
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do
		wait -n
	done
	hunt "$program" &
done
wait
for plant in "${plants[@]}"; do
	result=$(outcome "$plant")
	why=$(awk -v n="${plant##*-}" '$1 == "plant" { on = $2 == n } $1 == "why" && on { print substr($0, 5) }' "fuzz/plants/${plant%%-*}.plants")
	check "$plant: ${result#found }" "$([[ $result == found* ]] || echo "$result"$'\n'"$why")"
done
for plant in "${blind[@]}"; do
	result=$(outcome "$plant-blind")
	check "$plant without the checks: $result" "$([[ $result == unseen* ]] || grep -m 5 -E 'ERROR|SUMMARY|runtime error|not so' "$work/$plant-blind/log")"
done
for target in "${names[@]}"; do
	check "$target has three bugs planted or more, one of them for its checks alone" "$(
		[ "$(grep -c "^$target-" < <(printf '%s\n' "${plants[@]}"))" -ge 3 ] || echo "fewer than three in fuzz/plants/$target.plants"
		grep -q "^$target-" < <(printf '%s\n' "${blind[@]}") || echo "none is marked as blind"
	)"
done
finish
