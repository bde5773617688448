#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Owners of files of every kind, as chown(1), ls(1), stat(1) and find(1) show them in a container.

load ../lib

setup() {
	lib_setup
	start_daemon
}

# a socket, which busybox cannot make
make_socket() {
	as_user python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1"
}

busybox_bundle() {
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs" "$@"
}

@test "touch, chown 42:42, ls -ln" {
	busybox_bundle
	run crun_sh "$T/bundle" c 'cd /tmp && touch foo && ls -ln foo && chown 42:42 foo && ls -ln foo'
	echo "$output"
	[ "$status" = 0 ]
	[[ "${lines[0]}" =~ ^-rw-r--r--\ +1\ 0\ +0\ .*\ foo$ ]]
	[[ "${lines[1]}" =~ ^-rw-r--r--\ +1\ 42\ +42\ .*\ foo$ ]]
	[ "$(counter answer chown)" -gt 0 ] || [ "$(counter answer fchownat)" -gt 0 ] || [ "$(counter answer lchown)" -gt 0 ]
}

@test "every type of file keeps its owner, in a later container too" {
	busybox_bundle
	make_socket "$T/rootfs/tmp/socket"
	run crun_sh "$T/bundle" one 'set -e; cd /tmp
		touch file; mkdir dir; ln -s nowhere link; mkfifo fifo
		chown 1:11 file; chown 2:12 dir; chown -h 3:13 link; chown 4:14 fifo; chown 5:15 socket
		stat -c "%n %u %g %F" *'
	expected='dir 2 12 directory
fifo 4 14 fifo
file 1 11 regular empty file
link 3 13 symbolic link
socket 5 15 socket'
	same "$expected" "$output"
	run crun_sh "$T/bundle" two 'cd /tmp; stat -c "%n %u %g %F" *; chown -h 0:0 *; stat -c "%u:%g" *'
	same "$expected
0:0
0:0
0:0
0:0
0:0" "$output"
}

@test "halves of an owner merge" {
	busybox_bundle
	run crun_sh "$T/bundle" c 'set -e; cd /tmp; touch f; mkfifo p
		for f in f p; do
			chown :7 $f; stat -c %u:%g $f; chown 5 $f; stat -c %u:%g $f; chown :0 $f; stat -c %u:%g $f
			chown 0 $f; stat -c %u:%g $f; chown alice: $f; stat -c %U:%G $f; chown nobody $f; stat -c %U:%G $f
		done'
	halves='0:7
5:7
5:0
0:0
alice:alice
nobody:alice'
	same "$halves
$halves" "$output"
}

@test "the largest ids, and id -1 is none" {
	busybox_bundle
	run crun_sh "$T/bundle" c 'cd /tmp; touch f; ln -s f l
		for id in 65534 65535 65536 2147483648 4294967294; do
			chown $id:$id f; chown -h $id:$id l; stat -c "%n %u:%g" f l
		done'
	same 'f 65534:65534
l 65534:65534
f 65535:65535
l 65535:65535
f 65536:65536
l 65536:65536
f 2147483648:2147483648
l 2147483648:2147483648
f 4294967294:4294967294
l 4294967294:4294967294' "$output"
}

@test "chown -R, through hard links, renames and copies" {
	busybox_bundle
	run crun_sh "$T/bundle" c 'set -e; cd /tmp; mkdir -p a/b/c; touch a/f a/b/f; ln a/f hard; ln -s f a/l
		chown -R 8:9 a; mv a z; cp -a z copy
		for f in z z/b z/b/c z/f z/b/f z/l hard copy/b/f copy/l; do stat -c "%n %u:%g" $f; done'
	same 'z 8:9
z/b 8:9
z/b/c 8:9
z/f 8:9
z/b/f 8:9
z/l 8:9
hard 8:9
copy/b/f 8:9
copy/l 8:9' "$output"
}

@test "a new file in the place of a removed one has no owner of it" {
	busybox_bundle
	run crun_sh "$T/bundle" c 'cd /tmp; n=0
		while [ $n -lt 100 ]; do
			mkfifo p; chown 6:6 p; rm p; mkfifo p
			[ "$(stat -c %u:%g p)" = 0:0 ] || echo "round $n: $(stat -c %u:%g p)"
			rm p; n=$((n + 1))
		done; echo done'
	same done "$output"
}

