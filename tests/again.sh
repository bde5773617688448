#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/again.sh FILE [TIMES]: does FILE, whatever tests/run.sh runs, fail by chance? Runs it TIMES times (20), two at a time, as different
# users (root only) in different directories, while two processes keep the processors busy. Prints the failed tests of each run, and at the end
# how many runs "N passed, N failed, N skipped"; fails if one did. AGAIN_HOGS, AGAIN_JOBS: other numbers of processes and of runs at a time.
set -u
file=${1:?FILE} times=${2:-20}
here=$(dirname "$(readlink -f "$0")")
first_id=${TEST_ID:-54321}
dir=$(mktemp -d "${TMPDIR:-/tmp}/subuidless-again.XXXXXX") || exit 1
chmod 755 "$dir"
hogs=()

end_hogs() { [ ${#hogs[@]} = 0 ] || kill "${hogs[@]}"; }

clean_up() {
	end_hogs 2>/dev/null
	rm -rf "$dir"
}
trap clean_up EXIT
# run.sh ends what it has started
trap 'for job in $(jobs -p); do pkill -P "$job"; done; exit 130' INT TERM

# one N: a run, which prints its last line and its failed tests with what they said; its exit status is left in $dir/N
one() {
	local out status=0

	mkdir -m 755 "$dir/$1.tmp"
	TEST_ID=$((first_id + $1)) TMPDIR=$dir/$1.tmp "$here/run.sh" "$file" </dev/null >"$dir/$1.out" 2>&1 || status=$?
	# what a test has bats print at once comes before its line
	out=$(awk '
		/^[0-9]+ passed, / { print "# run " n ": " $0; bad = 0 }
		/^(not )?ok([ \t]|$)/ { bad = /^not/; if (bad) printf "%s", before; before = "" }
		bad { print; next }
		/^#/ { before = before $0 "\n" }' n="$1" "$dir/$1.out")
	printf '%s\n' "$out"
	[ "$status" != 0 ] || ! grep -q '^0 passed, ' "$dir/$1.out" || status=skipped
	echo "$status" >"$dir/$1"
	rm -rf "$dir/$1.tmp"
}

for _ in $(seq "${AGAIN_HOGS:-2}"); do
	# ends with this script, even if that is killed
	setpriv --pdeathsig KILL sh -c 'while :; do :; done' &
	hogs+=($!)
done
passed=0 failed=0 skipped=0 running=0
for n in $(seq "$times"); do
	one "$n" &
	running=$((running + 1))
	if [ "$running" -ge "${AGAIN_JOBS:-2}" ]; then
		wait -n
		running=$((running - 1))
	fi
done
end_hogs
wait
for n in $(seq "$times"); do
	case $(cat "$dir/$n" 2>/dev/null) in
	0) passed=$((passed + 1)) ;;
	skipped) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
