#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Devices made with mknod(1) in a container: what tools see of them, inside and outside, beside real ones of real root.

load ../lib

setup() {
	lib_setup
	start_daemon
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
}

# placeholder NAME MODE VALUE [OWNER]: as another tool leaves one in the container's /tmp
placeholder() {
	local file=$T/rootfs/tmp/$1

	as_user touch "$file"
	as_user chmod "$2" "$file"
	[ -z "$3" ] || as_user setfattr -n user.containers.override_stat -v "$3" "$file"
	[ -z "${4-}" ] || as_user setfattr -n user.rootlesscontainers -v "$4" "$file"
}

recorded() { getfattr --absolute-names --only-values -n user.containers.override_stat "$T/rootfs/tmp/$1" 2>&1; }

none=0x08ffffffff0f10ffffffff0f # both halves: not overridden

@test "a record that another tool wrote, beside one of an owner, shows as a device" {
	placeholder null 666 0:0:0666:char-1-3 "$none"
	placeholder disk 660 0:6:0660:block-259-70000 0x08ffffffff0f1006
	placeholder odd 640 7:8:0100644:char-4095-1048575 0x08051006
	# no device
	placeholder alone 600 0:0:0600:char-1-3
	placeholder file 600 0:0:0600:file "$none"
	placeholder umoci 640 '' 0x08051006
	placeholder broken 600 0:0:0600:char-1 "$none"
	placeholder long 600 "$(printf '%070d' 0):0:0600:char-1-3" "$none"
	placeholder full 600 0:0:0600:char-1-3 "$none"
	echo content | as_user tee "$T/rootfs/tmp/full" >/dev/null
	run crun_sh "$T/bundle" c 'cd /tmp; stat -c "%n %F %t:%T %a %u:%g %s %b" *; stat -L -c "%F %t:%T" null; stat -L -c %F /proc/self/fd/0 <null
		for f in *; do test -c $f && echo $f is char; test -b $f && echo $f is block; done; ls -ln null disk odd | cut -c 1-60
		find . -type c -o -type b | sort'
	echo "$output"
	[ "$status" = 0 ]
	same "alone regular empty file 0:0 600 0:0 0 $(stat -c %b "$T/rootfs/tmp/alone")
broken regular empty file 0:0 600 0:0 0 $(stat -c %b "$T/rootfs/tmp/broken")
disk block special file 103:11170 660 0:6 0 0
file regular empty file 0:0 600 0:0 0 $(stat -c %b "$T/rootfs/tmp/file")
full regular file 0:0 600 0:0 8 $(stat -c %b "$T/rootfs/tmp/full")
long regular empty file 0:0 600 0:0 0 $(stat -c %b "$T/rootfs/tmp/long")
null character special file 1:3 666 0:0 0 0
odd character special file fff:fffff 640 5:6 0 0
umoci regular empty file 0:0 640 5:6 0 $(stat -c %b "$T/rootfs/tmp/umoci")
character special file 1:3
character special file
disk is block
null is char
odd is char" "$(sed -n '1,14p' <<<"$output")"
	[[ "${lines[14]}" =~ ^brw-rw----\ +1\ 0\ +6\ +259,\ 70000\  ]]
	[[ "${lines[15]}" =~ ^crw-rw-rw-\ +1\ 0\ +0\ +1,\ +3\  ]]
	[[ "${lines[16]}" =~ ^crw-r-----\ +1\ 5\ +6\ +4095,\ 1048575\  ]]
	same './disk
./null
./odd' "$(sed -n '18,$p' <<<"$output")"
}

@test "chown, chmod, ln and mv of a device keep it, and its record is in step with its owner" {
	placeholder d 666 0:0:0666:char-1-3 "$none"
	run crun_sh "$T/bundle" c 'set -e; cd /tmp; show() { stat -c "%F %t:%T %a %u:%g %h" $1; }
		chown 42:43 d; show d; chmod 6755 d; show d; chown :7 d; show d; chown 0:0 d; show d; ln d e; mv d f; show f; chown 1:2 e; show f
		rm e; show f'
	echo "$output"
	same 'character special file 1:3 666 42:43 1
character special file 1:3 6755 42:43 1
character special file 1:3 755 42:7 1
character special file 1:3 755 0:0 1
character special file 1:3 755 0:0 2
character special file 1:3 755 1:2 2
character special file 1:3 755 1:2 1' "$output"
	same 1:2:0755:char-1-3 "$(recorded f)"
	run crun_sh "$T/bundle" two 'cd /tmp; chown 0:0 f; stat -c "%F %u:%g" f; rm f; ls'
	same 'character special file 0:0' "$output"
}

