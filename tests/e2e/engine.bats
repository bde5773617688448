#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # scripts are for the shell in the container
# podman, buildah and skopeo as a user has them who has subordinate IDs: "subuidless podman" and the like, with nothing before.

bats_require_minimum_version 1.5.0
load engine

@test "an image with many owners: import, run, commit, save, load" {
	box_image
	says "$BOX_OWNERS" podman run --rm --network none localhost/box sh -c "$LIST"
	says 7:8 podman run --name c --network none localhost/box sh -c 'chown 7:8 /srv/index; stat -c %u:%g /srv/index
		ln -s x /link; chown -h 7:9 /link; busybox mkfifo /fifo; chown 9:7 /fifo' 2>/dev/null
	engine podman commit -q c localhost/changed
	engine podman save -q -o "$T/work/saved.tar" localhost/changed
	# the layers have numbers, and nothing of ours
	tar -xf "$T/work/saved.tar" -C "$T/work" --wildcards '*.tar'
	for layer in "$T/work"/*.tar; do tar --numeric-owner -tvf "$layer"; done | grep -E '^-rw------- 7/8 .* srv/index$'
	run ! grep -l 'user\.rootlesscontainers' "$T/work"/[0-9a-f]*.tar
	engine podman rmi -f localhost/changed localhost/box
	engine podman load -q -i "$T/work/saved.tar"
	says "${BOX_OWNERS/index 33:44/index 7:8}"$'\n/link 7:9\n/fifo 9:7' podman run --rm --network none localhost/changed sh -c "$LIST; stat -c '%n %u:%g' /link /fifo"
	# nothing was configured, and podman itself goes on with what is there
	[ ! -e "$T/home/.config/containers" ]
	as_user env -C "$T" podman images -n 2>/dev/null | grep localhost/changed
}

@test "a service: its volume gets the image's owners, and stays while it is stopped and started" {
	box_image
	engine podman run -d --name service --network none -v data:/srv localhost/box sh -c 'while :; do sleep 0.1; done'
	says $'/srv 33:44\n/srv/index 33:44' podman exec service sh -c 'stat -c "%n %u:%g" /srv /srv/index'
	says '1000 1001' podman exec -u 1000:1001 service sh -c 'echo $(busybox id -u) $(busybox id -g)'
	engine podman exec -u 33:44 service sh -c '>/srv/more && chown 33:5 /srv/more' && fail "an unprivileged user gave a file away"
	engine podman exec service chown 5:6 /srv/more
	engine podman stop -t 1 service
	engine podman start service
	says 5:6 podman exec service stat -c %u:%g /srv/more
	engine podman rm -f -t 0 service
	says 5:6 podman run --rm --network none -v data:/mnt localhost/box stat -c %u:%g /mnt/more
}

@test "a build: two stages, COPY --chown, USER, and what RUN makes" {
	box_image
	echo note >"$T/work/note"
	cat >"$T/work/Containerfile" <<-'END'
		FROM localhost/box AS first
		RUN echo made >/home/alice/made && chown 1000:8 /home/alice/made && busybox chmod 4755 /home/alice/made
		FROM localhost/box
		COPY --chown=33:44 note /srv/note
		COPY --from=first /home/alice/made /srv/made
		USER 1000:1001
		RUN test $(busybox id -u) = 1000 && >/home/alice/mine
		CMD stat -c "%n %u:%g %a" /srv/note /srv/made /home/alice/mine
	END
	own "$T/work"
	engine podman build -q --network none -t built .
	says $'/srv/note 33:44 644\n/srv/made 1000:8 4755\n/home/alice/mine 1000:1001 644' podman run --rm --network none localhost/built
	engine buildah from -q --name working localhost/built
	says 5:6 buildah run --user 0 working -- sh -c '>/x; chown 5:6 /x; stat -c %u:%g /x'
	engine buildah rm working
}

@test "a registry: push, and pull with podman and skopeo" {
	command -v docker-registry >/dev/null || skip "docker-registry is not installed"
	box_image
	start_registry
	engine podman push -q --tls-verify=false localhost/box "localhost:$port/box"
	engine podman rmi -f localhost/box
	engine podman pull -q --tls-verify=false "localhost:$port/box"
	says "$BOX_OWNERS" podman run --rm --network none "localhost:$port/box" sh -c "$LIST"
	engine podman rmi -f "localhost:$port/box"
	engine skopeo copy -q --src-tls-verify=false "docker://localhost:$port/box" containers-storage:localhost/again
	says "$BOX_OWNERS" podman run --rm --network none localhost/again sh -c "$LIST"
	stop_registry
}

@test "exit status, signals and a terminal are podman's" {
	box_image
	for status in 0 7 126 127; do
		run -"$status" engine podman run --rm --network none localhost/box sh -c "exit $status"
	done
	run -125 engine podman run --no-such-option localhost/box
	run -127 env PATH="$T" "$T/subuidless" podman ps
	[[ "$output" = *'there is no podman in PATH'* ]]
	"${AS_USER[@]}" env -C "$T/work" "$T/subuidless" podman run --rm --name s --network none localhost/box \
		sh -c 'trap "exit 9" TERM; >/tmp/ready; while :; do busybox sleep 0.1; done' </dev/null >"$T/work/out" 2>&1 3>&- &
	pid=$!
	within 60 engine podman exec s stat /tmp/ready >/dev/null 2>&1
	[ "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -d ' ' -f 1)" = "$(command -v podman)" ]
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	same 9 "$status"
	as_user env -C "$T/work" timeout -k 5 60 script -qec "$T/subuidless podman run --rm -t --user 1000:1001 --network none localhost/box \
		sh -c 'busybox tty && stat -c %u \$(busybox tty)'" /dev/null </dev/null 3>&- | tr -d '\r' >"$T/work/tty"
	same $'/dev/pts/0\n1000' "$(cat "$T/work/tty")"
}

@test "--strict: containers have listeners of their own, podman is served only where it deals with images" {
	box_image
	says $'Seccomp:\t2' podman unshare grep Seccomp: /proc/self/status
	says $'Seccomp:\t0' podman --strict unshare grep Seccomp: /proc/self/status
	says "$BOX_OWNERS" podman --strict run --rm --network none localhost/box sh -c "$LIST"
	engine podman --strict create --name c --network none localhost/box sh -c 'chown 5:6 /srv/set; while :; do busybox sleep 0.1; done'
	engine podman --strict start c
	within 60 says 5:6 podman --strict exec c stat -c %u:%g /srv/set
	engine podman --strict import -q "$T/work/box.tar" localhost/again
	says 0:42 podman --strict container run --rm --network none localhost/again stat -c %u:%g /etc/shadow
	run -125 engine podman --strict pod create
	[[ "$output" = *'none of "podman pod"'* ]]
}

@test "in an attached engine, or by shims, scripts call podman" {
	box_image
	mkdir "$T/work/shims"
	own "$T/work/shims"
	as_user "$T/subuidless" shim "$T/work/shims"
	same 'buildah podman skopeo ' "$(cd "$T/work/shims" && printf '%s ' *)"
	PATH=$T/work/shims:$PATH
	same "$BOX_OWNERS" "$(as_user env -C "$T/work" podman run --rm --network none localhost/box sh -c "$LIST" 2>/dev/null 3>&-)"
	# what is attached already is not attached again
	says "$BOX_OWNERS" podman unshare sh -c "podman run --rm --network none localhost/box sh -c '$LIST'"
	run -1 as_user "$T/subuidless" shim "$T/work/shims"
}

@test "who has other IDs is told so, and gets the engine itself" {
	need_root "put files in the place of /etc/subuid"
	printf '%s:100000:65536\n' "$TEST_ID" >"$T/subid"
	# shellcheck disable=SC2016 # the inner shell expands it
	run -0 unshare -m sh -c 'mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid && shift && exec "$@"' sh "$T/subid" \
		"${AS_USER[@]}" env -C "$T" "$T/subuidless" podman --version
	[[ "$output" = *'you have subordinate IDs, in /etc/subuid and /etc/subgid, so that podman needs no subuidless'*'podman version'* ]]
	run -0 env -C "$T" "$T/subuidless" podman --version
	[[ "$output" = *'root has all IDs'* ]]
	[ ! -e "$T/run/$SOCKET_NAME" ]
}

@test "a daemon that has nothing to do ends; whoever comes meanwhile is served" {
	start_daemon --idle 1
	wait_gone "$DAEMON_PID"
	wait "$DAEMON_PID"
	[ ! -e "$SOCKET" ]
	start_daemon --idle 1
	same 3:4 "$(as_user unshare -r "$T/subuidless" attach --listener "$SOCKET" -- sh -c 'cd "$1" && sleep 3 && : >f && chown 3:4 f && stat -c %u:%g f' sh "$T/work")"
	wait_gone "$DAEMON_PID"
	DAEMON_PID=
	# of two that are started at once, one serves both
	engine podman ps -q 2>/dev/null 3>&- &
	engine podman ps -q 2>/dev/null
	wait $!
	same 1 "$(pgrep -cf "daemon --idle 60 $T/run/$SOCKET_NAME")"
}
