#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The socket, and what may come over it.

load ../lib

setup() {
	lib_setup
	cp "$TESTS/e2e/sendfd.py" "$T/sendfd.py"
	chmod 755 "$T/sendfd.py"
}

sendfd() { as_user timeout 60 python3 "$T/sendfd.py" "$SOCKET" "$@"; }

started() {
	start_daemon "$@"
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
}

container_works() {
	run crun_sh "$T/bundle" "c${1-}" 'touch f; chown 3:4 f; stat -c %u:%g f; mkfifo p; chown 5:6 p; stat -c %u:%g p; rm f p'
	same '3:4
5:6' "$output"
}

# what it has closed when it has nothing more to do
open_files() { daemon_caught_up && ls "/proc/$DAEMON_PID/fd" | wc -l; }

# idle WITH: it has as many descriptors as before, and no child
idle() { [ "$(open_files)" = "$1" ] && no_worker; }

payload='{"ociVersion":"1.0.2","fds":["seccompFd"],"pid":1,"state":{"ociVersion":"1.0.2","id":"c","status":"creating","pid":1,"bundle":"/"}}'

refuses() {
	run as_user timeout 60 "$T/subuidless" "$@" </dev/null
	echo "$output"
	[ "$status" = 1 ]
}

@test "the socket is its owner's alone" {
	start_daemon
	same "socket 600 $USER_ID" "$(stat -c '%F %a %u' "$SOCKET")"
}

@test "the default socket is in XDG_RUNTIME_DIR" {
	SOCKET=$T/run/subuidless.sock
	"${AS_USER[@]}" "$T/subuidless" </dev/null >"$T/daemon.out" 2>"$T/daemon.log" 3>&- &
	DAEMON_PID=$!
	within 60 daemon_said "listening on $SOCKET"
	[ -S "$SOCKET" ]
	[ ! -s "$T/daemon.out" ]
}

@test "a second daemon refuses the socket of the first" {
	started
	refuses "$SOCKET"
	[[ "$output" = *"another daemon listens on $SOCKET"* ]]
	container_works
}

@test "a stale socket is replaced" {
	as_user python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$SOCKET"
	[ -S "$SOCKET" ]
	started
	container_works
}

@test "what is not a socket is not replaced" {
	as_user sh -c 'echo precious >"$1"' sh "$SOCKET"
	refuses "$SOCKET"
	[[ "$output" = *"is not a socket"* ]]
	same precious "$(cat "$SOCKET")"
	rm "$SOCKET"
	as_user touch "$T/target"
	as_user ln -s "$T/target" "$SOCKET"
	refuses "$SOCKET"
	[ -L "$SOCKET" ] && [ -f "$T/target" ]
}

@test "a directory to which others can write is refused" {
	for mode in 777 1777 770 722; do
		chmod "$mode" "$T/run"
		refuses "$SOCKET"
		[[ "$output" = *"others can write to $T/run"* ]]
		[ ! -e "$SOCKET" ]
	done
}

@test "another user's directory, a missing one, and a path that is too long are refused" {
	refuses /subuidless-test.sock
	refuses "$T/missing/s.sock"
	refuses "$T/$(printf '%0120d' 0)"
	[[ "$output" = *"longer than"* ]]
}

@test "garbage is refused, and a container runs all the same" {
	started
	before=$(open_files)
	for data in x '{' '}' '[]' '\0' '{}' '{}{}{}' 'null' '"' '{"fds":["seccompFd"]}' '{"fds":[]}' '{"fds":{}}' \
		'{"fds":["seccompFd","seccompFd"]}' '\377\376\375' '{"a":"\0"}' 'GET / HTTP/1.1\r\n\r\n' "$payload" "${payload}x"; do
		[ "$data" != '{' ] || continue # may go on
		run sendfd send none "$data"
		same "closed for $data" "$output for $data"
	done
	container_works
	within 60 idle "$before"
}

@test "forged descriptors are refused" {
	started
	before=$(open_files)
	for fds in null socket file pipe null,null null,socket,file; do
		for data in x "$payload"; do
			run sendfd send "$fds" "$data"
			same "closed for $fds" "$output for $fds"
		done
	done
	container_works
	within 60 idle "$before"
}