@test "a device cannot be executed" {
	placeholder d 777 0:0:0777:char-1-3 "$none"
	run crun_sh "$T/bundle" c '/tmp/d; echo $?; exec setpriv --reuid 42 /tmp/d'
	echo "$output"
	[[ "${lines[0]}" = *ermission\ denied* ]]
	[ "${lines[1]}" = 126 ]
}

# alike SCRIPT: what it prints as real root and as a user in "subuidless run", each in a directory of its own
alike() {
	local script="set -e; umask 022; export LC_ALL=C TZ=UTC; $1"

	need_root "make devices for comparison"
	mkdir "$T/native" "$T/ours"
	own "$T/ours"
	(cd "$T/native" && sh -c "$script") >"$T/native.out" 2>&1 || fail "$(cat "$T/native.out")"
	(cd "$T/ours" && as_user timeout 60 "$T/subuidless" run sh -c "$script") >"$T/ours.out" 2>&1 || fail "$(cat "$T/ours.out")"
	cat "$T/native.out"
	same "$(<"$T/native.out")" "$(<"$T/ours.out")"
}

# of every kind, with times that are the same in both worlds
make='mkdir tree; cd tree; mknod null c 1 3; mknod -m 660 disk b 259 70000; mknod odd c 4095 1048575; chmod 7755 odd; mknod tty c 5 0; mkdir -m 2775 dir
	mknod dir/zero c 1 5; mkfifo -m 600 fifo; touch file; ln -s null link; chown 42:43 disk dir/zero; chown :70000 odd; ln disk again; chgrp 5 tty
	find . -exec touch -h -d "2020-01-02 03:04:05" {} +; cd ..'
show='find tree -printf "%P %y %m %U:%G %n %s %l\n" | sort; find tree -exec stat -c "%n %F %t:%T %a %u:%g %s %b %o" {} + | grep -v directory | sort'

@test "mknod, ls, stat and find" { # shellcheck disable=SC2016
	alike "$make; $show"'; ls -lnR --time-style=+ tree; cd tree; test -c null; test -b disk; ! test -f null; ! test -s null; mv odd dir; rm again
		ls -n --time-style=+ disk dir/odd; chmod u-s,o= dir/odd; stat -c "%A %t:%T" dir/odd; mknod null c 1 3 && exit 1; mknod none/null c 1 3 && exit 1
		rm -r dir; rm null; mkfifo null; stat -c "%F %t:%T" null; find . ! -type d -perm /7777 -printf "%P %y\n" | sort'
}

