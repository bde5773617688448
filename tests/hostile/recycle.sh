#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# For root, in a pid namespace of its own that has few numbers: a daemon, and a container that sees it and sends it signals.
set -eu
# shellcheck source=hostile.bash
. "$(dirname "$0")/hostile.bash"
exec 3>&1
hostile_setup race-task
trap 'status=$?; BATS_TEST_COMPLETED=1 lib_teardown || status=1; exit $status' EXIT
make_bundle "$T/bundle" "$T/rootfs" "$shared_pid"
crun_start_bg "$T/bundle" c 'chown 1:1 /tmp; until [ -s /worker ]; do sleep 0.1; done; read -r worker </worker; exec race-task recycled "$worker"'
within 60 some_worker
workers | as_user tee "$T/rootfs/worker" >/dev/null
echo 500 >/proc/sys/kernel/pid_max
status=0
wait "$CRUN_PID" || status=$?
echo 30000 >/proc/sys/kernel/pid_max
report c
[ "$status" = 0 ] || fail "exit status $status"
outside_is_untouched
still_serves
