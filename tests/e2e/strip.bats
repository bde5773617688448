#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# subuidless strip: what was recorded in a tree of files is gone, and nothing else of it is changed.

load ../lib

strip() { as_user timeout -k 5 120 "$T/subuidless" strip "$@"; }
inside() { as_user timeout -k 5 120 "$T/subuidless" run "$@"; }

# ours DIR: NAME and value of each xattr of ours, and of no other, in a tree
ours() { as_user unshare -r getfattr -R -h -d -m '^user\.(rootlesscontainers$|containers\.override_stat$|subuidless\.)' "$1" 2>/dev/null; }

# but what concerns owners inside
facts() { as_user unshare -r find "$1" -printf '%p %y %m %n %s %T@ %l\n' | sort; }

make_tree() {
	as_user mkdir -p "$T/tree/dir/sub" "$T/tree/closed" "$T/tree/secret" "$T/outside"
	as_user touch "$T/tree/"{plain,owned,kept,device,readonly,none} "$T/tree/dir/sub/deep" "$T/tree/closed/in" "$T/tree/secret/in" "$T/outside/file"
	as_user ln "$T/tree/owned" "$T/tree/dir/hard"
	as_user ln -s "$T/outside" "$T/tree/link"
	as_user ln -s "$T/outside/file" "$T/tree/link2"
	as_user mkfifo "$T/tree/fifo"
	inside sh -c 'cd "$1"; chown 42:42 tree/owned tree/readonly tree/none tree/dir tree/dir/sub/deep tree/closed tree/closed/in tree/secret/in tree/secret outside/file
		chown -h 7:8 tree/link; chown 9 tree/fifo; chmod 444 tree/readonly; chmod 0 tree/none tree/secret; chmod 555 tree/closed' sh "$T"
	as_user setfattr -n user.subuidless.trusted.foo -v bar "$T/tree/kept"
	as_user setfattr -n user.containers.override_stat -v 0:0:0644:char-1-3 "$T/tree/device"
	as_user setfattr -n user.rootlesscontainers -v 0x08ffffffff0f10ffffffff0f "$T/tree/kept" "$T/tree/device"
	as_user setfattr -n user.other -v stays "$T/tree/kept"
	as_user setfattr -n user.subuidles -v stays "$T/tree/plain"
}

@test "all that is ours goes, and nothing else" {
	make_tree
	before=$(facts "$T/tree")
	[ "$(ours "$T/tree" | grep -c '^# file')" = 12 ] || fail "$(ours "$T/tree")"
	run strip --dry-run "$T/tree"
	# two names of one object are one
	same 'objects to change: 13' "$output"
	[ "$(ours "$T/tree" | grep -c '^# file')" = 12 ]
	same "7:8 9:0" "$(inside stat -c %u:%g "$T/tree/link" "$T/tree/fifo" | xargs)"
	run strip "$T/tree"
	same 'objects changed: 13' "$output"
	same 0 "$status"
	same "" "$(ours "$T/tree")"
	same "0:0 0:0" "$(inside stat -c %u:%g "$T/tree/link" "$T/tree/fifo" | xargs)"
	same "$before" "$(facts "$T/tree")"
	same 'user.other="stays"' "$(getfattr -d --absolute-names "$T/tree/kept" | sed -n 2p)"
	same 'user.subuidles="stays"' "$(getfattr -d --absolute-names "$T/tree/plain" | sed -n 2p)"
	# what links lead to is not in the tree
	[ -n "$(ours "$T/outside")" ]
	run strip "$T/tree" "$T/outside"
	same 'objects changed: 1' "$output"
	run inside find "$T/tree" "$T/outside" -type f '(' -uid +0 -o -gid +0 ')'
	same "" "$output"
}

@test "a tree named by a link is not followed, a file may be named" {
	make_tree
	run strip "$T/tree/link"
	same 'objects changed: 1' "$output"
	run strip "$T/tree/link/" "$T/tree/owned"
	same 'objects changed: 2' "$output"
}

