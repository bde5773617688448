#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The clock of a file system is another one than that of this machine, as that of an NFS server is: new files have their owners nevertheless.
# The other way round, for no clock of a file system can be set: the daemon sees a clock of this machine that is ahead or behind.

load ../lib

OBJECTS='directory fifo link file socket'
MAKE='mkdir directory
	mkfifo fifo
	ln -s nowhere link
	>file
	python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")"'

# skewed CMD...: of the user's, in a directory of his
skewed() {
	(cd "$T/work" && "${AS_USER[@]}" "${FAKE_CLOCK[@]}" timeout -k 5 60 "$T/subuidless" run "$@")
}

# as user 42 of the container
AS_42='setpriv --reuid 42 --regid 43 --clear-groups'

# every_skew CMD...: with our clock ahead and behind by seconds, and by an hour
every_skew() {
	local seconds

	for seconds in 3 -3 3600 -3600 0; do
		rm -rf "$T/work"
		mkdir "$T/work"
		own "$T/work"
		fake_clock "$seconds"
		"$@" || fail "with our clock ahead by $seconds seconds" || return 1
	done
}

makes_all() {
	skewed $AS_42 sh -c "$MAKE"
	same "$(printf '%s 42:43\n' $OBJECTS)" "$(skewed stat -c '%n %u:%g' $OBJECTS)"
}

@test "new objects of every type have their owner" {
	every_skew makes_all
}

makes_device() {
	skewed sh -c 'mknod disk b 259 7 && chown 42:43 disk'
	same "block special file 42:43 103:7" "$(skewed stat -c '%F %u:%g %t:%T' disk)"
}

@test "a device is one" {
	every_skew makes_device
}

@test "the clocks may be set while files are made" {
	mkdir "$T/work"
	own "$T/work"
	fake_clock 0
	skewed $AS_42 sh -c '
		for ahead in 0 3600 -3600 0 -3 3; do
			perl -e "print pack(q(q), $ahead)" | dd of='"$T/ahead"' conv=notrunc status=none
			mkdir "d$ahead.0" && mkdir "d$ahead.1" && mkfifo "d$ahead.0/f" && ln -s x "d$ahead.1/l" || exit
			stat -c %u:%g "d$ahead.0" "d$ahead.1" "d$ahead.0/f" "d$ahead.1/l"
			rm -r "d$ahead.0" "d$ahead.1"
		done' >"$T/out"
	same "24 42:43" "$(sort "$T/out" | uniq -c | sed 's/^ *//')"
}

makes_all_on_seconds() {
	rm -rf "$T/mnt/work" "$T/work"
	as_user mkdir "$T/mnt/work"
	ln -s mnt/work "$T/work"
	# without a time of birth, what has no xattrs is known to this daemon only
	same "$(printf '%s 42:43\n' $OBJECTS)" "$(skewed $AS_42 sh -c "$MAKE; stat -c '%n %u:%g' $OBJECTS")"
}

@test "a file system may keep no time of birth, and whole seconds" {
	local status=0

	need_root "mount a file system"
	truncate -s 8M "$T/image"
	mkfs.ext4 -q -I 128 "$T/image" 2>/dev/null
	mkdir "$T/mnt"
	mount -o loop "$T/image" "$T/mnt" || skip "no loop devices"
	chmod 777 "$T/mnt"
	every_skew makes_all_on_seconds || status=1
	umount "$T/mnt"
	return "$status"
}

@test "the same in a container of crun's" {
	busybox_rootfs "$T/rootfs"
	as_user mkdir -m 777 "$T/rootfs/new"
	for seconds in 3 -3; do
		fake_clock "$seconds"
		start_daemon
		make_bundle "$T/bundle" "$T/rootfs" '.process.user = { uid: 0, gid: 0 }'
		crun_sh "$T/bundle" "c$seconds" 'cd /new; rm -rf *; chown 42:43 .; chmod g+s .
			su alice -c "mkdir d; mkfifo f; ln -s nowhere l; >o"; stat -c "%n %u:%g" d f l o' >"$T/out" 2>&1
		same "$(printf '%s 42:43\n' d f l o)" "$(cat "$T/out")"
		stop_daemon
	done
}
