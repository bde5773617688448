#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/run.sh PRODUCER...: runs unit tests, scripts that print TAP, and .bats files; streams what they print and ends with
# "N passed, N failed, N skipped". Fails if a test or a producer did, or if nothing was tested.
set -u
limit=${TEST_TIMEOUT:-1800}
log=$(mktemp "${TMPDIR:-/tmp}/subuidless-tap.XXXXXX") || exit 1
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0

produce() {
	case $1 in
	*.bats) timeout -k 30 "$limit" bats --tap "$1" ;;
	*) CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 30 "$limit" "$(readlink -f -- "$1")" ;;
	esac
}

# PASSED FAILED SKIPPED PLANNED of one producer; -1: no plan. There may be several plans, one for each cmocka group.
count() {
	awk '
		BEGIN { planned = -1 }
		/^1\.\.[0-9]+/ {
			n = substr($1, 4) + 0
			planned = (planned < 0 ? 0 : planned) + n
			if (n == 0 && toupper($0) ~ /# *SKIP/) { skipped++; planned++ }
		}
		/^(not )?ok([ \t]|$)/ && toupper($0) ~ /[ \t]# *SKIP/ { skipped++; next }
		/^ok([ \t]|$)/ { passed++ }
		/^not ok([ \t]|$)/ || /^Bail out!/ { failed++ }
		END { print passed + 0, failed + 0, skipped + 0, planned }' "$log"
}

for producer; do
	echo "# $producer"
	produce "$producer" </dev/null | tee "$log"
	status=${PIPESTATUS[0]}
	read -r p f s planned < <(count)
	ran=$((p + f + s))
	why=
	if [ "$status" -eq 124 ]; then
		why="was ended after $limit s"
	elif [ "$planned" -lt 0 ]; then
		why="printed no plan, exit status $status"
	elif [ "$ran" -ne "$planned" ]; then
		why="ran $ran of $planned tests, exit status $status"
	elif [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		why="exit status $status, though no test failed"
	fi
	if [ -n "$why" ]; then
		echo "not ok - $producer $why"
		f=$((f + 1))
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
if [ $((passed + failed)) -eq 0 ]; then
	echo "not ok - no test ran"
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
