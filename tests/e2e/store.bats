#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Owners of symlinks, fifos and sockets outlast containers and daemons: see src/store/journal.h.

load ../lib

setup() {
	lib_setup
	STORE=$T/home/.local/state/subuidless
	as_user mkdir "$T/files"
	gcc -std=gnu11 -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$T/load" "$TESTS/e2e/store/load.c"
}

# inside SCRIPT: in "subuidless run", in $T/files; what the broker logs goes to $T/run.log
inside() { (cd "$T/files" && as_user timeout 60 "$T/subuidless" run sh -c "$1" 2>"$T/run.log" 3>&-); }

# what lstat says of all files
owners() { inside 'stat -c "%n %u:%g" *'; }

some_files='ln -s nowhere link; mkfifo fifo; touch file; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")"
	chown -h 1:2 link; chown 3:4 fifo; chown 5:6 socket; chown 7:8 file'
their_owners='fifo 3:4
file 7:8
link 1:2
socket 5:6'

@test "owners are there after the command and its daemon have ended" {
	inside "$some_files"
	same "$their_owners" "$(owners)"
	same 600 "$(stat -c %a "$STORE/records")"
	inside 'chown -h 9:9 link; chown 0:0 fifo; mv socket moved; ln moved other'
	same "fifo 0:0
file 7:8
link 9:9
moved 5:6
other 5:6" "$(owners)"
}

@test "owners are there after the container and the daemon were started anew" {
	start_daemon
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
	run crun_sh "$T/bundle" c 'cd /tmp; ln -s x link; mkfifo fifo; chown -h 1:2 link; chown 3:4 fifo'
	same "" "$output"
	stop_daemon
	start_daemon
	run crun_sh "$T/bundle" c 'cd /tmp; stat -c "%n %u:%g" fifo link'
	same "fifo 3:4
link 1:2" "$output"
}

@test "a new file with the number of an old one is nobody's" {
	# ext4 gives a number that became free to the next file
	# 300 in "make check-all"
	n=$((30 * TEST_SCALE))
	inside 'n=0; while [ $n -lt '$n' ]; do ln -s x l; chown -h 5:5 l; rm l; ln -s x l; stat -c %u:%g l; rm l; n=$((n + 1)); done | sort | uniq -c' >"$T/out"
	same "$n 0:0" "$(sed 's/^ *//' "$T/out")"
}

