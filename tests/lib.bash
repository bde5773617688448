# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # some variables are for the files that load this one
# What every .bats file loads. The daemon and the containers run as an ordinary user without subuids: as the one who runs
# the tests, or as TEST_ID, who needs no passwd entry, where that is root.
#
# $T is a fresh directory of that user in TMPDIR, with its home, its run directory and its own TMPDIR; teardown removes it. A test's
# background processes write to files, never to what bats reads from.
#
# Files may run at once, the same one too. So all that a test makes is in $T, its mounts are in mount namespaces of its own, and what is
# kept in $CACHE is made under a lock. Root gives each file that runs at once another TEST_ID. Deadlines are long, for the machine may
# be loaded: they pass only where something hangs.

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
REPO=${TESTS%/*}
CACHE=${CACHE:-$REPO/build/cache}
SUBUIDLESS=$(readlink -f "${SUBUIDLESS:-$REPO/subuidless}")
TEST_ID=${TEST_ID:-54321}
OTHER_ID=$((TEST_ID + 1000000)) # nobody's TEST_ID
# What long loops are multiplied by: 1 in "make check", 10 in "make check-all".
TEST_SCALE=${TEST_SCALE:-1}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
umask 022

is_root() { [ "$EUID" = 0 ]; }
need_root() { is_root || skip "only root can $1"; }

# kernel_is VERSION: or newer
kernel_is() { printf '%s\n' "$1" "$(uname -r)" | sort -CV; }

# does the kernel run programs for i386? Says why if not
runs_i386() {
	local probe=$CACHE/i386

	if [ ! -e "$probe" ]; then
		mkdir -p "$CACHE"
		gcc -m32 -nostdlib -static -o "$probe.$$" -xc - <<<'void _start(void) { __asm__("int $0x80" : : "a"(1), "b"(0)); }' 2>/dev/null || {
			echo "gcc makes no programs for i386 here"
			return 1
		}
		mv "$probe.$$" "$probe"
	fi
	"$probe" 2>/dev/null || {
		echo "this kernel runs no programs for i386"
		return 1
	}
}

need_i386() {
	local why

	why=$(runs_i386) || skip "$why"
}

if is_root; then
	AS_USER=(setpriv --reuid "$TEST_ID" --regid "$TEST_ID" --clear-groups)
	USER_ID=$TEST_ID
else
	AS_USER=()
	USER_ID=$EUID
fi

setup() { lib_setup; }
teardown() { lib_teardown; }

lib_setup() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/subuidless.XXXXXX")
	mkdir -p "$T/home" "$T/run" "$T/tmp"
	install -m 755 "$SUBUIDLESS" "$T/subuidless"
	chmod 755 "$T"
	chmod 700 "$T/run"
	own "$T"
	# in front of it: what an ordinary user's programs find in their environment
	AS_USER+=(env -u XDG_STATE_HOME -u XDG_CONFIG_HOME HOME="$T/home" XDG_RUNTIME_DIR="$T/run" TMPDIR="$T/tmp")
	SOCKET=$T/run/s.sock
	DAEMON_PID=
}

lib_teardown() {
	local failed=0 pid

	[ -n "${T-}" ] && [ -d "$T" ] || return 0
	if [ -z "${BATS_TEST_COMPLETED-1}" ] && [ -s "$T/daemon.log" ]; then
		sed 's/^/daemon.log: /' "$T/daemon.log" | tail -n 40
	fi
	delete_containers || failed=1
	if [ -n "$DAEMON_PID" ]; then
		stop_daemon || failed=1
	fi
	if [ -s "$T/holder.pid" ]; then
		pid=$(<"$T/holder.pid")
		kill "$pid" 2>/dev/null || :
		wait_gone "$pid" || failed=1
	fi
	if is_root; then
		rm -rf "$T" || failed=1
	else
		# directories that even their owner cannot write
		unshare -r rm -rf "$T" || failed=1
	fi
	return "$failed"
}

# own PATH...: gives what the test made to the user
own() {
	! is_root || chown -hR "$TEST_ID:$TEST_ID" "$@"
}

as_user() { "${AS_USER[@]}" "$@"; }

fail() {
	printf '%s\n' "$*"
	return 1
}

# same EXPECTED ACTUAL: the texts are equal
same() {
	[ "$1" = "$2" ] || {
		diff -u --label expected --label actual <(printf '%s\n' "$1") <(printf '%s\n' "$2") || :
		return 1
	}
}

# within SECONDS CMD...: until it succeeds
within() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))

	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.03
	done
}

# a zombie counts as gone
is_gone() {
	local stat=

	{ read -r -d '' stat <"/proc/$1/stat"; } 2>/dev/null || :
	stat=${stat##*) }
	[ -z "$stat" ] || [ "${stat:0:1}" = Z ]
}
wait_gone() { within "${2-60}" is_gone "$1" || fail "process $1 is still there"; }

# The daemon

start_daemon() {
	# what is waited for is not what an earlier one said: the shell in the background opens the file anew only when it runs
	rm -f "$T/daemon.log"
	"${AS_USER[@]}" ${FAKE_CLOCK+"${FAKE_CLOCK[@]}"} "$T/subuidless" "$@" "$SOCKET" </dev/null >"$T/daemon.out" 2>"$T/daemon.log" 3>&- &
	DAEMON_PID=$!
	within 60 daemon_is_up_or_gone && daemon_said 'listening on' || {
		DAEMON_PID=
		cat "$T/daemon.log"
		fail "the daemon does not listen"
	}
}

daemon_is_up_or_gone() { daemon_said 'listening on' || is_gone "$DAEMON_PID"; }

# fake_clock SECONDS: from now on, this machine's clock is ahead of those of file systems by so many seconds for what is run with "${FAKE_CLOCK[@]}", as
# the daemon is
fake_clock() {
	nm -D "$T/subuidless" | grep -qw clock_gettime || skip "a static program has a clock of its own"
	if [ ! -e "$T/fake-clock.so" ]; then
		gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -shared -fPIC -o "$T/fake-clock.so" "$TESTS/e2e/fake-clock.c" || return 1
	fi
	# in place, for who has it mapped
	perl -e 'print pack("q", shift)' -- "$1" | dd of="$T/ahead" conv=notrunc status=none
	own "$T/fake-clock.so" "$T/ahead"
	FAKE_CLOCK=(LD_PRELOAD="$T/fake-clock.so" FAKE_CLOCK="$T/ahead")
}

# also false when the daemon has ended
daemon_said() { grep -qs -- "$1" "$T/daemon.log"; }

# Everything that came to it before has been handled, and is closed.
daemon_caught_up() { counters >/dev/null; }

# but zombies
workers() { pgrep -r D,R,S,T,t -P "$DAEMON_PID"; }
no_worker() { ! workers >/dev/null; }
some_worker() { workers >/dev/null; }

stop_daemon() {
	local failed=0 status=0

	check_counters || failed=1
	! daemon_said 'ended by signal 31' || fail "a worker made a system call that its sandbox does not know" || failed=1
	kill -TERM "$DAEMON_PID" || failed=1
	wait_gone "$DAEMON_PID" || {
		kill -KILL "$DAEMON_PID"
		failed=1
	}
	wait "$DAEMON_PID" || status=$?
	DAEMON_PID=
	[ "$status" = 0 ] || fail "the daemon's exit status is $status" || failed=1
	! pgrep -a -f "^$T/subuidless" || fail "the daemon left processes behind" || failed=1
	[ ! -e "$SOCKET" ] || fail "the daemon left its socket behind" || failed=1
	return "$failed"
}

# daemon_log SKIP: its lines after the first SKIP in $lines
daemon_log() { mapfile -t -s "$1" lines <"$T/daemon.log"; }
counters_ended() { daemon_log "$1" && [[ "${lines[*]}" = *'counters end'* ]]; }

# The lines that SIGUSR1 makes the daemon log: KIND NAME NUMBER. Every test needs them, so by what the shell has itself.
counters() {
	local lines line

	daemon_log 0
	kill -USR1 "$DAEMON_PID"
	within 60 counters_ended "${#lines[@]}" || fail "the daemon logs no counters" || return 1
	for line in "${lines[@]}"; do
		[[ "$line" != 'subuidless: counter '* ]] || echo "${line#subuidless: counter }"
	done
}

# counter KIND NAME: its number, 0 if it is not listed
counter() {
	counters | awk -v kind="$1" -v name="$2" '$1 == kind && $2 == name { n = $3 } END { print n + 0 }'
}

# kill_workers KILLS CALLS PAUSE: of the container of $CRUN_PID, see kill-workers.py; $killed is how many were
kill_workers() { killed=$("$TESTS/kill-workers.py" "$DAEMON_PID" "$T/daemon.log" "$CRUN_PID" "$@"); }

# Nothing was answered for a reason that is not documented or does not belong to normal operation, but for EXPECTED ones.
check_counters() {
	local now

	now=$(counters) || fail "$now" || return 1
	awk -F '\t' -v expected="${EXPECTED-}" '
		NR == FNR { rate[$1] = $2; next }
		{ split($0, c, " ") }
		c[1] == "answer" || c[2] == expected { next }
		c[3] > 0 && rate[c[2]] != "expected" {
			print "counter " $0 ": " (rate[c[2]] ? rate[c[2]] : "not in --list-reasons")
			bad = 1
		}
		END { exit bad }' <("$T/subuidless" --list-reasons) - <<<"$now"
}

# shellcheck source=tests/roots.bash
. "$TESTS/roots.bash"

# Bundles

# make_bundle DIR ROOTFS [JQ_FILTER [RUNTIME]]; BUNDLE_FILTER is for all bundles of a file
make_bundle() {
	mkdir -p "$1"
	"$T/subuidless" profile --listener "$SOCKET" --runtime "${4-crun}" >"$1/seccomp.json"
	jq --slurpfile seccomp "$1/seccomp.json" --arg rootfs "$2" \
		".root.path = \$rootfs | .linux.seccomp = \$seccomp[0] | ${ATTACHED:+del(.linux.seccomp) | }${BUNDLE_FILTER-.} | ${3-.}" "$TESTS/config.json" >"$1/config.json"
	own "$1"
	start_holder
}

# set_args BUNDLE CMD...
set_args() {
	local bundle=$1

	shift
	# jq's own --args would take options out of them
	printf '%s\001' "$@" | jq -Rs --slurpfile config "$bundle/config.json" \
		'(split("\u0001") | .[:-1]) as $args | $config[0] | .process.args = $args' >"$bundle/config.new"
	mv "$bundle/config.new" "$bundle/config.json"
}

# Containers: all of a test's containers are made in one user and one mount namespace, which holder.pid keeps

start_holder() {
	local script='true'

	[ ! -e "$T/holder.pid" ] || return 0
	# crun refuses cgroup hierarchies of version 1, hybrid ones too, so it shall see none
	if [ -d /sys/fs/cgroup ] && [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
		script='mount -t tmpfs none /sys/fs/cgroup'
	fi
	"${AS_USER[@]}" unshare -r -m sh -c "$script && echo ready && exec sleep 86400" \
		</dev/null >"$T/holder.log" 2>&1 3>&- &
	echo $! >"$T/holder.pid"
	disown
	within 60 grep -qs ready "$T/holder.log" || {
		cat "$T/holder.log"
		fail "no user namespace can be made"
	}
}

in_holder() {
	"${AS_USER[@]}" nsenter --preserve-credentials -U -m -t "$(<"$T/holder.pid")" "$@" 3>&-
}

# A hanging container is a failure, not a hanging test.
# ATTACHED is set where crun is served as an engine is, with its containers, which then have no filter of their own.
crun() {
	local attach=()

	[[ -z "${ATTACHED-}" || "$1" != @(run|exec) ]] || attach=("$T/subuidless" attach --listener "$SOCKET" --)
	in_holder timeout -k 5 "${CRUN_TIMEOUT-120}" "${attach[@]}" crun --cgroup-manager=disabled "$@"
}

# crun_run BUNDLE NAME
crun_run() { crun run -b "$1" "$2"; }

# crun_sh BUNDLE NAME SCRIPT
crun_sh() {
	set_args "$1" sh -c "$3"
	crun run -b "$1" "$2"
}

# crun_exec NAME SCRIPT
crun_exec() { crun exec "$1" sh -c "$2"; }

crun_status_is() { [ "$(crun state "$1" 2>/dev/null | jq -r .status)" = "$2" ]; }

# A container that ends soon may never be seen running. Only one that has a process is worth to ask crun about.
crun_runs_or_has_run() { is_gone "$CRUN_PID" || { [ -s "$T/$1.pid" ] && crun_status_is "$1" running; }; }

# crun_start_bg BUNDLE NAME [SCRIPT]: its output goes to $T/NAME.out; wait for $CRUN_PID, the exit status is the container's
crun_start_bg() {
	set_args "$1" sh -c "${3-while :; do sleep 1; done}"
	rm -f "$T/$2.out" "$T/$2.pid"
	crun run --pid-file "$T/$2.pid" -b "$1" "$2" </dev/null >"$T/$2.out" 2>&1 &
	CRUN_PID=$!
	within 60 crun_runs_or_has_run "$2" || {
		cat "$T/$2.out"
		fail "container $2 does not start"
	}
}

is_deleted() { ! crun list -q 2>/dev/null | grep -qxF "$1"; }

# The runtime that runs it deletes it too, so that a delete here could meet with that one; it is for one that has ended and that nobody runs.
crun_kill() {
	! crun kill "$1" KILL >/dev/null 2>&1 || ! within 60 is_deleted "$1" || return 0
	is_deleted "$1" || crun delete -f "$1" || is_deleted "$1"
}

delete_containers() {
	local name failed=0

	[ -s "$T/holder.pid" ] || return 0
	# it is there for crun to keep what it knows of them, and empty
	! rmdir "$T/run/crun" 2>/dev/null || return 0
	for name in $(crun list -q 2>/dev/null); do
		crun_kill "$name" || failed=1
	done
	return "$failed"
}
