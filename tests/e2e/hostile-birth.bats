#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# New files, of which no one sees that they were the kernel's first, and which are made once, whatever becomes of the worker.

bats_require_minimum_version 1.5.0
load ../hostile/hostile

setup() { hostile_setup race-birth births; }

@test "nobody sees a new file of a user's that is root's" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c race-birth /tmp
	still_serves
}

@test "workers are killed while users make files, at least 10 times: each is made once, and its user's" {
	make_bundle "$T/bundle" "$T/rootfs"
	# each round makes names of its own
	set_args "$T/bundle" sh -c 'for i in 1 2 3 4 5 6; do births 6 60 || exit 1; rm -rf /tmp/births.*; done'
	CRUN_TIMEOUT=300 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 3>&- &
	CRUN_PID=$!
	within 10 some_worker
	killed=0
	while ! is_gone "$CRUN_PID"; do
		sleep 0.1
		for worker in $(workers); do
			! kill -KILL "$worker" 2>/dev/null || killed=$((killed + 1))
		done
	done
	status=0
	wait "$CRUN_PID" || status=$?
	report c
	echo "# $killed workers were killed" >&3
	[ "$status" = 0 ]
	[ "$killed" -ge 10 ]
	outside_is_untouched
	still_serves
}
