#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What "subuidless run --root" has of its own, and what of this machine's it has: with the programs of this machine in an otherwise empty root.

load ../lib

setup() {
	lib_setup
	as_user mkdir "$T/root"
	for dir in /bin /sbin /lib /lib64; do
		[ ! -L "$dir" ] || as_user ln -s "$(readlink "$dir")" "$T/root$dir"
	done
	as_user mkdir "$T/root"/{etc,proc,dev,sys,tmp,usr,home}
}

# rooted OPTION... CMD...
rooted() { as_user timeout 60 "$T/subuidless" run --root "$T/root" --bind /usr --bind /etc "$@"; }

# in_terminal: a program that runs a command in a new terminal, as the user ID that is its first argument
in_terminal() {
	cat <<-'E'
		import os, pty, sys
		uid = int(sys.argv[1])
		if uid != os.getuid():
		    os.setgroups([])
		    os.setgid(uid)
		    os.setuid(uid)
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[2], sys.argv[2:])
		try:
		    while more := os.read(fd, 1000):
		        sys.stdout.write(more.decode().replace('\r', ''))
		except OSError:
		    pass
		os.waitpid(pid, 0)
	E
}

@test "--root has terminals of its own, which everybody in it may make" {
	in_terminal >"$T/root/in-terminal"
	for uid in 0 1000; do
		run rooted python3 /in-terminal $uid sh -c 'tty; stat -c "%u %a" "$(tty)"; id -u'
		same "/dev/pts/0
$uid 620
$uid" "$output"
	done
	same "ptmx" "$(rooted ls /dev/pts)"
	command -v script >"$T/log" || skip "there is no script(1)"
	run rooted script -qec 'tty' /tmp/typescript
	same "/dev/pts/0" "${output//$'\r'/}"
}

@test "--root has the caller's terminal as its console, and no other" {
	in_terminal >"$T/in-terminal"
	run as_user timeout 60 python3 "$T/in-terminal" "$USER_ID" "$T/subuidless" run --root "$T/root" --bind /usr --bind /etc sh -c 'tty; ls /dev/pts; echo said >/dev/tty'
	same "/dev/console
ptmx
said" "$output"
}

@test "--root shows /sys without cgroups, and lets nobody write to it" {
	run rooted sh -c 'ls -A /sys/fs/cgroup; for f in /sys/x /sys/fs/cgroup/x /sys/kernel/x; do mkdir "$f" 2>&1 | sed "s/.*: //"; done
		[ -d /sys/class/net ] && grep " /sys" /proc/mounts | grep -v " ro," || echo read-only'
	same "Read-only file system
Read-only file system
Read-only file system
read-only" "$output"
}

@test "--root has no descriptors but 0, 1 and 2, and those that it is given" {
	run rooted sh -c 'ls /proc/self/fd' 7</etc/passwd 8</etc/passwd
	same "0 1 2 3" "$(xargs <<<"$output")"
	run rooted --keep-fd 8 sh -c 'ls /proc/self/fd; readlink /proc/self/fd/8' 7</etc/passwd 8</etc/passwd
	same "0 1 2 3 8 /etc/passwd" "$(xargs <<<"$output")"
	run rooted --keep-fd 9 true 9<&-
	same 125 "$status"
	[[ "$output" = *"--keep-fd takes the number of an open descriptor"* ]]
	# a fakeroot keeps them all
	run as_user "$T/subuidless" run sh -c 'readlink /proc/self/fd/7' 7</etc/passwd
	same /etc/passwd "$output"
}

@test "--root has a host name and System V IPC of its own" {
	name=$(uname -n)
	id=$(as_user ipcmk -Q | grep -o '[0-9]*$')
	run rooted sh -c 'hostname inside; uname -n; ipcs -q | grep -c "^0x"'
	as_user ipcrm -q "$id"
	same "inside
0" "$output"
	same "$name" "$(uname -n)"
}

@test "--net has nothing but a loopback device, and all ports of that" {
	cat >"$T/root/net.py" <<-'E'
		import os, socket
		print(*sorted(os.listdir('/sys/class/net')))
		os.setgid(1000); os.setuid(1000)
		s = socket.socket()
		s.bind(('127.0.0.1', 8080))
		s.listen()
		socket.create_connection(('127.0.0.1', 8080))
		print('connected')
	E
	run rooted --net python3 /net.py
	same "lo
connected" "$output"
	run rooted --net python3 -c 'import socket; socket.socket().bind(("127.0.0.1", 80)); print("bound")'
	same bound "$output"
	run as_user timeout 60 "$T/subuidless" run --net sh -c 'grep -c : /proc/net/dev'
	same 1 "$output"
}
