#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # the daemon needs no options
# What a container costs its neighbour that changes the owner of a symlink a million times (100,000 among other benches, 30,000 with QUICK), and makes
# and removes as many that are not root's; and how large the owner store's file becomes. As a measure of what the processor alone makes of it, the same is done by a process
# that the kernel alone serves, in turns with the container.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib.bash
. tests/lib.bash
wanted=100000
[ "${BENCH-}" != neighbour ] || wanted=1000000
[ -z "${QUICK-}" ] || wanted=30000

is_root || {
	echo "# neighbour: not measured, only root can do without a daemon what it is compared with"
	exit 0
}

clean_up() {
	kill "${native-}" 2>/dev/null || :
	lib_teardown >/dev/null 2>&1 || echo "# something of $T could not be removed"
}

lib_setup
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
busybox_rootfs "$T/rootfs"
cp "${BUILD:-build}/tests/bench/neighbour" "$T/rootfs/bin/"
truncate -s 4096 "$T/shared"
touch "$T/rootfs/shared"
mkdir "$T/native"
own "$T/rootfs" "$T/shared"
cp -a "$T/rootfs" "$T/rootfs2"
start_daemon
# the store, in the file that it has while this is measured
records=$T/home/.local/state/subuidless/records
largest() {
	local size=0 now

	while :; do
		now=$(stat -c %s "$records" 2>/dev/null || echo 0)
		[ "$now" -le "$size" ] || size=$now
		echo "$size" >"$T/largest"
		sleep 0.2
	done
}

begin() { # bundle, root, name, words of the command
	make_bundle "$T/$1" "$2" ".mounts += [{destination: \"/shared\", type: \"bind\", source: \"$T/shared\", options: [\"bind\", \"rw\"]}]"
	set_args "$T/$1" neighbour "${@:4}"
	CRUN_TIMEOUT=3600 crun run -b "$T/$1" "$3" </dev/null >"$T/$3.out" 2>&1 &
}

begin churn "$T/rootfs" churn churn /shared /tmp 1
"$T/rootfs/bin/neighbour" churn "$T/shared" "$T/native" 2 >"$T/native.out" 2>&1 &
native=$!
largest &
sizes=$!
begin quiet "$T/rootfs2" quiet quiet /shared /tmp "$wanted"
status=0
wait $! || status=$?
kill "$sizes"
grep -v '^#' "$T/quiet.out" | awk -F '\t' '
	BEGIN {
		print "beside a container that has its owners changed, and makes objects; in parentheses beside the same by the kernel alone:"
		print "times as long as alone: the median, and the 99th of 100"
		printf "%-22s %8s %8s  %-30s %-30s\n", "call", "alone us", "99th us", "owners changed", "objects made and removed"
	}
	{ printf "%-22s %8s %8s  %5s (%5s), 99th %5s (%5s)  %5s (%5s), 99th %5s (%5s)\n", $1, $10, $11, $2, $6, $3, $7, $4, $8, $5, $9 }'
grep '^#' "$T/quiet.out" | sed 's/^# //'
cat "$T/churn.out" "$T/native.out"
counters | awk '$3 > 0 && $1 == "errno"'
echo "the file of the owner store: $(cat "$T/largest") bytes at most, $(stat -c %s "$records") at the end"
[ "$status" = 0 ] || { cat "$T/quiet.out" && echo "calls of the quiet one failed"; }
