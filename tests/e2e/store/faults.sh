#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # scripts for the inner shell
# tests/e2e/store/faults.sh FAULT: storage that fails, on file systems of its own: what a container sees, what is logged, and that what was answered is
# still so afterwards. Needs root, who may mount; fails, or ends with 77 and a line where this machine does not have what it takes.
set -euo pipefail
# shellcheck source=../../lib.bash
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../lib.bash"

clean_up() {
	local status=$?

	[ "$status" = 0 ] || [ "$status" = 77 ] || tail -n 40 "$T/out" "$T/log" || :
	kill -KILL ${running:+"$running"} 2>/dev/null || :
	for at in "$T/state" "$T/files"; do
		! mountpoint -q "$at" || umount -l "$at"
	done
	lib_teardown || status=1
	exit "$status"
}

lacks() {
	echo "$*"
	exit 77
}

# put DIR FS SIZE [MKFS_OPTION...]: a new one, whose root directory is the user's
put() {
	local at=$1 fs=$2 image=$1.image

	truncate -s "$3" "$image"
	shift 3
	command -v "mkfs.$fs" >/dev/null || lacks "there is no mkfs.$fs"
	"mkfs.$fs" -q "$@" "$image" >/dev/null 2>&1
	mount -o loop "$image" "$at"
	own "$at"
}

# inside SCRIPT: in $T/files; all that is said goes to $T/out, what the daemon logs to $T/log
inside() {
	(cd "$T/files" && as_user XDG_STATE_HOME="$T/state" timeout 100 "$T/subuidless" run sh -c "exec 2>&1; $1" >"$T/out" 2>"$T/log")
}

# begin SCRIPT: the same beside this one, up to each "await NAME" in it, which goes on after "go NAME"
begin() {
	local marks="$T/home/marks"

	as_user mkdir "$marks"
	inside "await() { touch $marks/\$1; while [ -e $marks/\$1 ]; do sleep 0.05; done; }; $1" &
	running=$!
}
reached() { within 60 test -e "$T/home/marks/$1" || fail "$1 is not reached: $(cat "$T/out" "$T/log")"; }
go() { rm "$T/home/marks/$1"; }
ended() {
	wait "$running" || fail "the container ends with $?: $(cat "$T/out" "$T/log")"
	running=
}

# said N PATTERN: so many lines of the log
said() { same "$1 lines with $2" "$(grep -c "$2" "$T/log" || :) lines with $2" || { cat "$T/log"; return 1; }; }

# try.py NAME...: changes their owners in turn, to 1:1, 2:2 and so on, until that fails; prints the last one of each that was answered
write_try() {
	as_user tee "$T/home/try.py" >/dev/null <<-'PYTHON'
		import errno, os, sys
		names, n, last = sys.argv[1:], 0, {}
		try:
		    while n < 20000:
		        name = names[n % len(names)]
		        os.lchown(name, n + 1, n + 1)
		        n += 1
		        last[name] = n
		except OSError as e:
		    print(errno.errorcode[e.errno])
		for name in names:
		    print(name, f"{last[name]}:{last[name]}")
	PYTHON
	try="python3 $T/home/try.py"
}

shown='stat -c "%n %u:%g"'

# full_state ERRNO REMEDY FREE...: a full disk under the owner store, and FREE, which makes room
full_state() {
	local errno=$1 remedy=$2

	shift 2
	begin 'ln -s x a; mkfifo b; '"$try a b; $shown a b; await full; chown -h 7:7 a; chown 8:8 b; $shown a b; await end"
	reached full
	same "$errno" "$(sed -n 1p "$T/out")"
	# what was answered is so
	same "$(sed -n 2,3p "$T/out")" "$(sed -n 4,5p "$T/out")"
	said 1 "cannot be changed now: $T/state/subuidless/records: .*: $remedy"
	said 1 .
	"$@"
	go full
	reached end
	same $'a 7:7\nb 8:8' "$(sed -n '6,$p' "$T/out")"
	said 1 'can be changed again'
	# not even time for an orderly end
	pkill -KILL -U "$USER_ID" -f "^$T/subuidless" || :
	wait "$running" || :
	running=
	inside "$shown a b"
	same $'a 7:7\nb 8:8' "$(cat "$T/out")"
	said 0 .
}

