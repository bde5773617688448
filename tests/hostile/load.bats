#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Many calls, many containers, many deaths: all are answered right, and nothing grows.

bats_require_minimum_version 1.5.0
load hostile

setup() { hostile_setup flood; }

# measure: descriptors and memory of broker and worker
measure() {
	local pid

	need_root "read the memory and descriptors of processes that are not dumpable"
	FILES=0 MEMORY=0
	for pid in "$DAEMON_PID" $(workers); do
		FILES=$((FILES + $(open_files_of "$pid")))
		MEMORY=$((MEMORY + $(memory_of "$pid")))
	done
}

# 20,000 in "make check-all"
@test "many notifications from 50 processes are answered right, and leave no descriptor and at most 512 KiB" {
	make_bundle "$T/bundle" "$T/rootfs"
	crun_start_bg "$T/bundle" c 'flood 50 10; touch /warm; until [ -e /go ]; do sleep 0.1; done; flood 50 '$((10 * TEST_SCALE))'; echo $?; touch /done; sleep 1000'
	within 60 test -e "$T/rootfs/warm"
	measure
	files=$FILES memory=$MEMORY
	as_user touch "$T/rootfs/go"
	within 200 test -e "$T/rootfs/done" || fail "$(cat "$T/c.out")"
	report c
	[ "$(tail -n 1 "$T/c.out")" = 0 ]
	measure
	echo "# descriptors $files -> $FILES, memory $memory -> $MEMORY KiB" >&3
	[ "$FILES" = "$files" ]
	for worker in $(workers); do
		[ "$(pidfds_of "$worker")" -le 128 ] || fail "$(pidfds_of "$worker") pidfds are kept"
	done
	[ "$MEMORY" -le $((memory + 512)) ]
	[ "$(counters | awk '$1 == "answer" { n += $3 } END { print n }')" -ge $((2000 + 2000 * TEST_SCALE)) ]
	outside_is_untouched
}

@test "workers are killed under 50 processes, at least 10 times, and every answer is right" {
	while_workers_are_killed $((10 * TEST_SCALE)) 1000 'flood 50 40'
	outside_is_untouched
	still_serves
}

# 30 in "make check-all"
@test "listeners of dead containers leave no process, no descriptor and at most 256 KiB" {
	make_bundle "$T/bundle" "$T/rootfs"
	for i in $(seq $((3 + 3 * TEST_SCALE))); do
		crun_start_bg "$T/bundle" "c$i" 'mkfifo /tmp/p$$; chown 1:1 /tmp/p$$; flood 4 100000'
		within 60 some_worker
		sleep 0.1
		crun_kill "c$i"
		within 60 no_worker
		if [ "$i" = 3 ]; then
			measure
			files=$FILES memory=$MEMORY
		fi
	done
	measure
	echo "# descriptors $files -> $FILES, memory $memory -> $MEMORY KiB" >&3
	[ "$FILES" = "$files" ]
	[ "$MEMORY" -le $((memory + 256)) ]
	still_serves
}
