# SPDX-License-Identifier: Apache-2.0
# Other ways to the socket than crun in a user namespace of its caller, and listenerPath.

load ../lib.bash

script='cd /tmp; touch f; chown 42:43 f; mkfifo p; chown 7:8 p; stat -c "%n %u:%g" f p'
expected=$'f 42:43\np 7:8'

@test "runc: a profile without flags, its compact payload" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" . runc
	run jq -e '.linux.seccomp | has("flags") | not' "$T/bundle/config.json"
	[ "$status" -eq 0 ]
	set_args "$T/bundle" sh -c "$script"
	same "$expected" "$(as_user unshare -r runc --root "$T/run/runc" run -b "$T/bundle" c)"
}

@test "crun makes the user namespace itself: its process cannot be entered before execve" {
	if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
		need_root "hide hybrid cgroups outside of a user namespace"
	fi
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" ".linux.namespaces += [{\"type\": \"user\"}] |
		.linux.uidMappings = [{\"containerID\": 0, \"hostID\": $USER_ID, \"size\": 1}] |
		.linux.gidMappings = [{\"containerID\": 0, \"hostID\": $USER_ID, \"size\": 1}]"
	set_args "$T/bundle" sh -c "$script"
	if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
		run as_user crun --cgroup-manager=disabled run -b "$T/bundle" c
	else
		run unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup; exec "$@"' sh \
			"${AS_USER[@]}" crun --cgroup-manager=disabled run -b "$T/bundle" c
	fi
	same "$expected" "$(grep -v newgidmap <<<"$output" | grep -v newuidmap)"
}

@test "crun: RUN_OCI_SECCOMP_RECEIVER and the annotation name the socket as listenerPath does" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" 'del(.linux.seccomp.listenerPath)'
	set_args "$T/bundle" sh -c "$script; rm f p"
	same "$expected" "$(in_holder env RUN_OCI_SECCOMP_RECEIVER="$SOCKET" crun --cgroup-manager=disabled run -b "$T/bundle" c)"
	make_bundle "$T/bundle2" "$T/rootfs" "del(.linux.seccomp.listenerPath) |
		.annotations[\"run.oci.seccomp.receiver\"] = \"$SOCKET\""
	set_args "$T/bundle2" sh -c "$script; rm f p"
	same "$expected" "$(crun run -b "$T/bundle2" c)"
}

@test "noNewPrivileges: crun connects at create and sends only at start" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" '.process.noNewPrivileges = true'
	set_args "$T/bundle" sh -c "$script"
	in_holder crun --cgroup-manager=disabled create -b "$T/bundle" c >"$T/out" 2>&1
	daemon_caught_up
	no_worker
	crun start c
	within 60 crun_status_is c stopped
	same "$expected" "$(cat "$T/out")"
}

@test "the static build serves as well" {
	# where a compiler takes minutes, somebody has made it before
	if [ -z "${SUBUIDLESS_STATIC-}" ]; then
		SUBUIDLESS_STATIC=$T/subuidless-static
		make -s -C "$REPO" STATIC=1 BUILD="$T/build" BIN="$SUBUIDLESS_STATIC"
	fi
	install -m 755 "$SUBUIDLESS_STATIC" "$T/subuidless.new"
	mv "$T/subuidless.new" "$T/subuidless"
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	same "$expected" "$(crun_sh "$T/bundle" c "$script")"
}
