#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A container of an engine that is served as a whole: its listener is the engine's, whose tasks have the host's root. The container gets no further for
# that, and does not stall the engine.

bats_require_minimum_version 1.5.0
load attached

@test "it does not see the filter of its own that it would need otherwise" {
	make_bundle "$T/bundle" "$T/rootfs"
	same null "$(jq .linux.seccomp "$T/bundle/config.json")"
	same 3:4 "$(crun_sh "$T/bundle" c 'touch /f; chown 3:4 /f; stat -c %u:%g /f')"
}

@test "magic links in every spelling" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c links /proc "$T/outside" 1
}

@test "the engine and two containers, by turns: each path means what it means where it was said" {
	busybox_rootfs "$T/rootfs2"
	make_bundle "$T/bundle" "$T/rootfs"
	make_bundle "$T/bundle2" "$T/rootfs2"
	# shellcheck disable=SC2016 # for the shell inside
	for i in '' 2; do
		set_args "$T/bundle$i" sh -c 'i='"${i:-1}"'; mkdir -p '"$T"'/tmp; cd /tmp; n=0; while [ $n -lt 200 ]; do n=$((n + 1)); : >'"$T"'/tmp/f
			chown $i:$n '"$T"'/tmp/f && s=$(stat -c %u:%g '"$T"'/tmp/f) && [ "$s" = $i:$n ] || { echo "$s instead of $i:$n"; exit 1; }; done; echo fine'
	done
	in_engine 'cd "$1"; for i in "" 2; do crun --cgroup-manager=disabled run -b bundle$i turn$i >tmp/out$i 2>&1 & done
		n=0; while [ $n -lt 200 ]; do n=$((n + 1)); : >"$1/tmp/f"
			chown 9:$n "$1/tmp/f" && s=$(stat -c %u:%g "$1/tmp/f") && [ "$s" = 9:$n ] || { echo "$s instead of 9:$n"; exit 1; }; done; wait'
	same $'fine\nfine' "$(cat "$T/tmp/out" "$T/tmp/out2")"
	getfattr -n user.rootlesscontainers -e hex "$T/tmp/f" | grep -x 'user.rootlesscontainers=0x080910c801'
}

@test "a root that is mounted and unmounted again is not kept" {
	make_bundle "$T/bundle" "$T/rootfs" "$(capable CAP_SYS_ADMIN CAP_SYS_CHROOT)"
	attack "$T/bundle" c unmount
}

@test "20 tasks that hang in a file system of their container" { hang 20 lookup-stat answer; }

@test "a root that refuses to be entered ends no worker" { hang 20 root-stat refuse; }
