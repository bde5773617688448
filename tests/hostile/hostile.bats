# SPDX-License-Identifier: Apache-2.0
# Containers and workers that do what they should not.

bats_require_minimum_version 1.5.0
load ../lib

shared_pid='.linux.namespaces |= map(select(.type != "pid")) |
	.mounts |= map(if .destination == "/proc" then {destination: "/proc", type: "none", source: "/proc", options: ["rbind"]} else . end)'

# start_strace OPTION...: attaches strace to the daemon and its children; ended by stop_strace
start_strace() {
	need_root "trace a process that is not dumpable"
	strace -f -q -o "$T/strace" "$@" -p "$DAEMON_PID" $(workers | sed 's/^/-p /') 2>"$T/strace.err" 3>&- &
	STRACE_PID=$!
	for pid in "$DAEMON_PID" $(workers); do
		within 60 is_traced "$pid"
	done
}
# all of its threads
is_traced() { ! cat "/proc/$1"/task/*/status 2>/dev/null | grep -q '^TracerPid:[[:space:]]*0'; }

# It can wait for ever for threads that end while it lets them go.
stop_strace() {
	kill "$STRACE_PID"
	within 60 is_gone "$STRACE_PID" || kill -KILL "$STRACE_PID"
	wait "$STRACE_PID" || :
}

@test "no magic link of the worker, in any spelling, leads a chown out of the container" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	for filter in . "$shared_pid"; do
		mkdir -p "$T/outside"
		touch "$T/outside/victim"
		own "$T/outside"
		make_bundle "$T/bundle" "$T/rootfs" "$filter"
		run crun_sh "$T/bundle" c '
			n=0
			for p in self thread-self; do
			for e in cwd root exe fd/0 fd/1 fd/2 fd/3 fd/4 fd/5 fd/6 fd/7 fd/8 fd/9 fd/10 task/../fd/5 task/../../self/cwd; do
			for up in "" .. ../.. ../../.. ../../../..; do
			for s in /proc //proc/. /proc/../proc; do
				chown 1:1 "$s/$p/$e/$up'"$T"'/outside/victim" 2>/dev/null && echo "went through: $s/$p/$e/$up"
				n=$((n + 1))
			done; done; done; done
			echo "tried $n"'
		echo "$output"
		[ "$output" = "tried 480" ]
		[ -z "$(getfattr -d -m user "$T/outside/victim" 2>&1)" ]
	done
	# and the path is one that the daemon's own user reaches
	as_user touch "$T/outside/victim"
}

@test "the id of a call is checked between the last look at the task and anything that acts" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	start_strace
	crun_sh "$T/bundle" c 'cd /tmp; for i in 1 2 3; do touch f$i; chown $i:$i f$i; ln -s f$i l$i; chown -h 7:$i l$i; ls -l; chroot / chown 5 /tmp/f$i; done'
	within 60 no_worker
	stop_strace
	run awk '
		/SECCOMP_IOCTL_NOTIF_RECV/ { valid = 0; calls++ }
		/process_vm_readv\(|openat\(|openat2\(|capget\(\{version=[^}]*pid=[1-9]/ { valid = 0 }
		/SECCOMP_IOCTL_NOTIF_ID_VALID/ { valid = 1 }
		# what is traced keeps its number
		/ptrace\(PTRACE_INTERRUPT/ { held = 1 }
		/ptrace\(PTRACE_DETACH/ { held = 0 }
		held { valid = 1 }
		/prlimit64\([0-9]+, RLIMIT_(LOCKS|RSS), \{|fchownat\(|setxattr\(|removexattr\(|process_vm_writev\(|sendmsg\(.*iov_base="\\3\\0/ { acts++; if (!valid) print }
		END { print (calls > 30), (acts > 20) }' "$T/strace"
	same "1 1" "$output"
}

@test "a call that ends its worker twice is answered with EIO, and the next one is served" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	crun_start_bg "$T/bundle" c 'touch /tmp/f; chown 1:1 /tmp/f; while [ ! -e /tmp/go ]; do sleep 0.1; done; chown 2:2 /tmp/f 2>/tmp/err; while :; do sleep 1; done'
	within 60 some_worker
	start_strace -e trace=fchownat -e inject=fchownat:signal=KILL
	as_user touch "$T/rootfs/tmp/go"
	within 60 test -s "$T/rootfs/tmp/err"
	stop_strace
	grep -q 'nput/output error' "$T/rootfs/tmp/err"
	within 60 daemon_said 'ended its worker 2 times'
	crun_exec c 'chown 3:3 /tmp/f && stat -c %u:%g /tmp/f' | grep -x 3:3
	# the one reason that is not expected elsewhere
	[ "$(counter errno worker_died)" -eq 1 ]
	kill -TERM "$DAEMON_PID"
	wait_gone "$DAEMON_PID"
	DAEMON_PID=
}

@test "a listener whose workers die again and again is given up, and no other" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	# no further call is made then, whose answer would count
	crun_start_bg "$T/bundle" bad 'mkfifo /tmp/p; exec 3<>/tmp/p; chown 1:1 /tmp; echo ready; read -r line <&3'
	within 60 grep -q ready "$T/bad.out"
	bad=$(workers)
	cp -r "$T/bundle" "$T/bundle2"
	own "$T/bundle2"
	crun_start_bg "$T/bundle2" good 'chown 1:1 /tmp; while :; do sleep 1; done'
	within 60 eval '[ "$(workers | wc -l)" -eq 2 ]'
	good=$(workers | grep -vx "$bad")
	for i in 1 2 3 4 5 6; do
		bad=$(workers | grep -vx "$good")
		as_user kill -KILL "$bad"
		wait_gone "$bad"
		[ "$i" -eq 6 ] || within 60 eval '[ "$(workers | wc -l)" -eq 2 ]'
	done
	within 60 daemon_said 'dies again and again'
	[ "$(workers)" = "$good" ]
	run crun_exec good 'chown 9:9 /tmp && stat -c %u /tmp'
	[ "$output" = 9 ]
}

@test "a container that maps several IDs is left to the kernel" {
	need_root "map several IDs"
	busybox_rootfs "$T/rootfs"
	chown -hR 0:0 "$T/rootfs" "$T/run"
	AS_USER=(env XDG_RUNTIME_DIR="$T/run")
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 100}] | .linux.gidMappings = [{containerID: 0, hostID: 0, size: 100}]'
	chown -hR 0:0 "$T/bundle"
	set_args "$T/bundle" sh -c 'touch /tmp/f; chown 42:43 /tmp/f; stat -c %u:%g /tmp/f'
	run unshare -m sh -c 'stat -f -c %T /sys/fs/cgroup | grep -q cgroup2fs || mount -t tmpfs none /sys/fs/cgroup
		exec crun --root "$0/run/crun" --cgroup-manager=disabled run -b "$0/bundle" c' "$T"
	echo "$output"
	[ "$output" = 42:43 ]
	[ "$(stat -c %u:%g "$T/rootfs/tmp/f")" = 42:43 ]
	[ "$(counter continue many_ids)" -gt 0 ]
	[ "$(counter answer chown)" -eq 0 ]
}

@test "io_uring is no way around, under crun and under run" {
	busybox_rootfs "$T/rootfs"
	cat >"$T/ring.c" <<-'END'
		#include <errno.h>
		#include <stdio.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int main(void)
		{
			long r = syscall(SYS_io_uring_setup, 1, 0);

			printf("%ld %d\n", r, errno == ENOSYS);
			return 0;
		}
	END
	gcc -static -o "$T/rootfs/bin/ring" "$T/ring.c"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	same "-1 1" "$(crun_sh "$T/bundle" c ring)"
	same "-1 1" "$(as_user "$T/subuidless" run "$T/rootfs/bin/ring")"
}

@test "tasks that are killed amid their calls, 16 at a time, leave the container served" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs"
	crun_sh "$T/bundle" c '
		cd /tmp
		for round in 1 2 3 4 5; do
			for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
				(touch f$i; while :; do chown $i:$round f$i; stat f$i >/dev/null; done) & pids="$pids $!"
			done
			sleep 0.2; kill -9 $pids; wait; pids=
		done 2>/dev/null
		# until the last SIGCHLD, of what they left behind too: a handler may interrupt a call that is still queued (docs/limits.md)
		set -- /proc/[0-9]*; until [ $# = 1 ]; do sleep 0.1; set -- /proc/[0-9]*; done
		chown 77:78 f1; stat -c %u:%g f1' >"$T/out" 2>&1 || { cat "$T/out"; false; }
	[ "$(tail -n 1 "$T/out")" = 77:78 ]
}

@test "a worker's directory of /proc, mounted below the caller's own, leads nowhere" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	make_bundle "$T/bundle" "$T/rootfs" "$shared_pid | .process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"])"
	# the worker that serves the very task that mounts
	crun_start_bg "$T/bundle" c '
		chown 1:1 /tmp
		until [ -s /tmp/worker ]; do sleep 0.1; done
		read -r worker </tmp/worker
		for at in task fdinfo net map_files attr; do
			mount --bind /proc/$worker /proc/$$/$at || continue
			echo mounted
			for object in exe cwd root fd/2 fd/0 fd/5 fd/6; do
				chown 77:78 /proc/1/$at/$object 2>/dev/null && echo "reached $at/$object by 1"
				chown 77:78 /proc/$$/$at/$object 2>/dev/null && echo "reached $at/$object"
				(exec chown 77:78 /proc/$$/$at/$object) 2>/dev/null && echo "reached $at/$object by exec"
				sh -c "mount --bind /proc/$worker /proc/\$\$/$at; exec chown 77:78 /proc/\$\$/$at/$object" 2>/dev/null && echo "reached own $at/$object"
			done
			umount /proc/$$/$at
		done >/tmp/out 2>&1
		touch /tmp/done; sleep 1000'
	within 60 some_worker
	workers | as_user tee "$T/rootfs/tmp/worker" >/dev/null
	within 60 test -e "$T/rootfs/tmp/done"
	cp "$T/rootfs/tmp/out" "$T/out"
	cat "$T/out"
	grep -q mounted "$T/out"
	run ! grep -q reached "$T/out"
	[ -z "$(getfattr -d -m user "$T/subuidless" 2>&1)" ]
}

@test "run --root: neither process 1 nor the parent is a way to the host" {
	busybox_rootfs "$T/rootfs"
	as_user mkdir "$T/home/dir"
	as_user sh -c "umask 077; echo secret >'$T/home/dir/secret'; chmod 755 '$T/subuidless'"
	for option in "" --host-pid; do
		cd "$T/home/dir"
		run as_user "$T/subuidless" run $option --root "$T/rootfs" sh -c '
			for pid in 1 $PPID; do
				cat /proc/$pid/cwd/secret /proc/$pid/root'"$T"'/home/dir/secret
				echo planted >/proc/$pid/cwd/planted
				chown 7:8 /proc/$pid/exe
				chmod 700 /proc/$pid/exe
			done; echo done'
		cd /
		echo "$output"
		[[ "$output" == *done ]]
		[[ "$output" != *secret$'\n'* || "$output" == *'No such file'* || "$output" == *denied* ]]
		run ! grep -qx secret <<<"$output"
		[ ! -e "$T/home/dir/planted" ]
		[ "$(stat -c %a "$T/subuidless")" = 755 ]
		[ -z "$(getfattr -d -m user "$T/subuidless" 2>&1)" ]
	done
}

@test "started with SIGCHLD ignored, run ends and the daemon restarts its workers" {
	busybox_rootfs "$T/rootfs"
	ignoring='import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])'
	as_user timeout 60 python3 -c "$ignoring" "$T/subuidless" run true
	AS_USER+=(python3 -c "$ignoring")
	start_daemon
	unset 'AS_USER[-1]' 'AS_USER[-1]' 'AS_USER[-1]'
	make_bundle "$T/bundle" "$T/rootfs"
	crun_start_bg "$T/bundle" c 'chown 1:1 /tmp; while :; do sleep 1; done'
	within 60 some_worker
	as_user kill -KILL "$(workers)"
	crun_exec c 'chown 9:9 /tmp && stat -c %u /tmp' | grep -x 9
}

@test "connections without end fill neither the log nor the daemon" {
	busybox_rootfs "$T/rootfs"
	start_daemon
	as_user python3 -c '
import socket, sys
for i in range(300):
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.send(b"x")
	s.close()
' "$SOCKET"
	make_bundle "$T/bundle" "$T/rootfs"
	same 5 "$(crun_sh "$T/bundle" c 'chown 5 /tmp; stat -c %u /tmp')"
	[ "$(grep -c 'is dropped' "$T/daemon.log")" -ge 1 ]
	[ "$(wc -l <"$T/daemon.log")" -le 130 ]
}
