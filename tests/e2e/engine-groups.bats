#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The groups of a container's user, as podman of real root has them: id(1) says the same.

bats_require_minimum_version 1.5.0
load engine

# group_image: localhost/box with users and groups, and a USER
group_image() {
	local tree=$T/tree

	mkdir -p "$tree/etc"
	printf '%s\n' root:x:0:0::/:/bin/sh app:x:1000:1001::/:/bin/sh >"$tree/etc/passwd"
	printf '%s\n' root:x:0: appgrp:x:1001: grp:x:77:app foo:x:42:app zed:x:99: high:x:2147483647: >"$tree/etc/group"
	"$TESTS/e2e/layer.py" "$T/work/box.tar" "$(command -v busybox)" </dev/null
	tar -C "$tree" -rf "$T/work/box.tar" --owner=0 --group=0 etc/passwd etc/group
	ln -s busybox "$tree/id"
	tar -C "$tree" -rf "$T/work/box.tar" --owner=0 --group=0 --transform 's|^|bin/|S' id
	own "$T/work"
}

# What runs with podman as "$@", and prints a line for each way to say as whom.
cat_script() {
	cat <<-'END'
		cd "$1" && shift
		say() { printf '%s: %s\n' "$1" "$2"; }
		"$@" import -q --change 'USER app:zed' box.tar localhost/box >imported 2>&1 || { cat imported; exit 1; }
		for user in root 1000:1000 app:grp 5; do
			say "--user $user" "$("$@" run --rm --network none --user $user localhost/box id)"
		done
		say --group-add "$("$@" run --rm --network none --group-add 42 --group-add high localhost/box id)"
		say 'root --group-add' "$("$@" run --rm --network none --user root --group-add zed localhost/box id)"
		say USER "$("$@" run --rm --network none localhost/box id)"
		"$@" run -d --name c --network none --group-add 5 localhost/box busybox sleep 1000 >id
		say exec "$("$@" exec c id)"
		for user in app 1000 root app:grp 7:8; do say "exec -u $user" "$("$@" exec -u $user c id)"; done
		printf '%s\n' 'FROM localhost/box' 'USER app' 'RUN id >/id' 'USER app:grp' 'RUN id >>/id' 'USER 7' 'RUN id >>/id' 'USER root' >Containerfile
		sed -i '1a USER root\nRUN >/id && busybox chmod 666 /id' Containerfile
		"$@" build -q --network host -t localhost/built . >built 2>&1 || { cat built; exit 1; }
		say RUN "$("$@" run --rm --network none --user root localhost/built busybox cat /id)"
		"$@" rm -f -t 0 c >id
	END
	[ "$1" = no ] || cat <<-'END'
		for user in app 1000; do
			say "--user $user" "$("$@" run --rm --network none --user $user localhost/box id)"
			say "--user $user --group-add" "$("$@" run --rm --network none --user $user --group-add zed localhost/box id)"
		done
		"$@" run --rm --network none -t localhost/box sh -c 'stat -c "terminal %u:%g %a" /dev/pts/0'
	END
}

# As real root, in places of its own for all that podman keeps, and without limits and cgroups that this root may be unable to set.
natively() {
	printf '%s\n' '[containers]' 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]' 'cgroups = "disabled"' >"$T/containers.conf"
	cp -r "$T/work" "$T/natively"
	unshare -m sh -c 'for dir in /run /dev/shm /var/tmp /sys/fs/cgroup; do mount -t tmpfs none $dir || exit; done
		mkdir /run/storage && exec env CONTAINERS_CONF="$1" BUILDAH_ISOLATION=chroot sh "$2" "$3" podman --root /run/storage/root \
			--runroot /run/storage/run --tmpdir /run/storage/tmp --storage-driver vfs --cgroup-manager cgroupfs' sh \
		"$T/containers.conf" "$T/script" "$T/natively"
}

@test "--user, --group-add, USER, exec -u, build and kube: as id(1) says under real root" {
	need_root "do the same natively"
	group_image
	# all groups of a user are shown to podman where what it does with them then works, too
	mounts=no
	! "$T/subuidless" --list-syscalls | grep -qw mount || mounts=yes
	cat_script "$mounts" >"$T/script"
	natively >"$T/natively.out" 2>"$T/natively.err" </dev/null || fail "$(cat "$T/natively.out" "$T/natively.err")"
	as_user env -C "$T/work" timeout -k 5 300 sh "$T/script" "$T/work" "$T/subuidless" podman </dev/null >"$T/out" 2>"$T/err" 3>&- || fail "$(cat "$T/out" "$T/err")"
	echo "# $(wc -l <"$T/out") lines, of which $(grep -c groups= "$T/out") have groups" >&3
	[ "$(grep -c groups= "$T/out")" -ge 10 ]
	same "$(tr -d '\r' <"$T/natively.out")" "$(tr -d '\r' <"$T/out")" || fail "$(cat "$T/err" "$T/natively.err")"
	[ "$mounts" = no ] || run ! grep 'is not present in the user namespace' "$T/err"
}

@test "kube play: runAsUser, runAsGroup and supplementalGroups" {
	command -v catatonit >/dev/null || skip "catatonit is not installed"
	group_image
	engine podman import -q "$T/work/box.tar" localhost/box
	cat >"$T/work/pod.yaml" <<-'END'
		apiVersion: v1
		kind: Pod
		metadata: {name: p}
		spec:
		  restartPolicy: Never
		  hostNetwork: true
		  securityContext: {runAsUser: 1000, runAsGroup: 77, supplementalGroups: [42, 2147483647]}
		  containers:
		  - {name: k, image: localhost/box, command: [/bin/busybox, id], imagePullPolicy: Never}
	END
	engine podman kube play pod.yaml
	engine podman wait p-k
	says 'uid=1000(app) gid=77(grp) groups=42(foo),77(grp),2147483647(high)' podman logs p-k
	engine podman pod rm -f -t 0 p
}
