# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2012,SC2034 # descriptors have plain names; some variables are for the files that load this one
# What the .bats files of the hostile suite load: the programs, static and so for any root, and something outside to attack.

# shellcheck source=../lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
HOSTILE=$TESTS/hostile
HOSTILE_BUILD=$REPO/build/hostile
# for race_start() and the like
BUNDLE_FILTER=".process.env += [\"TEST_SCALE=$TEST_SCALE\"]"

shared_pid='.linux.namespaces |= map(select(.type != "pid")) |
	.mounts |= map(if .destination == "/proc" then {destination: "/proc", type: "none", source: "/proc", options: ["rbind"]} else . end)'
bound_proc='.mounts += [{destination: "/tmp/p", type: "bind", source: "/proc", options: ["rbind"]}]'

# capable CAP_NAME...: a jq filter
capable() {
	local list

	list=$(printf ',"%s"' "$@")
	echo ".process.capabilities |= map_values(. + [${list:1}])"
}

# compile NAME[32]: the path of the program, NAME32 of the same for i386
compile() {
	local program=$HOSTILE_BUILD/$1 source=$HOSTILE/${1%32}.c abi=()

	# without gcc-multilib, nothing else leads a compiler for i386 to asm/
	[ "$1" = "${1%32}" ] || abi=(-m32 -isystem /usr/include/x86_64-linux-gnu)

	mkdir -p "$HOSTILE_BUILD"
	if [ ! -e "$program" ] || [ -n "$(find "$HOSTILE" -name '*.[ch]' -newer "$program")" ]; then
		gcc -std=gnu11 -O1 -g "${abi[@]}" -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror -static -no-pie -fno-pie \
			-o "$program.$$" "$source" "$HOSTILE/hostile.c" -lpthread >&2 && mv "$program.$$" "$program" || return 1
	fi
	echo "$program"
}

# hostile_setup NAME...: the daemon, a root with these programs, and outside/ with an override that nobody may see or change
hostile_setup() {
	local name

	lib_setup
	busybox_rootfs "$T/rootfs"
	for name; do
		cp "$(compile "$name")" "$T/rootfs/bin/$name"
	done
	own "$T/rootfs/bin"
	mkdir -p "$T/outside/dir"
	echo secret >"$T/outside/victim"
	echo secret >"$T/outside/dir/victim"
	own "$T/outside"
	as_user setfattr -n user.rootlesscontainers -v 0x089221109221 "$T/outside/victim" "$T/outside/dir/victim"
	as_user setfattr -n user.secret -v secret "$T/outside/victim"
	start_daemon
	look_outside >"$T/outside.before"
}

# Everything about what is outside that a call of ours might change; times of change tell even of a change to the same owner. But for the
# journal of the owner store, to which containers' owners are appended.
look_outside() {
	find "$T/outside" "$T/home" "$T/subuidless" ! -path "$T/home/.local/state/subuidless/records" -printf '%p %y %m %U %G %s %C@\n' | LC_ALL=C sort
	getfattr -h -R -d -m - "$T/outside" "$T/home" "$T/subuidless" 2>&1
}

outside_is_untouched() { same "$(cat "$T/outside.before")" "$(look_outside)"; }

# attack BUNDLE NAME CMD...: in a container; prints what it says, and fails if it does or if anything outside has changed
attack() {
	local bundle=$1 name=$2 status=0

	shift 2
	set_args "$bundle" "$@"
	CRUN_TIMEOUT=${ATTACK_TIMEOUT-300} crun run -b "$bundle" "$name" </dev/null >"$T/$name.out" 2>&1 || status=$?
	report "$name"
	[ "$status" = 0 ] || fail "$name: exit status $status" || return 1
	outside_is_untouched
}

# report NAME: for the log of a test that passes, too
report() {
	sed 's/^/# /' "$T/$1.out" >&3
}

memory_of() { # PID: proportional, in KiB
	awk '$1 == "Pss:" { print $2 }' "/proc/$1/smaps_rollup"
}
# but for the pidfds that a worker keeps, 64 for each of two threads at most
open_files_of() { find "/proc/$1/fd" -type l ! -lname '*pidfd*' | wc -l; }
pidfds_of() { find "/proc/$1/fd" -lname '*pidfd*' | wc -l; }

# some owner in a container of its own: the daemon still serves
still_serves() {
	make_bundle "$T/after" "$T/rootfs"
	same 3:4 "$(crun_sh "$T/after" after 'rm -f /after; touch /after; chown 3:4 /after; stat -c %u:%g /after')"
}

# while_workers_are_killed KILLS CALLS CMD: CMD succeeds again and again in a container. So many CALLS are between two kills that each thread of
# the worker has done with the one that it had in hand.
while_workers_are_killed() {
	local status=0

	make_bundle "$T/bundle" "$T/rootfs"
	set_args "$T/bundle" sh -c "until [ -e /stop ]; do $3 || exit 1; done"
	CRUN_TIMEOUT=300 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 3>&- &
	CRUN_PID=$!
	within 60 some_worker
	kill_workers "$1" "$2" 50
	as_user touch "$T/rootfs/stop"
	wait "$CRUN_PID" || status=$?
	report c
	echo "# $killed workers were killed" >&3
	[ "$status" = 0 ] && [ "$killed" -ge "$1" ]
}