@test "chown follows links, chown -h does not, and neither leaves the container's root" {
	busybox_bundle
	as_user touch "$T/outside"
	run crun_sh "$T/bundle" c 'cd /tmp; mkdir d; touch d/f; ln -s /tmp/d/f abs; ln -s ../../../../tmp/d/f up
		chown 1:1 abs; stat -c %u d/f; chown 2:2 up; stat -c %u d/f; stat -Lc %u abs; stat -c %u abs
		chown 3:3 '"$T"'/outside 2>&1 | sed "s/.*: //"'
	same '1
2
2
0
No such file or directory' "$output"
	! getfattr -n user.rootlesscontainers "$T/outside"
}

@test "pipes and files without a name" {
	busybox_bundle
	run crun_sh "$T/bundle" c 'chown 5:6 /dev/stdout; stat -Lc %u:%g /dev/stdout; cd /tmp
		exec 7>gone; rm gone; chown 7:8 /proc/self/fd/7; stat -Lc %u:%g /proc/self/fd/7'
	same '5:6
7:8' "$output"
}

@test "the kernel's side effects: set-id bits go, ctime comes" {
	busybox_bundle
	run crun_sh "$T/bundle" c 'cd /tmp; touch f g; chmod 6755 f; chmod 2644 g; mkdir d; chmod 6755 d
		before=$(stat -c %Z f); sleep 1.1; chown 1:1 f g d; stat -c "%a %n" f g d
		[ $(stat -c %Z f) -gt $before ] && echo later'
	same '755 f
2644 g
6755 d
later' "$output"
}

@test "without CAP_CHOWN it is not permitted" {
	busybox_bundle '.process.capabilities |= map_values(. - ["CAP_CHOWN"])'
	run crun_sh "$T/bundle" c 'cd /tmp; touch f; chown 42 f; echo $?; stat -c %u f; chown 0:0 f; echo $?'
	same "chown: f: Operation not permitted
1
0
0" "$output"
}

@test "a file system that is read-only" {
	busybox_bundle '.mounts += [{destination: "/etc", type: "bind", source: "'"$T"'/rootfs/etc", options: ["bind", "ro"]}]'
	run crun_sh "$T/bundle" c 'chown 42 /etc/passwd; stat -c %u /etc/passwd'
	same "chown: /etc/passwd: Read-only file system
0" "$output"
}

@test "tmpfs, and a bind mount" {
	as_user mkdir "$T/data"
	busybox_bundle '.mounts += [{destination: "/mnt", type: "bind", source: "'"$T"'/data", options: ["bind"]}]'
	mkdir "$T/rootfs/mnt"
	run crun_sh "$T/bundle" c 'for d in /dev/shm /mnt; do
		cd $d; touch f; mkfifo p; chown 3:4 f p; stat -c "%n %u:%g" f p
	done'
	same 'f 3:4
p 3:4
f 3:4
p 3:4' "$output"
	run crun_sh "$T/bundle" d 'ls -A /dev/shm; stat -c "%n %u:%g" /mnt/*'
	same '/mnt/f 3:4
/mnt/p 3:4' "$output"
}

@test "the GNU tools of Debian: chown, ls, stat, find -printf, tar" {
	debian_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
	make_socket "$T/rootfs/root/socket"
	run crun_sh "$T/bundle" c 'set -e; cd /root; rm -f .[a-z]*; touch file; mkdir dir; ln -s file link; mkfifo fifo
		chown 1:2 file; chown 3:4 dir; chown -h 5:6 link; chown --from=0:0 7:8 fifo; chown 9:10 socket
		find . -mindepth 1 -printf "%P %U %G %y\n" | sort
		find . -uid 7 -o -gid 6 | sort
		ls -ln | awk "NR > 1 { print \$9, \$3, \$4 }"
		stat -c "%n %u %g" *
		tar -c --exclude=socket . | tar -tv --numeric-owner | awk "{ print \$6, \$2 }" | sort
		chown --reference=fifo file; stat -c "%u %g" file'
	echo "$output"
	[ "$status" = 0 ]
	same 'dir 3 4 d
fifo 7 8 p
file 1 2 f
link 5 6 l
socket 9 10 s
./fifo
./link
dir 3 4
fifo 7 8
file 1 2
link 5 6
socket 9 10
dir 3 4
fifo 7 8
file 1 2
link 5 6
socket 9 10
./ 0/0
./dir/ 3/4
./fifo 7/8
./file 1/2
./link 5/6
7 8' "$output"
}

@test "runc" {
	busybox_bundle . runc
	set_args "$T/bundle" sh -c 'cd /tmp; touch f; mkfifo p; chown 42:43 f p; stat -c "%n %u:%g" f p'
	# which, other than crun, needs the cgroup hierarchies
	run as_user timeout 60 unshare -r runc --root "$T/run/runc" run -b "$T/bundle" c
	same 'f 42:43
p 42:43' "$output"
}
