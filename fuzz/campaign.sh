#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fuzz/campaign.sh TARGET SECONDS: libFuzzer and AFL++ side by side, each on a core, for that long; then what they found that
# is new is merged into fuzz/corpus/TARGET, and a line for each goes into fuzz/CAMPAIGN.tsv. Inputs that make the target fail
# stop nothing: they go to fuzz/regress/TARGET, and the exit status is 1. Campaigns of several targets may run at once.
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
# shellcheck source=fuzz/fuzz.bash
. fuzz/fuzz.bash

all=$(make -s BUILD="$BUILD" fuzz-targets)
[[ $# == 2 && " $all " == *" $1 "* && $2 =~ ^[1-9][0-9]*$ ]] || {
	echo "usage: fuzz/campaign.sh TARGET SECONDS, and the targets are: $all" >&2
	exit 2
}
target=$1 seconds=$2
most_files=2000 most_bytes=1000000 # of a corpus
most_regress=5
ledger=fuzz/CAMPAIGN.tsv
work=$(scratch "campaign-$target") || exit 1
exec 9>"$BUILD/campaign-$target.lock"
flock -n 9 || {
	echo "campaign.sh: another one of $target is running" >&2
	rmdir "$work"
	exit 2
}
# only what is still running is ended, and only what was started here
trap 'kill $(jobs -rp) 2>/dev/null; exit 130' INT TERM
mkdir -p "$work/new" "$work/artifacts" "$work/merged"

commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain -- src proto 'fuzz/*.[ch]' fuzz/fuzz.mk 2>/dev/null)" ] || commit+=+
programs=("$BUILD/fuzz/libfuzzer/fuzz-$target")
! have_afl || programs+=("$BUILD/fuzz/afl/fuzz-$target")
make -s BUILD="$BUILD" "${programs[@]}" || exit 1
program=$(realpath "${programs[0]}")
mapfile -t inputs < <(folders "$target")
dictionary=$(dict "$target")
limits=(-timeout=20 -rss_limit_mb=2048 -max_len=9000)

# Inputs that fail already would stop each run at its start: without them then.
leave_out_failures() {
	local folder file

	"$program" -runs=0 "${limits[@]}" -artifact_prefix="$work/" "${inputs[@]}" >"$work/start.log" 2>&1 && return
	mkdir -p "$work/seeds"
	for folder in "${inputs[@]}"; do
		for file in "$folder"/*; do
			if "$program" "${limits[@]}" -artifact_prefix="$work/" "$file" >"$work/failure.log" 2>&1; then
				cp "$file" "$work/seeds/"
			else
				echo "campaign.sh: $target fails with $file already" >&2
			fi
		done
	done
	inputs=("$work/seeds")
	status=1
}

libfuzzer() { # until the time is over, again after each failure
	local end=$((SECONDS + seconds)) restarts=0 log

	while [ $((end - SECONDS)) -gt 0 ]; do
		restarts=$((restarts + 1))
		log=$work/libfuzzer-$restarts.log
		"$program" -max_total_time=$((end - SECONDS)) "${limits[@]}" -print_final_stats=1 ${dictionary:+-dict="$dictionary"} \
			-artifact_prefix="$work/artifacts/" "$work/new" "${inputs[@]}" >"$log" 2>&1 && break
		sleep 1
	done
}

afl() {
	AFL_IGNORE_SEED_PROBLEMS=1 afl-fuzz -M main -V "$seconds" -t 5000 ${dictionary:+-x "$dictionary"} -F "$work/new" \
		-i "fuzz/corpus/$target" -o "$work/afl" -- "${programs[1]}" >"$work/afl.log" 2>&1
}

edges() { # folders: how many edges their files reach
	"$program" -runs=0 "${limits[@]}" -artifact_prefix="$work/" "$@" 2>&1 | sed -n 's/.* cov: \([0-9]*\) .*/\1/p' | tail -n 1
}

by_hand() { # folder: the inputs whose names are no hashes
	find "$1" -type f -printf '%P\n' | grep -vE '^([0-9a-f]{40})$'
}

# Inputs that still fail by themselves, the smallest of them, go to the tracked folder.
keep_failures() {
	local name file

	failures=$(find "$work/artifacts" "$work/afl/main/crashes" "$work/afl/main/hangs" -type f ! -name README.txt -printf '%s %p\n' \
		2>/dev/null | sort -n | cut -d ' ' -f 2-)
	finds=0
	while read -r file; do
		[ -n "$file" ] || continue
		! "$program" "${limits[@]}" -artifact_prefix="$work/" "$file" >"$work/failure.log" 2>&1 || continue
		finds=$((finds + 1))
		[ "$finds" -le "$most_regress" ] || continue
		name=$(sha1sum "$file" | cut -c 1-40)
		mkdir -p "fuzz/regress/$target"
		cp "$file" "fuzz/regress/$target/$name"
		echo "campaign.sh: $target fails with fuzz/regress/$target/$name: $(grep -m 1 -E 'not so|ERROR: ' "$work/failure.log")" >&2
	done <<<"$failures"
}

