#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a container that has got hold of the socket may send: forged listeners, forged payloads, names of others.

bats_require_minimum_version 1.5.0
load hostile

payload='{"ociVersion":"1.0.2","fds":["seccompFd"],"pid":1,"state":{"ociVersion":"1.0.2","id":"c","status":"running","pid":1,"bundle":"/"}}'

setup() {
	hostile_setup
	cp "$TESTS/e2e/sendfd.py" "$T/sendfd.py"
	chmod 755 "$T/sendfd.py"
	make_bundle "$T/bundle" "$T/rootfs"
	crun_start_bg "$T/bundle" c 'chown 1:1 /tmp; while :; do sleep 1; done'
	within 60 some_worker
	daemon_caught_up
	files=$(ls "/proc/$DAEMON_PID/fd" | wc -l)
}

sendfd() { as_user timeout 60 python3 "$T/sendfd.py" "$SOCKET" "$@"; }

# idle: one worker, and as many descriptors as before
idle() { [ "$(ls "/proc/$DAEMON_PID/fd" | wc -l)" = "$files" ] && [ "$(workers | wc -l)" = 1 ]; }

# the container that was there before is served, and nothing is left
unharmed() {
	within 60 idle || fail "descriptors: $(ls "/proc/$DAEMON_PID/fd" | wc -l), not $files; $(workers | wc -l) workers"
	same "$1:9" "$(crun_exec c "touch /f; chown $1:9 /f; stat -c %u:%g /f")"
	outside_is_untouched
}

@test "forged listeners of every kind are refused" {
	kinds=(eventfd memfd epoll pidfd dir null socket pipe)
	if is_root; then
		# a file system's server could answer the ioctls of a listener
		mknod "$T/fuse" c 10 229 && chmod 666 "$T/fuse"
		! as_user dd if="$T/fuse" of=/dev/null count=0 2>/dev/null || kinds+=("path:$T/fuse")
	fi
	n=0
	for fds in "${kinds[@]}" eventfd,listener listener,eventfd memfd,memfd; do
		for data in x "$payload"; do
			same "closed for $fds" "$(sendfd send "$fds" "$data") for $fds"
			n=$((n + 1))
		done
	done
	echo "# $n were sent" >&3
	unharmed 5
}

@test "listeners of tasks that are gone, 20 times" {
	for _ in $(seq 20); do
		same closed "$(sendfd send dead "$payload")"
	done
	unharmed 6
}

@test "a payload with another container's id brings neither that one's listener nor its end" {
	for i in 1 2 3 4 5; do
		as_user touch "$T/run/file$i"
		same changed "$(sendfd serve "$payload" "$T/run/file$i")"
		same 4 "$(as_user getfattr --absolute-names --only-values -n user.rootlesscontainers "$T/run/file$i" | wc -c)"
	done
	unharmed 7
}

@test "payloads that are too deep, too long, or name another descriptor" {
	deep=$(printf '[%.0s' $(seq 5000))
	long=$(printf '%0100000d' 0)
	n=0
	for data in "$deep" "{\"a\":$deep" '{"fds":["other","seccompFd"]}' '{"fds":["seccompFd","other"]}' '{"fds":[1]}' '{"fds":"seccompFd"}' \
		"{\"fds\":[\"$long\"]}" '{"fds":["seccompFd"],"fds":["other"]}' '\0\0\0\0' '{"fds":["seccompFd\0"]}' '[{"fds":["seccompFd"]}]'; do
		same "closed for ${data:0:40}" "$(sendfd send listener "$data") for ${data:0:40}"
		n=$((n + 1))
	done
	echo "# $n were sent" >&3
	unharmed 8
}
