# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What tests/likeroot/mount.bats and mount-more.bats load: mounttest, as real root and in the other ways.

# shellcheck source=../../lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../../lib.bash"

setup_file() {
	local flags=(-std=gnu11 -O1 -static -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror)

	gcc "${flags[@]}" -o "$BATS_FILE_TMPDIR/mounttest64" "$TESTS"/likeroot/mount/*.c
	# without gcc-multilib, nothing else leads a compiler for i386 to asm/
	gcc "${flags[@]}" -m32 -isystem /usr/include/x86_64-linux-gnu -o "$BATS_FILE_TMPDIR/mounttest32" "$TESTS"/likeroot/mount/*.c
}

# in_directory OWNER BITS: what is to be there
in_directory() {
	rm -rf "$T/work"
	mkdir "$T/work"
	cp "$BATS_FILE_TMPDIR/mounttest$2" "$T/work/mounttest"
	! is_root || chown -R "$1:$1" "$T/work"
}

# native PART BITS
native() {
	in_directory 0 "$2"
	(cd "$T/work" && unshare -m --propagation private timeout 60 ./mounttest "$1")
}

# embedded PART BITS
embedded() {
	in_directory "$USER_ID" "$2"
	(cd "$T/work" && as_user timeout 60 "$T/subuidless" run ./mounttest "$1")
}

# contained PART BITS: as root of a container of crun
contained() {
	in_directory "$USER_ID" "$2"
	mkdir -p "$T/work/proc" "$T/work/dev"
	own "$T/work"
	start_daemon
	make_bundle "$T/bundle" "$T/work" ".process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"])"
	set_args "$T/bundle" /mounttest "$1"
	crun_run "$T/bundle" c </dev/null
	stop_daemon
}

# merged PART BITS: the same with podman's own restrictions, by which the filter sends more calls than ours
merged() {
	[ -e /usr/share/containers/seccomp.json ] || skip "podman's profile is not installed"
	"$T/subuidless" profile --merge /usr/share/containers/seccomp.json --listener "$SOCKET" >"$T/merged.json"
	in_directory "$USER_ID" "$2"
	mkdir -p "$T/work/proc" "$T/work/dev"
	own "$T/work"
	start_daemon
	make_bundle "$T/bundle" "$T/work" ".process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"])"
	# podman chooses rules by the capabilities
	jq --slurpfile p "$T/merged.json" '.linux.seccomp = ($p[0] | del(.archMap) | .syscalls |= map(
		select((.includes.caps // []) - ["CAP_SYS_ADMIN"] == [] and ((.excludes.caps // []) | index("CAP_SYS_ADMIN") | not)) | del(.includes, .excludes, .comment)))' \
		"$T/bundle/config.json" >"$T/bundle/new.json"
	mv "$T/bundle/new.json" "$T/bundle/config.json"
	own "$T/bundle"
	set_args "$T/bundle" /mounttest "$1"
	crun_run "$T/bundle" c </dev/null
	stop_daemon
}

# alike PART BITS LEAST HOW
alike() {
	local native other

	need_root "make the native transcript"
	[ "$2" = 64 ] || need_i386
	native=$(native "$1" "$2")
	other=$("$4" "$1" "$2") || fail "$other"
	same "$native" "$other"
	[ "$(wc -l <<<"$native")" -ge "$3" ] || fail "not a whole transcript: $native"
}
