#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The races of race.bats and create.bats with names and new files, where this machine's clock is ahead of the file systems', or behind.

bats_require_minimum_version 1.5.0
load hostile

setup() {
	hostile_setup create race-name race-make
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SETGID CAP_SETUID CAP_FOWNER)"
}

# ahead_by SECONDS: a new daemon, and an empty directory
ahead_by() {
	as_user rm -rf "$T/rootfs/new"
	as_user mkdir -m 777 "$T/rootfs/new"
	stop_daemon
	fake_clock "$1"
	start_daemon
}

# creates SECONDS COUNT LIMIT WHAT
creates() {
	ahead_by "$1"
	set_args "$T/bundle" create /new "$2" "$3" "$4"
	CRUN_TIMEOUT=300 crun run -b "$T/bundle" "c$1" </dev/null >"$T/c.out" 2>&1 3>&-
	echo "# our clock ahead by $1 s: $(tail -n 1 "$T/c.out")" >&3
	grep -q 'wrong at first 0, wrong at the end 0, failed 0$' "$T/c.out" || fail "$(tail -n 5 "$T/c.out")"
}

@test "nobody sees an owner that a new file never has" {
	for ahead in 3 -3; do
		creates "$ahead" $((300 * TEST_SCALE)) 100 watch
	done
}

@test "a file that is given away as soon as it is there stays given away" {
	for ahead in 3 -3; do
		creates "$ahead" $((300 * TEST_SCALE)) 100 chown
	done
}

# killed_while SECONDS COUNT LIMIT WHAT: create, whose worker is killed again and again
killed_while() {
	ahead_by "$1"
	rm -f "$T/rootfs/stop"
	set_args "$T/bundle" create /new "$2" "$3" "$4"
	CRUN_TIMEOUT=300 crun run -b "$T/bundle" "c$1" </dev/null >"$T/c.out" 2>&1 3>&- &
	CRUN_PID=$!
	within 60 some_worker || fail "no worker: $(cat "$T/c.out" "$T/daemon.log")"
	kill_workers $((3 * TEST_SCALE)) 10 40
	as_user touch "$T/rootfs/stop"
	wait "$CRUN_PID"
	echo "# our clock ahead by $1 s: $killed workers were killed; $(tail -n 1 "$T/c.out")" >&3
	[ "$killed" -ge $((3 * TEST_SCALE)) ]
	grep -q 'wrong at the end 0, failed 0$' "$T/c.out" || fail "$(tail -n 5 "$T/c.out")"
}

@test "workers are killed while files are made: each is made once, and is its maker's" {
	for ahead in 3 -3; do
		killed_while "$ahead" 100000 250 count
	done
}

@test "workers are killed while files are not made, for they are there: they stay root's" {
	for ahead in 0 3 -3; do
		killed_while "$ahead" 60 250 again
	done
}

@test "what is put in the place of a new object stays whose it is" {
	for ahead in 0 3 -3 -3600; do
		ahead_by "$ahead"
		attack "$T/bundle" "c$ahead" race-make /new
	done
}

@test "names are exchanged, and directories moved away from under a path" {
	for ahead in 3 -3; do
		ahead_by "$ahead"
		rm -rf "$T/rootfs/tmp"
		as_user mkdir -m 1777 "$T/rootfs/tmp"
		attack "$T/bundle" "c$ahead" race-name /tmp "$T/outside"
	done
}