@test "other file systems are left alone unless asked for" {
	make_tree
	as_user mkdir "$T/tree/mounted"
	as_user unshare -r -m sh -c 'mount -t tmpfs none "$1" && setfattr -n user.x -v y "$1"' sh "$T/tree/mounted" ||
		skip "tmpfs has no user xattrs before Linux 6.6"
	run as_user unshare -r -m sh -c 'cd "$1/tree" && mount -t tmpfs none mounted && mkdir mounted/dir &&
		setfattr -n user.rootlesscontainers -v 0x082a102a mounted mounted/dir && ../subuidless strip . &&
		getfattr -d mounted mounted/dir | grep -c user. && ../subuidless strip --all-file-systems . ' sh "$T"
	same 'objects changed: 13
2
objects changed: 2' "$output"
}

@test "what could not be changed is told, and the rest is done" {
	make_tree
	run strip "$T/tree/owned" "$T/nonexistent" "$T/tree/dir"
	same 1 "$status"
	[[ "$output" = *"subuidless: $T/nonexistent: No such file or directory"* ]]
	[[ "$output" = *'objects changed: 3' ]]
	need_root "mount a file system read-only for others"
	mkdir "$T/ro"
	run unshare -m sh -c 'mount --bind "$1/tree" "$1/ro" && mount -o remount,bind,ro "$1/ro" && shift && "$@"' sh "$T" \
		"${AS_USER[@]}" "$T/subuidless" strip "$T/ro"
	same 1 "$status"
	[[ "$output" = *"subuidless: $T/ro/readonly: Read-only file system"* ]]
	# what is recorded elsewhere
	[[ "$output" = *'objects changed: 2' ]]
	run strip
	same 2 "$status"
	run strip --nonsense "$T/tree"
	same 2 "$status"
}

@test "files of others" {
	need_root "make some"
	make_tree
	mkdir "$T/tree/foreign"
	touch "$T/tree/foreign/file"
	setfattr -n user.rootlesscontainers -v 0x082a102a "$T/tree/foreign/file"
	chmod 600 "$T/tree/foreign/file"
	run strip "$T/tree"
	same 1 "$status"
	[[ "$output" = *"subuidless: $T/tree/foreign/file: Permission denied"* || "$output" = *"subuidless: $T/tree/foreign/file: Operation not permitted"* ]]
	[[ "$output" = *'objects changed: 13' ]]
	run "$T/subuidless" strip "$T/tree"
	same 'objects changed: 1' "$output"
}

@test "a daemon that runs meanwhile knows, and so does the next one" {
	start_daemon
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
	crun_sh "$T/bundle" c 'mkdir /tree; ln -s x /tree/link; ln -s x /tree/other; chown -h 7:8 /tree/link /other /tree/other 2>/dev/null; true'
	run strip "$T/rootfs/tree"
	same 'objects changed: 2' "$output"
	within 60 eval 'same "0:0 0:0" "$(crun_sh "$T/bundle" c2 "stat -c %u:%g /tree/link /tree/other" | xargs)" >/dev/null'
	same "0:0 0:0" "$(inside stat -c %u:%g "$T/rootfs/tree/link" "$T/rootfs/tree/other" | xargs)"
}

@test "while others exchange directories for links" {
	as_user mkdir -p "$T/tree/a" "$T/outside"
	as_user touch "$T/outside/file" "$T/tree/a/file"
	as_user setfattr -n user.rootlesscontainers -v 0x082a102a "$T/outside/file"
	"${AS_USER[@]}" sh -c 'cd "$1/tree"; while [ ! -e ../stop ]; do mv a b; ln -s ../outside a; rm a; mv b a; done' sh "$T" >"$T/race.log" 2>&1 3>&- &
	race=$!
	# 200 in "make check-all"
	for _ in $(seq $((20 * TEST_SCALE))); do
		strip "$T/tree" >/dev/null 2>&1 || :
	done
	as_user touch "$T/stop"
	wait $race
	[ -n "$(ours "$T/outside")" ]
}
