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
character special file 1:3
character special file
disk is block
null is char
odd is char" "$(sed -n '1,13p' <<<"$output")"
	[[ "${lines[13]}" =~ ^brw-rw----\ +1\ 0\ +6\ +259,\ 70000\  ]]
	[[ "${lines[14]}" =~ ^crw-rw-rw-\ +1\ 0\ +0\ +1,\ +3\  ]]
	[[ "${lines[15]}" =~ ^crw-r-----\ +1\ 5\ +6\ +4095,\ 1048575\  ]]
	same './disk
./null
./odd' "$(sed -n '17,$p' <<<"$output")"
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
