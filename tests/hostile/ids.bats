#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Attacks on the ids of processes: forged limits, more combinations than are kept, storms, set-user-ID programs that change or
# die while they are executed.

bats_require_minimum_version 1.5.0
load hostile

setup() { hostile_setup ids limits setid; }

@test "limits that keep the ids are read, written and forged by all calls of both ABIs" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c limits
	attack "$T/bundle" d sh -c 'ulimit -S -c 0; limits'
}

@test "the same by a program for i386" {
	need_i386
	make_bundle "$T/bundle" "$T/rootfs"
	cp "$(compile limits32)" "$T/rootfs/bin/limits32"
	own "$T/rootfs/bin/limits32"
	attack "$T/bundle" c limits32
}

@test "the same where the one limit is finite, so that the other one is used" {
	make_bundle "$T/bundle" "$T/rootfs" '.process.rlimits = [{type: "RLIMIT_LOCKS", soft: 1000, hard: 1000}]'
	attack "$T/bundle" c ids work 2 5
	attack "$T/bundle" d sh -c 'ids storm && ids crowd'
}

@test "16 threads change the ids of their process at once, without a lock" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c ids storm
	still_serves
}

@test "40 processes of 9 threads change their ids by libc at once" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c ids crowd
}

@test "20 processes with children and grandchildren of other ids, while workers are killed" {
	while_workers_are_killed $((3 * TEST_SCALE)) 200 'ids work 20 10'
	still_serves
}

@test "a container goes through more combinations than there is room for; another one goes on" {
	make_bundle "$T/bundle" "$T/rootfs"
	make_bundle "$T/other" "$T/rootfs"
	# shellcheck disable=SC2034 # for lib.bash
	EXPECTED=no_room
	crun_start_bg "$T/other" other 'touch /waiting; until [ -e /go ]; do sleep 0.1; done; ids work 3 20'
	other=$CRUN_PID
	within 60 test -e "$T/rootfs/waiting"
	attack "$T/bundle" c ids exhaust 20000
	as_user touch "$T/rootfs/go"
	status=0
	wait "$other" || status=$?
	report other
	[ "$status" = 0 ]
	[ "$(grep -c 'credentials' "$T/daemon.log")" -le 1 ] || fail "$(cat "$T/daemon.log")"
	still_serves
}

@test "a set-user-ID program is exchanged for another one while it is executed" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c setid swap
}

@test "its set-user-ID bit comes and goes while it is executed" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c setid mode
}

@test "signals stop and kill what executes a set-user-ID program" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c setid signals
	still_serves
}
