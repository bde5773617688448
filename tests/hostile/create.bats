#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# New files of a user that is not root, while others look at them, give them away, put something else in their place, or end the worker.

load hostile

setup() {
	hostile_setup create
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SETGID CAP_SETUID CAP_FOWNER)"
	as_user mkdir -m 777 "$T/rootfs/new"
}

# result FIELD: the number behind it in the last line
result() { tail -n 1 "$T/c.out" | sed -n "s/.*$1 \([0-9]*\).*/\1/p"; }

in_container() {
	set_args "$T/bundle" create /new "$@"
	CRUN_TIMEOUT=300 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 3>&-
	tail -n 3 "$T/c.out"
}

@test "nobody sees an owner that a new file never has" {
	in_container $((1200 * TEST_SCALE)) 100 watch
	echo "# $(tail -n 1 "$T/c.out")" >&3
	[ "$(result 'seen first')" -ge $((10 * TEST_SCALE)) ]
	same "0 0 0" "$(result 'wrong at first') $(result 'wrong at the end') $(result failed)"
}

@test "a file that is given away as soon as it is there stays given away" {
	in_container $((1200 * TEST_SCALE)) 100 chown
	echo "# $(tail -n 1 "$T/c.out")" >&3
	[ "$(result 'seen first')" -ge $((10 * TEST_SCALE)) ]
	same "0 0 0" "$(result 'wrong at first') $(result 'wrong at the end') $(result failed)"
}

@test "workers are killed while files are made: each is made once, and is its maker's" {
	set_args "$T/bundle" create /new 100000 250 count
	CRUN_TIMEOUT=300 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 3>&- &
	CRUN_PID=$!
	within 60 some_worker
	kill_workers $((10 * TEST_SCALE)) 10 40
	as_user touch "$T/rootfs/stop"
	wait "$CRUN_PID"
	tail -n 5 "$T/c.out"
	echo "# $killed workers were killed; $(tail -n 1 "$T/c.out")" >&3
	[ "$killed" -ge $((10 * TEST_SCALE)) ]
	[ "$(result made)" -ge $((10 * killed)) ]
	same "0 0" "$(result 'wrong at the end') $(result failed)"
}

# of the worker, but for pidfds, which it keeps some of
descriptors() { ls -l "/proc/$(workers)/fd" | grep -vc pidfd; }

# 10,000 in "make check-all"
@test "many new files leave the worker no descriptor" {
	set_args "$T/bundle" sh -c 'create /new 500 20 count; echo first >/ready; while [ ! -e /go ]; do sleep 0.1; done; rm -rf /new/*
		create /new '$((1000 * TEST_SCALE))' 200 count; echo second >/ready; sleep 600'
	CRUN_TIMEOUT=600 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 3>&- &
	CRUN_PID=$!
	within 60 grep -qs first "$T/rootfs/ready"
	before=$(descriptors)
	as_user touch "$T/rootfs/go"
	within 300 grep -qs second "$T/rootfs/ready"
	after=$(descriptors)
	echo "# $(tail -n 1 "$T/c.out"); descriptors $before -> $after" >&3
	same "$before" "$after"
	crun_kill c
}