fault_full() {
	write_try
	put "$T/state" ext4 8M -m 0
	as_user mkdir -m 700 "$T/state/subuidless"
	as_user dd if=/dev/zero of="$T/state/filler" bs=4k status=none 2>/dev/null || :
	as_user truncate -s -8k "$T/state/filler"
	full_state ENOSPC 'free some space' rm "$T/state/filler"
}

fault_quota() {
	write_try
	put "$T/state" btrfs 200M -f
	btrfs quota enable "$T/state" 2>/dev/null || lacks "this kernel's btrfs has no quotas"
	umount "$T/state"
	mount -o loop "$T/state.image" "$T/state"
	as_user mkdir -m 700 "$T/state/subuidless"
	btrfs qgroup limit 1M "$T/state"
	as_user dd if=/dev/zero of="$T/state/filler" bs=4k oflag=dsync count=200 status=none 2>/dev/null || :
	full_state EDQUOT 'remove some files .*quota(1)' btrfs qgroup limit none "$T/state"
}

# every call on an ext4 fails from here on, as after a disk's error
shut_down() {
	python3 -c 'import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack("I", 1))' "$1" 2>/dev/null || lacks "this kernel cannot shut down an ext4"
}

fault_eio() {
	put "$T/state" ext4 8M
	begin "ln -s x a; mkfifo b; chown -h 1:2 a; chown 3:4 b; await eio; chown -h 7:7 a; chown 8:8 b; $shown a b"
	reached eio
	sync -f "$T/state"
	shut_down "$T/state"
	go eio
	ended
	same "chown: changing ownership of 'a': Input/output error
chown: changing ownership of 'b': Input/output error
a 1:2
b 3:4" "$(cat "$T/out")"
	said 1 'cannot be changed now.*Input/output error: see dmesg(1)'
	said 1 .
	# as long as it cannot be read nobody is told that it is empty
	inside "chown -h 7:7 a; $shown file 2>/dev/null; true"
	grep -qE 'Input/output error|last as long' "$T/out" "$T/log" || fail "nothing is said: $(cat "$T/out" "$T/log")"
	umount "$T/state"
	mount -o loop "$T/state.image" "$T/state"
	inside "$shown a b"
	same $'a 1:2\nb 3:4' "$(cat "$T/out")"
	said 0 .
}

fault_readonly() {
	put "$T/state" ext4 8M
	inside 'ln -s x a; chown -h 1:2 a'
	mount -o remount,ro "$T/state"
	inside "$shown a; chown -h 3:4 a; ln -s x b; chown -h 5:6 b; $shown a b"
	same $'a 1:2\na 3:4\nb 5:6' "$(cat "$T/out")"
	said 1 'last as long as this process: set XDG_STATE_HOME.*Read-only file system'
	said 1 .
	mount -o remount,rw "$T/state"
	inside "$shown a b"
	same $'a 1:2\nb 0:0' "$(cat "$T/out")"
}

# a file system of containers that fails: the same commands of real root, where they see the same
natively() { (cd "$T/files" && sh -c "exec 2>&1; $1"); }

fault_files_readonly() {
	local look="chown 5:5 f d; chown -h 5:5 l; chown 0:0 f; mkdir x; $shown f d l"

	put "$T/files" ext4 8M
	inside 'touch f; mkdir d; ln -s x l; chown 1:2 f; chown 3:4 d; chown -h 5:6 l'
	same "" "$(cat "$T/out")"
	sync -f "$T/files"
	mount -o remount,ro "$T/files"
	inside "$look"
	# but for the owners of outside
	same "$(natively "$look" | sed 's/^f .*/f 1:2/; s/^d .*/d 3:4/; s/^l .*/l 5:6/')" "$(cat "$T/out")"
	same 5 "$(grep -c 'Read-only file system' "$T/out")"
	said 0 .
	mount -o remount,rw "$T/files"
	inside "chown 5:5 f; $shown f d l"
	same $'f 5:5\nd 3:4\nl 5:6' "$(cat "$T/out")"
}

