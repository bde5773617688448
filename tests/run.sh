#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/run.sh PRODUCER...: runs unit tests, scripts that print TAP, and .bats files, two at a time (TEST_JOBS), the first ones first; a
# producer may have arguments, in the same word. Prints what each has printed as one piece when it has ended, and in the end
# "N passed, N failed, N skipped". Fails if a test or a producer did, or if nothing was tested.
#
# So that no two disturb each other, each has its own TMPDIR, which is removed, and its own ordinary user, TEST_ID, of whom no process may
# be left. What a producer does at once itself is up to TEST_JOBS, which is 1 for all of them while there are more than one.
set -u
limit=${TEST_TIMEOUT:-1800}
jobs=${TEST_JOBS:-$(nproc)}
first_id=${TEST_ID:-55000}
top=$(mktemp -d "${TMPDIR:-/tmp}/sl.XXXXXX") || exit 1
chmod 755 "$top"
trap 'rm -rf "$top"' EXIT
# timeout(1) passes it on to the producer and what that has started
trap 'kill $(cat "$top"/*/pid 2>/dev/null) 2>/dev/null; exit 130' INT TERM
[ $# = 1 ] || export TEST_JOBS=1

produce() { # producer
	local command

	read -ra command <<<"$1"
	echo "$BASHPID" >"${TMPDIR%/tmp}/pid"
	case $1 in
	*.bats) exec timeout -k 30 "$limit" bats --tap "$1" ;;
	*) CMOCKA_MESSAGE_OUTPUT=TAP exec timeout -k 30 "$limit" "$(readlink -f -- "${command[0]}")" "${command[@]:1}" ;;
	esac
}

left_over() { # uid
	ps -o pid=,stat=,args= -U "$1" | awk '$2 !~ /^Z/'
}

# Leaves what producer $1, the $2nd, printed in out, and its end in status.
run() {
	local dir=$top/$2 status=0 start=$SECONDS left

	mkdir -m 1777 "$dir" "$dir/tmp"
	(TMPDIR=$dir/tmp TEST_ID=$((first_id + 10 * $2)) produce "$1") </dev/null >"$dir/out" 2>&1 || status=$?
	# what is about to end may do so
	for _ in {1..50}; do
		left=$(left_over $((first_id + 10 * $2)))
		[ -n "$left" ] || break
		sleep 0.1
	done
	if [ "$(id -u)" = 0 ] && [ -n "$left" ]; then
		sed 's/^/# left behind: /' <<<"$left" >>"$dir/out"
		awk '{ print $1 }' <<<"$left" | xargs -r kill -KILL
		[ "$status" != 0 ] || status=left
	fi
	rm -rf "$dir/tmp" "$dir/pid" 2>>"$dir/out"
	echo "$status $((SECONDS - start))" >"$dir/status"
}

# PASSED FAILED SKIPPED PLANNED of one producer; -1: no plan. There may be several plans, one for each cmocka group.
count() { # file
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
		END { print passed + 0, failed + 0, skipped + 0, planned }' "$1"
}

passed=0 failed=0 skipped=0
# Prints and counts what the $2nd producer, $1, has left.
take() {
	local dir=$top/$2 status seconds p f s planned ran why=

	read -r status seconds <"$dir/status"
	echo "# $1, $seconds s"
	cat "$dir/out"
	read -r p f s planned < <(count "$dir/out")
	ran=$((p + f + s))
	if [ "$status" = 124 ] || [ "$status" = 137 ]; then
		why="was ended after $limit s"
	elif [ "$planned" -lt 0 ]; then
		why="printed no plan, exit status $status"
	elif [ "$ran" -ne "$planned" ]; then
		why="ran $ran of $planned tests, exit status $status"
	elif [ "$status" = left ]; then
		why="left processes behind"
	elif [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		why="exit status $status, though no test failed"
	fi
	if [ -n "$why" ]; then
		echo "not ok - $1 $why"
		f=$((f + 1))
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" = 0 ] || failures+=("$1: $f failed")
	mv "$dir/status" "$dir/taken"
}

producers=("$@") failures=()
take_ended() {
	local i

	for ((i = 0; i < next; i++)); do
		[ ! -e "$top/$i/status" ] || take "${producers[i]}" "$i"
	done
}

for ((next = 0; next < $#; next++)); do
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
	take_ended
	run "${producers[next]}" "$next" &
done
while [ -n "$(jobs -rp)" ]; do
	wait -n
	take_ended
done
take_ended
if [ $((passed + failed)) -eq 0 ]; then
	echo "not ok - no test ran"
	failed=1
fi
[ ${#failures[@]} = 0 ] || printf '# %s\n' "${failures[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