@test "tar and cpio, out and in" { # shellcheck disable=SC2016
	alike "$make"'; tar c --sort=name tree | tee tree.tar | tar tvn; find tree -type d -o -print | sort | cpio -o -H newc 2>/dev/null >tree.cpio
		cpio -itvn 2>/dev/null <tree.cpio; mkdir out in; tar x -C out <tree.tar; mv tree made; mv out/tree tree'"; $show; rm -r tree; mkdir tree"'
		(cd in && cpio -idm 2>/dev/null <../tree.cpio); mv in/tree/* tree'"; $show"'; cmp tree.tar tree.tar; sha256sum tree.tar'
}

@test "mksquashfs and cp -a" { # shellcheck disable=SC2016
	alike "$make"'; mksquashfs tree tree.sqfs -no-progress -quiet -processors 1 >/dev/null; unsquashfs -lln tree.sqfs; cp -a tree copy
		mv tree made; mv copy tree'"; $show"'; unsquashfs -no-progress -quiet -d again tree.sqfs >/dev/null; rm -r tree; mv again tree'"; $show"
}

@test "null, zero, full, random and urandom of its own making are the host's, for opens that may make a file" {
	script='set -e; cd /tmp; mkdir -p d/dev; cd d/dev; mknod -m 666 null c 1 3; mknod -m 666 full c 1 7; mknod -m 666 zero c 1 5; ln -s null link
		mknod tty c 5 0; echo text >null; echo text >>link; : >>full; stat -c "%F %s" null full; (echo text >full) && exit 1
		(echo text >tty) 2>&1 && exit 1; dd if=null of=zero count=0 2>/dev/null; stat -c "%F %s" tty zero
		su alice -s /bin/sh -c "echo text >null; id -u; echo text >full; mknod mine c 1 3" || ls'
	run crun_sh "$T/bundle" c "$script"
	echo "$output"
	same "character special file 0
character special file 0
sh: write error: No space left on device
sh: can't create tty: No such device or address
character special file 0
character special file 0
42
sh: write error: No space left on device
mknod: mine: Operation not permitted" "$(head -n 9 <<<"$output")"
	same 'full
link
null
tty
zero' "$(tail -n +10 <<<"$output")"
	[ "$(counter errno no_device)" = 1 ]
}

@test "in a chroot of the container, as for a package's scripts" {
	cp -a "$T/rootfs/bin" "$T/rootfs/tmp/bin"
	run crun_sh "$T/bundle" c 'set -e; cd /tmp; mkdir dev; mknod -m 666 dev/null c 1 3; mknod dev/full c 1 7
		chroot . sh -c "echo text >/dev/null; stat -c %F:%t:%T:%s /dev/null; echo text >/dev/full; mknod /dev/zero c 1 5; stat -c %F:%t:%T /dev/*"'
	echo "$output"
	same 'character special file:1:3:0
sh: write error: No space left on device
character special file:1:7
character special file:1:3
character special file:1:5' "$output"
}

@test "devices are there after a restart of container and daemon" {
	run crun_sh "$T/bundle" one 'cd /tmp; mknod -m 660 disk b 8 1; chown 42:43 disk; mknod null c 1 3; mkdir -m 2777 d; chown :7 d; mknod d/x c 4 5; stat -c "%n %F %t:%T %a %u:%g" disk null d/x'
	expected='disk block special file 8:1 660 42:43
null character special file 1:3 644 0:0
d/x character special file 4:5 644 0:7'
	same "$expected" "$output"
	stop_daemon
	start_daemon
	run crun_sh "$T/bundle" two 'cd /tmp; stat -c "%n %F %t:%T %a %u:%g" disk null d/x; echo text >null; stat -c %s null'
	same "$expected
0" "$output"
	same 42:43:0660:block-8-1 "$(recorded disk)"
}

@test "without CAP_MKNOD there is no device, but a whiteout" {
	make_bundle "$T/bundle" "$T/rootfs" '.process.capabilities[] -= ["CAP_MKNOD"]'
	run crun_sh "$T/bundle" c 'cd /tmp; mknod null c 1 3; mknod whiteout c 0 0; ls'
	echo "$output"
	same 'mknod: null: Operation not permitted
whiteout' "$output"
}

@test "without user xattrs there is no device, and nothing is left of it" {
	need_root "mount a file system without user xattrs"
	mkdir "$T/ram"
	run unshare -m sh -c 'mount -t ramfs ramfs "$1" && chown "$2" "$1" && shift 2 && exec "$@"' sh "$T/ram" "$USER_ID" \
		"${AS_USER[@]}" timeout 60 "$T/subuidless" run sh -c "cd $T/ram; mknod null c 1 3; mkfifo fifo; ls"
	echo "$output"
	same 'mknod: null: Operation not permitted
fifo' "$output"
}

@test "workers are killed while devices are made, and each is there once" {
	crun_start_bg "$T/bundle" c 'cd /tmp; i=0; until [ -e stop ]; do mknod n$i c 4 $i || echo "n$i failed"; i=$((i + 1)); done; echo $i
		stat -c "%F %t" n* | sort | uniq -c'
	kill_workers $((4 + TEST_SCALE)) 1 100
	as_user touch "$T/rootfs/tmp/stop"
	wait "$CRUN_PID"
	cat "$T/c.out"
	[ "$(head -n 1 "$T/c.out")" -ge 10 ]
	same "$(head -n 1 "$T/c.out") character special file 4" "$(tail -n +2 "$T/c.out" | sed 's/^ *//')"
}
