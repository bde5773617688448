#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Beginnings and ends: of workers, of containers, and of the daemon.

load ../lib

setup() {
	lib_setup
	start_daemon
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
}

# A container whose first process does what ask says. It needs no emulated call for that itself: a redirection may make a file, which
# without the daemon is refused. It has both fifos open for reading and writing from the beginning to the end: one that it opened anew for
# each command could be opened before the last one's writer has closed it, and would be at its end then.
start_asked() {
	as_user mkfifo "$T/rootfs/ask" "$T/rootfs/answer"
	crun_start_bg "$T/bundle" "$1" 'exec 3<>/answer 4<>/ask; while read -r command <&4; do eval "$command" >&3 2>&1; echo ---- >&3; done'
}

# ask COMMAND: its output
ask() {
	as_user timeout 60 sh -c 'printf "%s\n" "$2" >"$1/ask" && sed -n "/^----\$/q;p" "$1/answer"' sh "$T/rootfs" "$1"
}

new_worker() { workers >"$T/new" && ! grep -qx "$1" "$T/new"; }

@test "no worker is left when a container has ended" {
	run crun_sh "$T/bundle" c 'touch f; chown 3:4 f; stat -c %u:%g f'
	same 3:4 "$output"
	within 60 no_worker
	start_asked c
	run ask 'chown 5:5 /f; stat -c %u:%g /f'
	same 5:5 "$output"
	some_worker
	crun_kill c
	within 60 no_worker
}

@test "a task that outlives the container's first process keeps nothing busy" {
	start_asked c
	ask 'setsid sleep 1000 >/dev/null 2>&1 & chown 1 /ask'
	crun_kill c
	within 60 no_worker
	daemon_caught_up
	before=$(awk '{ print $14 + $15 }' "/proc/$DAEMON_PID/stat")
	sleep 1
	after=$(awk '{ print $14 + $15 }' "/proc/$DAEMON_PID/stat")
	[ $((after - before)) -le 5 ] || fail "the idle daemon used $((after - before)) ticks in a second"
}

@test "the exit status is the container's" {
	for code in 0 3 126; do
		run crun_sh "$T/bundle" c "chown 1 /tmp; exit $code"
		[ "$status" = "$code" ]
		within 60 no_worker
	done
}

@test "crun exec" {
	start_asked c
	run crun_exec c 'touch f; chown 6:7 f; mkfifo p; chown 8:9 p; stat -c %u:%g f p'
	same '6:7
8:9' "$output"
	run ask 'stat -c %u:%g /f /p'
	same '6:7
8:9' "$output"
	run crun_exec c 'exit 5'
	[ "$status" = 5 ]
	# its listener has ended, the container's has not
	within 60 eval '[ "$(workers | wc -l)" = 1 ]'
}

@test "a container goes on when its worker is killed" {
	start_asked c
	run ask 'touch /f; mkfifo /p; chown 1:1 /f /p; stat -c %u:%g /f /p'
	same '1:1
1:1' "$output"
	for i in 1 2 3 4 5 6 7 8; do
		worker=$(workers)
		kill -KILL "$worker"
		within 60 new_worker "$worker"
		run ask "stat -c %u:%g /f /p; chown $i:2 /f; chown $i:2 /p; stat -c %u:%g /f /p"
		same "$([ $i = 1 ] && echo 1:1 || echo $((i - 1)):2)
$([ $i = 1 ] && echo 1:1 || echo $((i - 1)):2)
$i:2
$i:2" "$output"
	done
	within 60 daemon_said 'another one goes on'
}

@test "workers are killed amid calls, and each call is answered" {
	crun_start_bg "$T/bundle" c 'touch /f; ln -s x /l; i=0; until [ -e /stop ]; do
			i=$((i + 1))
			chown -h $i:7 /f /l || exit 1
			[ "$(stat -c %u:%g /f /l | uniq)" = $i:7 ] || { echo "$i: $(stat -c %u:%g /f /l)"; exit 1; }
		done; echo done'
	kill_workers $((6 * TEST_SCALE)) 1 100
	as_user touch "$T/rootfs/stop"
	wait "$CRUN_PID" || fail "$(cat "$T/c.out")"
	same done "$(cat "$T/c.out")"
	[ $killed -ge $((6 * TEST_SCALE)) ] || fail "only $killed workers were killed"
}