# no room for an xattr of any object: the inode has none, and there is no block; what needs no record still works, as does what goes elsewhere
fault_files_full() {
	put "$T/files" ext4 8M -I 128 -m 0
	inside 'touch f g; mkdir d; ln -s x l; chown 1:2 g; chmod 6755 f'
	same "" "$(cat "$T/out")"
	as_user dd if=/dev/zero of="$T/files/filler" bs=1k status=none 2>/dev/null || :
	inside "chown 5:6 f; chown 5:6 d; stat -c '%a %u:%g' f; stat -c %u:%g d; chown 3:4 g; chown 0:0 f; chown -h 7:8 l; $shown g l
		setpriv --reuid 9 --regid 9 --clear-groups touch new; ls new; touch roots; ls roots"
	same "chown: changing ownership of 'f': No space left on device
chown: changing ownership of 'd': No space left on device
6755 0:0
0:0
g 3:4
l 7:8
touch: cannot touch 'new': No space left on device
ls: cannot access 'new': No such file or directory
roots" "$(cat "$T/out")"
	said 1 'could not be recorded in an xattr.*full, or the file has as many xattrs'
	said 1 .
	rm "$T/files/filler"
	inside "chown 5:6 f d; setpriv --reuid 9 --regid 9 --clear-groups touch new; $shown f d g new"
	same $'f 5:6\nd 5:6\ng 3:4\nnew 9:9' "$(cat "$T/out")"
}

# a file that has as many xattrs as it can have
fault_xattrs_full() {
	put "$T/files" ext4 8M -b 1024 -I 128
	inside 'touch f g h; chown 1:1 g; i=0
		for file in f g; do while setfattr -n user.x$i -v $(printf %080d 0) $file 2>/dev/null || setfattr -n user.x$i -v 1 $file 2>/dev/null; do i=$((i + 1)); done; done'
	inside "chown 70000:70000 f; chown 70000:70000 g; chown 70000:70000 h; $shown f g h; chown 2:2 g; $shown g; getfattr -d f | grep -c user.x >/dev/null || echo gone"
	same "chown: changing ownership of 'f': No space left on device
chown: changing ownership of 'g': No space left on device
f 0:0
g 1:1
h 70000:70000
g 2:2" "$(cat "$T/out")"
	said 1 'could not be recorded in an xattr'
}

fault_files_quota() {
	put "$T/files" btrfs 200M -f
	btrfs quota enable "$T/files" 2>/dev/null || lacks "this kernel's btrfs has no quotas"
	umount "$T/files"
	mount -o loop "$T/files.image" "$T/files"
	inside 'touch f g; chown 1:2 g'
	btrfs qgroup limit 1M "$T/files"
	as_user dd if=/dev/zero of="$T/files/filler" bs=4k oflag=dsync status=none 2>/dev/null || :
	inside "chown 5:6 f; chown 7:8 g; $shown f g"
	same "chown: changing ownership of 'f': Disk quota exceeded
chown: changing ownership of 'g': Disk quota exceeded
f 0:0
g 1:2" "$(cat "$T/out")"
	said 1 'could not be recorded in an xattr.*quota(1)'
	btrfs qgroup limit none "$T/files"
	inside "chown 5:6 f; $shown f g"
	same $'f 5:6\ng 1:2' "$(cat "$T/out")"
}

# what cannot be read is not root's
fault_files_eio() {
	put "$T/files" ext4 8M -I 128
	inside 'touch f; chown 1:2 f'
	sync -f "$T/files"
	umount "$T/files"
	mount -o loop "$T/files.image" "$T/files"
	begin "await eio; $shown f; chown 3:4 f; true"
	reached eio
	# the inode is known, the block with its xattrs is not
	stat "$T/files/f" >/dev/null
	shut_down "$T/files"
	go eio
	ended
	same "stat: cannot statx 'f': Input/output error
chown: cannot access 'f': Input/output error" "$(cat "$T/out")"
}

is_root || fail "only root can mount"
# nobody else shall have what is mounted here, nor keep it mounted
[ -n "${OWN_MOUNTS-}" ] || OWN_MOUNTS=1 exec unshare -m --propagation private "$0" "$@"
running=
lib_setup
trap clean_up EXIT
mkdir "$T/files" "$T/state"
own "$T/files" "$T/state"
"fault_$1"
