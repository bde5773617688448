#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Magic links in every spelling, confined tasks, and a root that is full of traps.

bats_require_minimum_version 1.5.0
load hostile

setup() { hostile_setup links confined; }

@test "magic links in every spelling, in a pid namespace of its own" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c links /proc "$T/outside" 1
}

# with_others FILTER PROC: where the host's tasks are in that procfs; those of the worker, of the daemon, and of another container
with_others() {
	busybox_rootfs "$T/rootfs2"
	make_bundle "$T/bundle2" "$T/rootfs2"
	crun_start_bg "$T/bundle2" other
	make_bundle "$T/bundle" "$T/rootfs" "$1"
	CRUN_TIMEOUT=600 crun_start_bg "$T/bundle" c 'chown 1:1 /tmp; until [ -s /others ]; do sleep 0.1; done; exec links '"$2 $T/outside"' $(cat /others)'
	within 60 some_worker
	{
		workers
		echo "$DAEMON_PID"
		in_holder crun --root "$T/run/crun" state other | jq .pid
		cat "$T/holder.pid"
	} | sort -u >"$T/others"
	as_user sh -c 'cat >"$1.new" && mv "$1.new" "$1"' sh "$T/rootfs/others" <"$T/others"
	wait "$CRUN_PID" || { report c; fail "links fails"; }
	report c
	outside_is_untouched
	still_serves
}

@test "magic links in every spelling, in the host's pid namespace" { with_others "$shared_pid" /proc; }
@test "magic links in every spelling, with the host's /proc bound elsewhere" { with_others "$bound_proc" /tmp/p; }

@test "a root that brings its own C library, loader, time zone and name service: none is opened" {
	need_root "trace a process that is not dumpable"
	mkdir -p "$T/rootfs"/{lib,lib64,usr/lib}/x86_64-linux-gnu "$T/rootfs/usr/share/zoneinfo" "$T/rootfs/etc"
	for name in libc.so.6 libgcc_s.so.1 libseccomp.so.2 libprotobuf-nanopb.so.0 libnss_files.so.2 ld-linux-x86-64.so.2; do
		for dir in lib lib64 usr/lib lib/x86_64-linux-gnu lib64/x86_64-linux-gnu usr/lib/x86_64-linux-gnu; do
			echo hostile >"$T/rootfs/$dir/$name"
		done
	done
	for name in ld.so.cache ld.so.preload localtime nsswitch.conf passwd group gconv locale.alias; do
		echo hostile >"$T/rootfs/etc/$name"
	done
	own "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
	strace -ff -q -e trace=open,openat,openat2,execve,mmap -o "$T/strace" -p "$DAEMON_PID" 2>"$T/strace.err" 3>&- &
	tracer=$!
	within 60 grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$DAEMON_PID/status"
	crun_sh "$T/bundle" c 'cd /tmp; for i in 1 2 3; do touch f$i; chown $i:$i f$i; ls -ln; ln -s f$i l$i; chown -h 5 l$i; mkfifo p$i; chown 6 p$i; done; chroot / chown 7 /tmp/f1' >/dev/null
	crun_start_bg "$T/bundle" d 'chown 1:1 /tmp; while :; do sleep 1; done'
	within 60 some_worker
	kill -SEGV "$(workers | head -n 1)"
	crun_exec d 'chown 8:9 /tmp && stat -c %u:%g /tmp' | grep -x 8:9
	crun_kill d
	kill "$tracer"
	wait "$tracer" || :
	opens=$(cat "$T"/strace.* | grep -cE '^open')
	echo "# $opens opens seen" >&3
	[ "$opens" -gt 50 ]
	same "" "$(cat "$T"/strace.* | grep -vE 'O_PATH' | grep -E '\.so|/etc/|zoneinfo|locale|gconv|execve|PROT_EXEC')"
}

# confine: what a confined task may, natively in $native and in a container in $T/c.out
confine() {
	make_bundle "$T/bundle" "$T/rootfs"
	run in_holder unshare --pid --fork --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" /bin/confined' "$T/rootfs"
	native=$output
	[[ "$native" != *"landlock_create_ruleset"* ]] || skip "this kernel has no Landlock"
	[ "$(wc -l <<<"$native")" -eq 6 ]
	as_user rm -r "$T/rootfs/tmp/allowed" "$T/rootfs/tmp/denied"
	attack "$T/bundle" c confined
}

# the kernel does not hide our xattr
native_is() { same "$(grep "$@" <<<"$native" | sed 's/getxattr.*//')" "$(grep "$@" "$T/c.out" | sed 's/getxattr.*//')"; }

@test "a task confined by Landlock gets from us what the kernel gives, by names and by links of its own" {
	confine
	native_is -v parent
}

@test "a task confined by Landlock does not get through another task's links" {
	confine
	# a link itself may be changed, for all that is worth
	same 3 "$(grep -c 'parent.* chown -13' <<<"$native")"
	same "$(grep -o "parent.* chown [-0-9]*" <<<"$native")" "$(grep -o "parent.* chown [-0-9]*" "$T/c.out")"
}