@test "SIGTERM with a container that runs: the log says what becomes of it" {
	start_asked c
	run ask 'touch /f; chown 1:2 /f; stat -c %u:%g /f'
	same 1:2 "$output"
	stop_daemon
	daemon_said ENOSYS # it has ended, so all is said
	run ask 'chown 3:3 /f'
	echo "$output"
	[[ "$output" = *"Function not implemented"* ]]
}

@test "SIGINT and SIGHUP end it too" {
	check_counters
	kill -HUP "$DAEMON_PID"
	wait_gone "$DAEMON_PID"
	wait "$DAEMON_PID"
	start_daemon
	# a background process of a script ignores SIGINT, but the daemon asks for it
	kill -INT "$DAEMON_PID"
	wait_gone "$DAEMON_PID"
	status=0
	wait "$DAEMON_PID" || status=$?
	DAEMON_PID=
	[ $status = 0 ]
	[ ! -e "$SOCKET" ]
}

@test "owners of files of every type outlive the daemon" {
	run crun_sh "$T/bundle" c 'touch f; mkfifo p; ln -s x l; mkdir d; chown -h 3:4 f p l d; stat -c %u:%g f p l d | uniq'
	same 3:4 "$output"
	stop_daemon
	start_daemon
	run crun_sh "$T/bundle" c 'stat -c "%n %u:%g" f p l d; chown 5 p; stat -c %u:%g p'
	same 'f 3:4
p 3:4
l 3:4
d 3:4
5:4' "$output"
}

@test "after the daemon was killed a new one starts, and nothing is left of the old one" {
	start_asked c
	run ask 'mkfifo /p; chown 1:2 /p; stat -c %u:%g /p'
	same 1:2 "$output"
	check_counters
	kill -KILL "$DAEMON_PID"
	wait "$DAEMON_PID" || :
	start_daemon
	busybox_rootfs "$T/rootfs2"
	make_bundle "$T/bundle2" "$T/rootfs2"
	run crun_sh "$T/bundle2" d 'touch f; chown 3:4 f; stat -c %u:%g f'
	same 3:4 "$output"
	crun_kill c
	# stop_daemon, in teardown, looks for processes that are left
	within 60 no_worker
}

@test "a daemon that has many containers at once" {
	for i in 1 2 3 4 5 6 7 8; do
		make_bundle "$T/b$i" "$T/rootfs"
		crun_start_bg "$T/b$i" "c$i" "mkdir /d$i; cd /d$i; touch f; mkfifo p; chown $i:$i f p; stat -c %u:%g f p; sleep 1000"
	done
	for i in 1 2 3 4 5 6 7 8; do
		within 60 eval '[ "$(wc -l <"$T/c$i.out")" = 2 ]'
		same "$i:$i
$i:$i" "$(cat "$T/c$i.out")"
	done
	same 8 "$(workers | wc -l)"
	delete_containers
	within 60 no_worker
}

@test "under nohup, a hangup does not end it" {
	AS_USER=(nohup "${AS_USER[@]}")
	stop_daemon
	start_daemon
	kill -HUP "$DAEMON_PID"
	# the daemon would take this signal before SIGUSR1, for it has the lower number
	check_counters
}

# calls of N shells of the container at once, each with 4,000 stats
calls_of() { crun_sh "$T/bundle" "calls$1" "for n in \$(seq $1); do (i=0; while [ \$i -lt 4000 ]; do [ -e /f ]; i=\$((i + 1)); done) & done; wait; i=0; while [ \$i -lt 4000 ]; do [ -e /f ]; i=\$((i + 1)); done"; }

@test "receivers come while calls queue up, and go when they do not" {
	[ "$(nproc)" -gt 1 ] || skip "this machine has one processor"
	stop_daemon
	start_daemon --log-level debug
	calls_of 1
	calls_of 4
	daemon_said '2 of .* threads receive'
	daemon_said '1 of .* threads receive'
}
