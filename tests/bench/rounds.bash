# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a job takes in each of several columns, one after another, in rounds; with tests/lib.bash.
#	QUICK=1            one round, not three
#	WITH=COLUMN,...    some of the columns
#	DISK=1             in TMPDIR, not in memory: what a disk takes for the same thing can differ by a factor
# The script says what the job is. Each of these has a process of its own and gets COLUMN and a DIR that is the column's and new:
#	prepare            makes what the job needs; not measured
#	job                is measured
#	result             prints what came of it. What is not equal to that of the column "reference COLUMN" has not done the job

# rounds COLUMN...: into $T/figures, a line each: COLUMN, microseconds, milliseconds of processor time, "same", "differs" or "failed"
rounds() {
	local rounds=3 round column

	mkdir "$T/trees"
	[ -n "${DISK-}" ] || mount -t tmpfs -o mode=755 trees "$T/trees"
	[ -z "${QUICK-}" ] || rounds=1
	for ((round = 1; round <= rounds; round++)); do
		for column; do
			[ -z "${WITH-}" ] || [[ ",$WITH," == *",$column,"* ]] || continue
			one "$column"
		done
		echo "# round $round of $rounds" >&2
	done
}

one() { # column
	local dir=$T/trees/tree before begin end spent verdict=failed

	mkdir "$dir"
	own "$dir"
	(prepare "$1" "$dir") >"$T/$1.log" 2>&1
	# what was written before shall not be written meanwhile
	sync
	before=$(cpu)
	begin=$EPOCHREALTIME
	if (job "$1" "$dir") </dev/null >>"$T/$1.log" 2>&1; then
		verdict=same
	fi
	end=$EPOCHREALTIME
	spent=$(($(cpu) - before))
	if [ $verdict = same ]; then
		(result "$1" "$dir") >"$T/$1.result" 2>>"$T/$1.log" || verdict=failed
		cmp -s "$T/$1.result" "$T/$(reference "$1").result" || verdict=differs
	fi
	[ $verdict = same ] || echo "# $1 $verdict: $(tail -n 3 "$T/$1.log" | tr '\n' ' ')" >&2
	echo "$1 $((${end/./} - ${begin/./})) $spent $verdict" >>"$T/figures"
	rm -rf "$dir"
}

# the processor time, in ms, of all that this shell has waited for, and of what that has waited for
cpu() {
	awk '{ sub(/.*\) /, ""); print int(($14 + $15) * 1000 / hz) }' hz="$(getconf CLK_TCK)" "/proc/$$/stat"
}

# table TITLE [COLUMN:REFERENCE:LIMIT]...: the limits are of the medians of the rounds' ratios; without LIMIT there is only the ratio
table() {
	echo "load average $(cut -d ' ' -f 1 /proc/loadavg) at the end"
	python3 "$REPO/tests/bench/rounds.py" "$T/figures" "$@"
}

finish() {
	! mountpoint -q "$T/trees" || umount "$T/trees"
	lib_teardown >/dev/null 2>&1 || echo "# something of $T could not be removed"
}

begin() { # what needs root
	is_root || {
		echo "# $1: not measured, only root can make what it is compared with"
		exit 0
	}
	lib_setup
	trap finish EXIT
	trap 'exit 1' HUP INT TERM
}