@test "two daemons see each other's records" {
	inside "$some_files"
	(cd "$T/files" && as_user timeout 60 "$T/subuidless" run sh -c 'echo >../home/ready; while [ ! -e ../home/go ]; do sleep 0.05; done
		stat -c "%n %u:%g" *; chown -h 21:22 link' >"$T/one" 2>&1 3>&-) &
	within 60 test -e "$T/home/ready"
	inside 'chown -h 11:12 link; chown 13:14 fifo'
	as_user touch "$T/home/go"
	wait $!
	same "fifo 13:14
file 7:8
link 11:12
socket 5:6" "$(cat "$T/one")"
	same "link 21:22" "$(owners | grep link)"
}

@test "a file that is none of ours is put aside, damaged records are left out, and it is said" {
	inside "$some_files"
	as_user sh -c 'printf "some text" >"$1/records"' sh "$STORE"
	same "fifo 0:0
file 7:8
link 0:0
socket 0:0" "$(owners)"
	grep -q 'records.bad' "$T/run.log"
	same "some text" "$(cat "$STORE/records.bad")"
	inside 'chown -h 1:2 link; chown 3:4 fifo; chown 5:6 socket'
	# the first record's uid
	printf '\x77' | as_user dd of="$STORE/records" bs=1 seek=80 conv=notrunc status=none
	same "fifo 3:4
file 7:8
link 0:0
socket 5:6" "$(owners)"
	grep -q '1 damaged record' "$T/run.log"
	# and half a record at the end
	inside 'chown -h 1:2 link'
	as_user truncate -s -20 "$STORE/records"
	same "link 0:0" "$(owners | grep link)"
	inside 'chown -h 4:4 link'
	same "link 4:4" "$(owners | grep link)"
}

@test "where nothing can be kept, it is said, and all else works" {
	as_user mkdir -p "$STORE"
	as_user ln -s ../elsewhere "$STORE/records"
	same "3:3" "$(inside 'ln -s x l; chown -h 3:3 l; stat -c %u:%g l')"
	grep -q 'last as long as this process' "$T/run.log"
	[ ! -e "$T/home/.local/state/elsewhere" ]
	as_user rm "$STORE/records"
	as_user touch "$STORE/records"
	as_user chmod 666 "$STORE/records"
	same "0:0" "$(inside 'stat -c %u:%g l')"
	grep -q 'last as long as this process' "$T/run.log"
}

@test "somebody who makes the file huge, or keeps a lock on it, stalls nobody" {
	inside "$some_files"
	as_user truncate -s 100G "$STORE/records"
	same "$their_owners" "$(owners)"
	grep -q 'damaged records' "$T/run.log"
	[ "$(stat -c %s "$STORE/records")" -le 10000 ]
	start_daemon
	busybox_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
	"${AS_USER[@]}" python3 -c 'import fcntl, sys, time
file = open(sys.argv[1], "r+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(600)' "$STORE/records" >"$T/locked" 3>&- &
	holder=$!
	within 60 grep -q locked "$T/locked"
	# what cannot be written down fails, at once; all else goes on
	crun_start_bg "$T/bundle" c 'cd /tmp; for i in 1 2 3 4 5 6 7 8 9; do ln -s x $i; chown -h 1:2 $i || echo $? >>failed; done 2>/dev/null; grep -c . failed; stat -c %u:%g 9
		touch f; chown 3:4 f; stat -c %u:%g f; touch waits; while [ -e waits ]; do sleep 0.05; done; chown -h 5:6 9; stat -c %u:%g 9'
	within 60 test -e "$T/rootfs/tmp/waits"
	kill "$holder"
	wait_gone "$holder"
	rm "$T/rootfs/tmp/waits"
	wait "$CRUN_PID"
	same $'9\n0:0\n3:4\n5:6' "$(cat "$T/c.out")"
	same 1 "$(grep -c 'another process keeps a lock' "$T/daemon.log")"
	EXPECTED=store_failed
}

@test "a disk that is full fails the change, and loses nothing" {
	need_root "mount a small file system"
	as_user mkdir -p "$STORE"
	# in a mount namespace of its own
	AS_USER=(unshare -m sh -c 'mount -t tmpfs -o "size=64k,uid=$1,gid=$1,mode=700" none "$2" && shift 2 && exec "$@"' sh "$USER_ID" "$STORE" "${AS_USER[@]}")
	run inside 'ln -s x l; chown -h 3:3 l
		python3 -c "
import os
n = 1
try:
	while n < 3000:
		os.lchown(\"l\", n, n)
		n += 1
except OSError:
	pass
print(n)"; chown -h 1:1 l; stat -c %u:%g l'
	[[ "$output" = *"No space left on device"* ]] || cat "$T/run.log"
	grep -q 'No space left on device' "$T/run.log"
	n=${lines[0]}
	[ "$n" -gt 500 ]
	same "$((n - 1)):$((n - 1))" "${lines[1]}"
}

# fault NAME: see store/faults.sh
fault() {
	local status=0

	need_root "mount file systems"
	"$TESTS/e2e/store/faults.sh" "$1" >"$T/fault" 2>&1 || status=$?
	[ "$status" != 77 ] || skip "$(tail -n 1 "$T/fault")"
	[ "$status" = 0 ] || { cat "$T/fault"; return 1; }
}

@test "a full disk under the owner store" { fault full; }
@test "a quota that is used up under the owner store" { fault quota; }
@test "a disk with errors under the owner store" { fault eio; }
@test "the owner store is on a file system that is read-only" { fault readonly; }
@test "a container's file system becomes read-only" { fault files_readonly; }
@test "a full disk under files whose inodes have no room for an xattr" { fault files_full; }
@test "a file has as many xattrs as it can have" { fault xattrs_full; }
@test "a quota that is used up in a container's file system" { fault files_quota; }
@test "a container's disk has errors: what cannot be read is not root's" { fault files_eio; }

@test "what docs/formats.md says of file systems holds" {
	need_root "mount file systems"
	"$TESTS/e2e/store/keys.sh" >"$T/rows" 2>"$T/left-out"
	sed 's/^/# /' "$T/left-out" >&3
	[ "$(wc -l <"$T/rows")" -ge 3 ]
	while read -r row; do
		grep -qxF "$row" "$REPO/docs/formats.md" || fail "docs/formats.md does not say: $row"
	done <"$T/rows"
}

# live: how many objects have a record in the file
live() { "$TESTS/e2e/store/live.py" "$STORE/records"; }

@test "what is made and removed again and again leaves nothing behind" {
	gcc -std=gnu11 -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$T/churn" "$TESTS/e2e/store/churn.c"
	as_user mkdir "$T/memory"
	# 70,000 in "make check-all", which is more than a container may have at once
	n=$((TEST_SCALE > 1 ? 70000 : 2000))
	# sole numbers on ext4, ever new ones in memory; and a file system that goes with its container
	inside "ln -s x stays; chown -h 3:3 stays; chmod 777 . && $T/churn $n && mount -t tmpfs none $T/memory && cd $T/memory && chmod 777 . && $T/churn $n &&
		ln -s x l && chown -h 5:5 l && mkfifo f && chown 6:6 f && stat -c %u:%g l f"  >"$T/out" || fail "$(cat "$T/run.log")"
	same $'5:5\n6:6' "$(cat "$T/out")"
	same 1 "$(live)"
	same "stays 3:3" "$(owners)"
	# what goes while no container is running is forgotten when its number is used again, or on demand
	as_user rm "$T/files/stays"
	same "records to forget: 1" "$(as_user "$T/subuidless" strip --gone --dry-run "$T")"
	same "records forgotten: 1" "$(as_user "$T/subuidless" strip --gone "$T")"
	same 0 "$(live)"
}

@test "a terminal or a pipe has nothing of the one before it" {
	inside 'cat >pty.py <<-E
		import os
		def owner_of_new(uid):
		    here, there = os.openpty()
		    name = os.ttyname(there)
		    was = os.stat(name).st_uid
		    os.chown(name, uid, 5)
		    assert os.stat(name).st_uid == uid == os.fstat(there).st_uid
		    os.close(here)
		    os.close(there)
		    return name, was
		for uid in range(1000, 1020):
		    print(*owner_of_new(uid))
		E
		python3 pty.py | sort | uniq -c' >"$T/out" || fail "$(cat "$T/run.log")"
	[[ "$(sed 's/^ *//' "$T/out")" =~ ^20\ /dev/pts/[0-9]+\ 0$ ]] || fail "$(cat "$T/out")"
}

@test "symlinks, fifos and sockets keep xattrs and ACLs as those of a root of its own do" {
	need_root "compare with root itself"
	cat >"$T/xattrs.sh" <<-'E'
		exec 2>&1
		export LC_ALL=C
		ln -s x l; mkfifo f; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('s')"
		setfattr -h -n trusted.foo -v bar l; getfattr -h -d -m - l
		setfacl -m u:33:rw,g:42:r s f; getfacl -n s f; stat -c %A s f; chmod g=x s; getfacl -n s
		setfattr -n trusted.x -v 1 f; setfattr -h -n security.evm2 -v q l; getfattr -h -d -m - l f
		setfattr -h -n user.q -v q l; setfattr -n user.q -v q f; getfattr -h -n trusted.none l
		chown 5:5 f; chown 0:0 f; getfattr --only-values -n trusted.x f; mv s t; getfacl -nc t
		setfattr -x trusted.x f; setfattr -x trusted.x f; setfacl -b f; getfattr -d -m - f
		setfattr -n trusted.big -v "$(printf %04096d 0)" f; getfattr --only-values -n trusted.big f | wc -c
		mkdir d; setfacl -d -m u:7:rwx d; mkfifo d/f; getfacl -n d/f
		setpriv --reuid 8 --regid 8 --clear-groups sh -c 'setfacl -m u:9:r t; getfattr -h -d -m - l; setfattr -h -n trusted.foo -v no l'
		stat -c '%n %A %u:%g' l f t d/f
	E
	as_user mkdir "$T/native"
	chown 0:0 "$T/native"
	(cd "$T/native" && sh ../xattrs.sh) >"$T/native.out"
	inside 'sh ../xattrs.sh' >"$T/out" || fail "$(cat "$T/run.log")"
	diff "$T/native.out" "$T/out"
	same "$(getfacl -nc "$T/native/t")" "$(inside 'getfacl -nc t')"
	same 4 "$(find "$STORE/xattrs" -type f | wc -l)"
	inside 'mkfifo g; setfacl -m u:9:r g; stat -c %A g; mv g h; rm h' >"$T/out"
	same "prw-r--r--" "$(cat "$T/out")"
	same 4 "$(find "$STORE/xattrs" -type f | wc -l)"
	rm "$T/files/t"
	same "records forgotten: 1" "$(as_user "$T/subuidless" strip --gone "$T")"
	same 3 "$(find "$STORE/xattrs" -type f | wc -l)"
}

@test "xattrs of special files outlast daemons, and go with their objects" {
	inside 'mkfifo f g h; chown 5:6 f; setfacl -m u:9:r f g h; chown 7:8 g'
	same 'user:9:r--' "$(inside 'getfacl -nc f' | grep user:9)"
	same 'user:9:r--' "$(inside 'getfacl -nc g' | grep user:9)"
	same "f 5:6
g 7:8
h 0:0" "$(inside 'stat -c "%n %u:%g" *')"
	# what is remade again and again is not counted twice: more often than a container may have them at once
	inside 'cat >remake.py <<-E
		import os
		acl = bytes.fromhex("02000000" "01000600ffffffff" "0200040009000000" "04000400ffffffff" "10000600ffffffff" "20000400ffffffff")
		for i in range(4200):
		    os.mkfifo("again")
		    os.setxattr("again", "system.posix_acl_access", acl)
		    os.unlink("again")
		E
		python3 remake.py && rm remake.py' || fail "$(cat "$T/run.log")"
	same 3 "$(find "$STORE/xattrs" -type f | wc -l)"
	# where a record cannot be read, no file that it may belong to goes
	inside 'mkfifo i; setfacl -m u:9:r i'
	printf '\x77' | as_user dd of="$STORE/records" bs=1 seek=$(($(stat -c %s "$STORE/records") - 10)) conv=notrunc status=none
	inside true
	grep -q 'damaged record' "$T/run.log"
	same 4 "$(find "$STORE/xattrs" -type f | wc -l)"
}

ours() { pgrep -u "$USER_ID" -f "^$T/$1" || :; }
none_of() { [ -z "$(ours "$1")" ]; }

@test "daemon and workers are killed again and again amid changes: no change that was answered is lost, none is torn" {
	inside "$T/load make ."
	# 200 in "make check-all"
	kills=$((TEST_SCALE > 1 ? 200 : 10)) hits=0 made=0 workers=0
	for i in $(seq "$kills"); do
		as_user sh -c ': >"$1"' sh "$T/home/journal"
		rm -f "$T/ready"
		(cd "$T/files" && as_user "$T/subuidless" run "$T/load" run . "$T/home/journal" "$i" >"$T/ready" 2>"$T/run.log" 3>&-) &
		running=$!
		within 60 grep -qs ready "$T/ready" || { cat "$T/run.log"; fail "the load does not start"; }
		# a worker alone, which another one follows; then all
		for pid in $(ours subuidless); do
			[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = subuidless-work ] || continue
			sleep "0.00$((RANDOM % 10))"
			! kill -KILL "$pid" 2>/dev/null || workers=$((workers + 1))
		done
		sleep "0.0$((RANDOM % 30 + 10))"
		# shellcheck disable=SC2046 # numbers
		kill -KILL $(ours subuidless) 2>/dev/null || :
		wait "$running" || :
		within 60 none_of load || fail "the load does not end"
		run inside "$T/load check . ../home/journal"
		[ "$status" = 0 ] || { printf '%s\n' "round $i: $output"; cat "$T/run.log"; return 1; }
		set -- $output
		[ "$4" = 0 ] || hits=$((hits + 1))
		made=$((made + ${8}))
	done
	echo "# $kills kills of a daemon, $workers of workers alone; $hits hit a change under way, $made changes were made though not answered" >&3
	[ "$hits" -ge $((kills / 10)) ]
}
