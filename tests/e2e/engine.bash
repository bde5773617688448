# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # some variables are for the files that load this one
# What tests of "subuidless podman" load: each is a fresh user without subuids and with an empty home, whose daemon nobody has started.

# shellcheck source=../lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
SOCKET_NAME=subuidless.sock

setup() { engine_setup; }
teardown() { engine_teardown; }

engine_setup() {
	local program

	for program in podman buildah skopeo; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
	# podman refuses a --runroot of more than 50 characters, which its own clean-up is called with, and then waits for that for 20 s
	TMPDIR=/tmp lib_setup
	# podman 5 says on stderr what it thinks of cgroups of version 1
	export PODMAN_IGNORE_CGROUPSV1_WARNING=1
	mkdir "$T/work"
	own "$T/work"
}

pause_is_gone() { [ ! -e "$T/run/libpod/tmp/pause.pid" ] || is_gone "$(cat "$T/run/libpod/tmp/pause.pid" 2>/dev/null)"; }

# What the daemon could not answer, or did not know, fails the test.
engine_teardown() {
	local failed=0 daemon

	[ -n "${T-}" ] && [ -d "$T" ] || return 0
	if [ -e "$T/run/libpod" ]; then
		engine podman rm -fa -t 0 >/dev/null 2>&1 || failed=1
	fi
	daemon=$(pgrep -f "daemon --idle 60 $T/run/$SOCKET_NAME")
	if [ -n "$daemon" ]; then
		ln -sfn "run/$SOCKET_NAME.log" "$T/daemon.log"
		DAEMON_PID=$daemon
		check_counters || failed=1
		! daemon_said 'ended by signal' || failed=1
		kill "$daemon"
		wait_gone "$daemon" || failed=1
		DAEMON_PID=
	fi
	if ! pause_is_gone; then
		kill "$(cat "$T/run/libpod/tmp/pause.pid")"
		within 60 pause_is_gone || failed=1
	fi
	lib_teardown || failed=1
	return "$failed"
}

# engine podman|buildah|skopeo ARG...: as the user, who is in a directory of his own. A hanging engine is a failure, not a hanging test.
engine() { as_user env -C "$T/work" timeout -k 5 "${ENGINE_TIMEOUT-120}" "$T/subuidless" "$@" </dev/null 3>&-; }

# says OUTPUT ENGINE ARG...: on stdout; what engines have to say on stderr is shown if it is not
says() {
	local expected=$1

	shift
	same "$expected" "$(engine "$@" 2>"$T/work/stderr")" || {
		cat "$T/work/stderr"
		return 1
	}
}

# box_image: localhost/box, a busybox and files of many owners
box_image() {
	"$TESTS/e2e/layer.py" "$T/work/box.tar" "$(command -v busybox)" <<-'END' || return 1
		etc/passwd f 644 0 0
		etc/shadow f 640 0 42
		srv d 750 33 44
		srv/index f 600 33 44
		srv/set f 4755 1000 1001
		srv/high f 644 4294967294 65534
		var d 755 0 0
		var/mail d 2775 0 8
		home d 755 0 0
		home/alice d 700 1000 1001
		home/alice/note f 600 1000 1001
		home/alice/same h 600 1000 1001
	END
	own "$T/work"
	engine podman import -q "$T/work/box.tar" localhost/box >"$T/work/imported" 2>&1 || fail "$(cat "$T/work/imported")"
}

# What list.sh prints of that image.
BOX_OWNERS='/etc/shadow 0:42 640
/home/alice 1000:1001 700
/home/alice/note 1000:1001 600
/home/alice/same 1000:1001 600
/srv 33:44 750
/srv/high 4294967294:65534 644
/srv/index 33:44 600
/srv/set 1000:1001 4755
/var/mail 0:8 2775'
LIST='find /etc/shadow /home/alice /srv /var/mail | sort | xargs stat -c "%n %u:%g %a"'

# a registry at localhost:$port
start_registry() {
	# a port that is free, for some time
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	printf '%s\n' 'version: 0.1' "storage: {filesystem: {rootdirectory: $T/work/registry}}" "http: {addr: 127.0.0.1:$port}" >"$T/work/registry.yml"
	"${AS_USER[@]}" docker-registry serve "$T/work/registry.yml" </dev/null >"$T/work/registry.log" 2>&1 3>&- &
	registry=$!
	within 60 eval 'exec 4<>/dev/tcp/127.0.0.1/$port' 2>/dev/null
}

stop_registry() {
	kill "$registry"
	wait_gone "$registry"
}