@test "genuine listeners are served, with a runtime's payload and with the one byte of old tools" {
	started
	for data in "$payload" x; do
		as_user touch "$T/home/file"
		run sendfd serve "$data" "$T/home/file"
		same changed "$output"
		run as_user getfattr --absolute-names --only-values -n user.rootlesscontainers "$T/home/file"
		same $'\x08\x2a\x10\x2b' "$output"
		as_user rm "$T/home/file"
	done
	within 60 no_worker
}

@test "a listener with a bad payload, or among others, is not served" {
	started
	before=$(open_files)
	for fds in listener listener,null null,listener listener,socket; do
		for data in '[]' '{"fds":["other"]}' 'x'; do
			[ "$fds $data" != 'listener x' ] || continue
			run sendfd send "$fds" "$data"
			same "closed for $fds $data" "$output for $fds $data"
		done
	done
	within 60 idle "$before"
}

@test "half a payload keeps nobody waiting but its sender" {
	started
	before=$(open_files)
	mkfifo "$T/end"
	"${AS_USER[@]}" python3 "$T/sendfd.py" "$SOCKET" hold 20 "${payload:0:50}" <"$T/end" >"$T/held" 2>&1 3>&- &
	holder=$!
	exec 8>"$T/end"
	within 60 grep -qs ready "$T/held"
	container_works
	exec 8>&-
	wait $holder
	within 60 idle "$before"
}

@test "200 silent connections" {
	started
	before=$(open_files)
	mkfifo "$T/end"
	"${AS_USER[@]}" python3 "$T/sendfd.py" "$SOCKET" hold 200 '' <"$T/end" >"$T/held" 2>&1 3>&- &
	holder=$!
	exec 8>"$T/end"
	within 60 grep -qs ready "$T/held"
	within 60 eval '[ "$(open_files)" -ge $((before + 200)) ]'
	no_worker
	container_works
	exec 8>&-
	wait $holder
	within 60 idle "$before"
	container_works 2
}

@test "connections that come and go leave no descriptor" {
	started
	before=$(open_files)
	for _ in $(seq 20); do
		run sendfd send null "$payload"
		same closed "$output"
	done
	for i in 1 2 3 4 5; do
		container_works $i
	done
	within 60 idle "$before"
}

@test "a payload without an end is cut off" {
	started
	before=$(open_files)
	run sendfd bytes 20000000
	same closed "$output"
	within 60 idle "$before"
	container_works
}

@test "a payload of 150 kB is not too much" {
	started
	make_bundle "$T/bundle" "$T/rootfs" '.annotations = {"org.example.long": ("x" * 150000)}'
	container_works
}

@test "other users' connections are closed" {
	need_root "connect as other users"
	started --log-level debug
	run timeout 60 python3 "$T/sendfd.py" "$SOCKET" send listener "$payload"
	same closed "$output"
	# whom not even the directory keeps out
	chmod 711 "$T/run"
	chmod 666 "$SOCKET"
	run timeout 60 setpriv --reuid "$OTHER_ID" --regid "$TEST_ID" --clear-groups env python3 "$T/sendfd.py" "$SOCKET" send listener "$payload"
	same closed "$output"
	daemon_said 'a connection of uid 0 is refused'
	daemon_said "a connection of uid $OTHER_ID is refused"
	no_worker
	container_works
}

@test "closed standard descriptors" {
	"${AS_USER[@]}" sh -c 'exec "$@" 0<&- 1>&-' sh "$T/subuidless" "$SOCKET" 2>"$T/daemon.log" 3>&- &
	DAEMON_PID=$!
	within 60 daemon_said 'listening on'
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
	container_works
}

@test "at its end it removes its own socket only" {
	start_daemon
	as_user mv "$SOCKET" "$SOCKET.old"
	as_user python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$SOCKET"
	kill -TERM "$DAEMON_PID"
	wait_gone "$DAEMON_PID"
	wait "$DAEMON_PID"
	DAEMON_PID=
	[ -S "$SOCKET" ]
}