fails_in() { # program, files or folders
	! "$1" -runs=0 "${limits[@]}" -artifact_prefix="$work/" "${@:2}" >"$work/failure.log" 2>&1
}

# An input that shows a mutant may reach nothing else that others do not: it gets a name then, with which it stays.
keep_for_mutants() { # old corpus
	local name broken file dir=$work/mutants

	tests/mutants/run.py --write "$dir" "fuzz $target" >"$work/mutants.list" || return
	while read -r name broken; do
		make -s BUILD="$BUILD" mutant-fuzz MUTANT="$dir/$name" MUTANT_FILE="$broken" TARGET="$target" || continue
		! fails_in "$dir/$name/fuzz" "$work/merged" "${inputs[@]:1}" || continue
		while read -r file; do
			fails_in "$dir/$name/fuzz" "$file" || continue
			cp "$file" "$work/merged/mutant-$name"
			break
		done < <(find "$1" -type f -printf '%s %p\n' | sort -n | cut -d ' ' -f 2-)
	done <"$work/mutants.list"
}

# The tracked corpus is replaced by one that reaches as much or more with few and small inputs.
merge() {
	local before after file old=fuzz/corpus/$target

	before=$(edges "${inputs[@]}")
	while read -r file; do
		[ -z "$file" ] || cp "$old/$file" "$work/merged/$file"
	done < <(by_hand "$old")
	"$program" -merge=1 "${limits[@]}" -artifact_prefix="$work/" "$work/merged" "${inputs[@]}" "$work/new" \
		"$([ -d "$work/afl/main/queue" ] && echo "$work/afl/main/queue" || echo "$work/new")" >"$work/merge.log" 2>&1
	# the largest ones go first, which may cost edges, and then nothing of this is taken
	find "$work/merged" -type f -printf '%s %f\n' | sort -n | awk -v files="$most_files" -v bytes="$most_bytes" '
		{ hash = $2 ~ /^[0-9a-f]+$/ && length($2) == 40 }
		!hash { files--; bytes -= $1; next }
		{ size[++n] = $1; name[n] = $2 }
		END { for (i = 1; i <= n; i++) { bytes -= size[i]; if (i > files || bytes < 0) print name[i] } }' |
		(cd "$work/merged" && xargs -r rm -f)
	keep_for_mutants "$old"
	after=$(edges "$work/merged" "${inputs[@]:1}")
	if [ -z "$before" ] || [ -z "$after" ] || [ "$after" -lt "$before" ]; then
		echo "campaign.sh: $target: the corpus stays as it is: it reaches ${before:-no} edges, the merged one ${after:-none}" >&2
		status=1
		merged=$before
		return
	fi
	merged=$after
	(cd "$old" && find . -type f -printf '%P\n') | while read -r file; do
		[ -e "$work/merged/$file" ] || rm -f "$old/$file"
	done
	cp "$work/merged"/* "$old/"
	echo "campaign.sh: $target: $before edges before, $after after, $(find "$old" -type f | wc -l) inputs"
}

cpu() { # what time said at the end of this file
	awk 'NF == 2 { cpu = $1 + $2 } END { printf "%.0f", cpu }' "$1"
}

record() { # engine, executions
	local line

	printf -v line '%s\t' "$(date -u +%Y-%m-%dT%H:%MZ)" "$commit" "$target" "$1" "$wall" "$(cpu "$work/$1.time")" "$2" "$merged" \
		"$(find "fuzz/corpus/$target" -type f | wc -l)"
	# shellcheck disable=SC2016 # the inner shell expands them
	flock "$ledger" sh -c 'printf "%s\n" "$1" >>"$2"' sh "$line$finds" "$ledger"
}

status=0 merged=0
leave_out_failures
TIMEFORMAT='%U %S'
start=$SECONDS
{ time libfuzzer; } 2>"$work/libfuzzer.time" &
if have_afl; then
	{ time afl; } 2>"$work/afl.time" &
else
	echo "campaign.sh: $target: without AFL++, which is not installed" >&2
fi
wait
wall=$((SECONDS - start))
keep_failures
merge
[ "$finds" -eq 0 ] || status=1
record libfuzzer "$(cat "$work"/libfuzzer-*.log | awk '/^stat::number_of_executed_units/ { n += $2 } END { printf "%.0f", n }')"
if have_afl; then
	executions=$(sed -n 's/^execs_done *: *//p' "$work/afl/main/fuzzer_stats" 2>/dev/null)
	[ -n "$executions" ] || {
		tail -n 20 "$work/afl.log" >&2
		status=1
	}
	record afl "${executions:-0}"
fi
if [ "$status" -eq 0 ]; then
	rm -rf "$work"
else
	echo "campaign.sh: $target: the logs are in $work" >&2
fi
exit "$status"
