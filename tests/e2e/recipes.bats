#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The recipes of docs/runtimes.md, as they are written there.

bats_require_minimum_version 1.5.0
load engine

PAGE=$REPO/docs/runtimes.md
LINE='-rw-r--r-- +1 42 +42 .* foo'

# recipe NAME: the commands behind the comment of that name, to the next one or the next heading
recipe() {
	awk -v name="<!-- recipe $1 -->" '
		/^```/ { shell = !open && $0 == "```sh"; open = !open; next }
		!open && /^(#|<!--)/ { ours = $0 == name }
		ours && open && shell' "$PAGE" >"$T/work/$1.sh"
	[ -s "$T/work/$1.sh" ] || fail "$PAGE has no recipe $1"
}

# follow NAME...: runs recipes, one after the other, in one directory; their output is in $output. What crun refuses is hidden before, as on a host
# that does not have it; but runc needs them.
follow() {
	local name hide=()

	if [ -z "${HYBRID-}" ] && [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
		need_root "hide hybrid cgroups from all that a recipe runs"
		hide=(unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh)
	fi
	ln -sfn "$REPO/tests" "$T/work/tests"
	for name in "$@"; do
		recipe "$name"
		run "${hide[@]}" "${AS_USER[@]}" env -C "$T/work" USER=user PATH="$T:$PATH" env "${ENVIRONMENT[@]}" timeout -k 5 120 sh -e "$name.sh" </dev/null 3>&-
		echo "$output"
		[ "$status" = 0 ] || fail "recipe $name ends with $status"
	done
}

# the daemon that recipes with a profile need
daemon() {
	SOCKET=$T/run/$SOCKET_NAME
	start_daemon
}

has() { grep -Eqx -e "$1" <<<"$output" || fail "no line '$1'"; }

setup() {
	ENVIRONMENT=()
	engine_setup
}

@test "each recipe of the page is tested here" {
	grep -o '^<!-- recipe .* -->' "$PAGE" | sort >"$T/there"
	for name in $(sed -n 's/^\tfollow //p' "$BATS_TEST_FILENAME"); do echo "<!-- recipe $name -->"; done | sort -u >"$T/here"
	diff -u "$T/there" "$T/here"
}

@test "crun" {
	daemon
	follow bundle crun
	has "$LINE"
	getfattr -n user.rootlesscontainers -e hex "$T/work/bundle/rootfs/foo" | grep -x user.rootlesscontainers=0x082a102a
}

@test "runc, and runc exec" {
	daemon
	HYBRID=yes
	follow bundle runc
	has "$LINE"
	follow runc-exec
	has '-rw-r--r-- +1 5 +6 .* bar'
}

@test "podman, with nothing before" {
	follow bundle podman
	has "$LINE"
}

@test "podman, strict" {
	follow bundle podman podman-strict
	has "$LINE"
	has $'Seccomp:\t2'
}

@test "podman, by its own configuration" {
	daemon
	follow bundle podman-conf
	has "$LINE"
}

@test "buildah in CI" {
	follow bundle podman buildah
	mkdir "$T/mine"
	tar -C "$T/mine" -xf "$T/work/mine.tar"
	output=$(for layer in "$T"/mine/blobs/sha256/*; do tar --numeric-owner -tvf "$layer" 2>/dev/null || :; done)
	has '-rw-r--r-- 33/44 .* srv.txt'
	has '-rw-r--r-- 7/8 .* note'
}

@test "umoci inside subuidless run" {
	follow bundle podman
	engine skopeo copy -q containers-storage:localhost/box oci:oci:latest
	follow umoci
	output=$(for layer in "$T"/work/oci/blobs/sha256/*; do tar --numeric-owner -tvzf "$layer" 2>/dev/null || :; done)
	has '-rw-r--r-- 42/43 .* new'
	has 'lrwxrwxrwx 5/6 .* link -> new'
	has 'crw-r--r-- 0/0 +1,5 .* zero'
}

@test "umoci by itself" {
	daemon
	follow bundle podman
	engine skopeo copy -q containers-storage:localhost/box oci:oci:latest
	follow umoci-rootless
	output=$(for layer in "$T"/work/oci/blobs/sha256/*; do tar --numeric-owner -tvzf "$layer" 2>/dev/null || :; done)
	has '-rw-r--r-- 42/42 .* foo'
}

@test "Charliecloud" {
	command -v ch-run >/dev/null || skip "charliecloud-runtime is not installed"
	[ -n "${SUBUIDLESS_STATIC-}" ] || make -s -C "$REPO" STATIC=1 BUILD="$T/build" BIN="$T/static" >/dev/null
	install -m 755 "${SUBUIDLESS_STATIC:-$T/static}" "$T/subuidless"
	follow bundle charliecloud
	has "$LINE"
}

@test "a batch job" {
	ENVIRONMENT=(-i HOME="$T/home" PATH="$T:$PATH")
	follow bundle batch
	has "$LINE"
	has 3:4
	job=$(find /tmp -maxdepth 1 -user "$USER_ID" -name 'job.*')
	pid=$(pgrep -u "$USER_ID" -f "daemon --idle 60 $job/")
	kill "$pid"
	wait_gone "$pid"
	[ ! -e "$job/data" ]
	rm -r "$job"
}
