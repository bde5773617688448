#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2086 # scripts for other shells; commands in words
# What goes wrong on a bad day names its remedy. Settings are changed in namespaces of a test's own only.

load ../lib

bats_require_minimum_version 1.5.0

setup() {
	lib_setup
	AS_USER+=(timeout -k 5 30)
}

# says STATUS TEXT... -- CMD...: ends so, and its messages hold each text
says() {
	local expected=$1 texts=()

	shift
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	status=0
	output=$("$@" 2>&1 3>&-) || status=$?
	same "$expected" "$status" || fail "$output" || return 1
	for text in "${texts[@]}"; do
		[[ "$output" = *"$text"* ]] || fail "no '$text' in: $output" || return 1
	done
	[ "$(grep -c '^subuidless: ' <<<"$output")" -le 3 ] || fail "too much to read: $output"
}

lacks() { [[ "$output" != *"$1"* ]] || fail "'$1' in: $output"; }

# as_container_root SCRIPT: with capabilities over the settings of a user namespace of its own
as_container_root() { "${AS_USER[@]}" unshare -r sh -c "$1" sh "$T/subuidless"; }

refuse() {
	[ -e "$T/refuse" ] || gcc -std=gnu11 -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$T/refuse" "$TESTS/e2e/remedies/refuse.c" -lseccomp
	"${AS_USER[@]}" "$T/refuse" "$@"
}

# in_chroot SETTING=VALUE... -- CMD...: as the user, in a chroot that is the root of a mount, where the kernel refuses user namespaces
# and nothing but such a setting could say why
in_chroot() {
	local setting

	need_root "mount something over /proc/sys"
	mkdir -p "$T/kernel" "$T/all"
	cp /proc/sys/kernel/{cap_last_cap,overflowuid,overflowgid,pid_max} "$T/kernel"
	while [ "$1" != -- ]; do
		setting=$1
		echo "${setting#*=}" >"$T/kernel/${setting%%=*}"
		shift
	done
	shift
	unshare -m sh -c 'mount --bind "$1/kernel" /proc/sys/kernel && mount --rbind / "$1/all" && d=$1 && shift && exec chroot "$d/all" "$@"' \
		sh "$T" "${AS_USER[@]}" "$@"
}

@test "user namespaces: none is allowed" {
	local kind

	for kind in user mnt pid; do
		says 125 "cannot make a user namespace" "user.max_${kind}_namespaces is 0" "sysctl -w user.max_${kind}_namespaces=" -- \
			as_container_root "echo 0 >/proc/sys/user/max_${kind}_namespaces; \"\$1\" run true"
	done
	for kind in ipc uts net; do
		says 125 "user.max_${kind}_namespaces is 0" "sysctl -w user.max_${kind}_namespaces=" -- \
			as_container_root "echo 0 >/proc/sys/user/max_${kind}_namespaces; \"\$1\" run --net --root / true"
	done
	says 125 "user.max_user_namespaces allows, here (1)" "can raise it with sysctl(8)" -- \
		as_container_root 'echo 1 >/proc/sys/user/max_user_namespaces; unshare -U --keep-caps sleep 5 & sleep 0.5
			"$1" run true; r=$?; kill $!; exit $r'
	lacks "is 0"
}

@test "user namespaces: strip warns, and does what it can" {
	as_user mkdir "$T/d"
	says 0 "cannot make a user namespace" "user.max_user_namespaces is 0" "objects changed: 0" -- \
		as_user unshare -U --map-user=7 --map-group=7 --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$1" strip "$2"' \
		sh "$T/subuidless" "$T/d"
}

@test "user namespaces: the daemon says that no container can be started" {
	says 124 "user.max_user_namespaces is 0: no rootless container can be started" "listening on" -- as_container_root \
		"echo 0 >/proc/sys/user/max_user_namespaces; exec timeout 1 \"\$1\" $SOCKET"
	says 124 "kernel.unprivileged_userns_clone is 0: no rootless container can be started" "listening on" -- \
		in_chroot unprivileged_userns_clone=0 -- timeout 1 "$T/subuidless" "$SOCKET"
	says 124 "listening on" -- in_chroot unprivileged_userns_clone=1 -- timeout 1 "$T/subuidless" "$SOCKET"
	lacks "no rootless container"
}

@test "user namespaces: kernel.unprivileged_userns_clone, as Debian has it" {
	says 125 "cannot make a user namespace: Operation not permitted" "sysctl -w kernel.unprivileged_userns_clone=1" -- \
		in_chroot unprivileged_userns_clone=0 -- "$T/subuidless" run true
	lacks "no setting says why"
	says 125 "no setting says why" -- in_chroot unprivileged_userns_clone=1 -- "$T/subuidless" run true
	lacks "unprivileged_userns_clone"
}

@test "user namespaces: AppArmor, as Ubuntu has it" {
	says 125 "apparmor_restrict_unprivileged_userns is 1" "allow user namespaces to $T/subuidless with an AppArmor profile" \
		"sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" -- \
		in_chroot apparmor_restrict_unprivileged_userns=1 -- "$T/subuidless" run true
	says 125 "no setting says why" -- in_chroot apparmor_restrict_unprivileged_userns=0 -- "$T/subuidless" run true
	lacks apparmor_restrict
}

@test "user namespaces: in a chroot" {
	need_root "mount"
	mkdir -p "$T/c/usr" "$T/c/proc" "$T/c/tmp" "$T/c/dev"
	for link in bin sbin lib lib64; do
		[ ! -L "/$link" ] || ln -s "usr/$link" "$T/c/$link"
	done
	says 125 "this process is in a chroot(2)" "pivot_root(2)" -- unshare -m sh -c 'cd "$1"
		for d in usr proc tmp dev; do mount --rbind /$d c/$d || exit; done; shift; exec chroot c "$@"' sh "$T" "${AS_USER[@]}" "$T/subuidless" run true
	lacks "no setting says why"
}

@test "user namespaces: below a container's seccomp filter" {
	for errno in 1 38; do
		says 125 "a seccomp filter around this process forbids user namespaces" "seccomp=unconfined" "RestrictNamespaces=" -- \
			refuse $errno unshare "$T/subuidless" run true
		lacks "no setting says why"
	done
}

@test "seccomp: refused, and taken" {
	says 125 "seccomp(2) is refused" "that has to allow it" -- refuse 1 seccomp "$T/subuidless" run true
	says 1 "seccomp(2) is refused" -- refuse 38 seccomp "$T/subuidless" "$SOCKET"
	says 125 "cannot load the seccomp filter: Device or resource busy" "a receiver serves this process already" -- \
		as_user "$T/subuidless" run "$T/subuidless" run true
	says 1 "openat2(2) is refused" -- refuse 38 openat2 timeout 1 "$T/subuidless" "$T/missing/s"
}

@test "a daemon inside of run says nothing of a kernel that lacks nothing" {
	says 124 "listening on" -- as_user timeout 1 "$T/subuidless" "$SOCKET"
	[[ "$output" != *SYNC_WAKE_UP* ]] || skip "this kernel has no SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP"
	says 124 "listening on" -- as_user "$T/subuidless" run timeout 1 "$T/subuidless" "$SOCKET"
	lacks SYNC_WAKE_UP
}

@test "limits" {
	local n

	for n in 5 6; do
		says 125 "Too many open files (see ulimit -n)" -- as_user sh -c "ulimit -n $n; exec \"\$@\"" sh "$T/subuidless" run true
	done
	for n in 20000 100000; do
		says 125 "Cannot allocate memory (see ulimit -v" -- as_user sh -c "ulimit -v $n; exec \"\$@\"" sh "$T/subuidless" run true
		lacks "cannot load the seccomp filter"
		says 1 "Cannot allocate memory (see ulimit -v" -- as_user sh -c "ulimit -v $n; exec \"\$@\"" sh "$T/subuidless" "$SOCKET"
	done
	# every user namespace counts its own, and root is not limited
	says 125 "(see ulimit -u" -- as_user prlimit --nproc=1 "$T/subuidless" run true
	says 1 "(see ulimit -u" -- as_user prlimit --nproc=1 "$T/subuidless" "$SOCKET"
}

# in_own_tmp SCRIPT: with a /tmp and a /run/user of its own, as root; $T is /mnt there, and a daemon for a second is "daemon"
in_own_tmp() {
	need_root "mount"
	cat >"$T/daemon" <<-'END'
	#!/bin/sh
	exec setpriv --reuid $TEST_ID --regid $TEST_ID --clear-groups env -u XDG_RUNTIME_DIR -u XDG_STATE_HOME HOME=/mnt/home timeout 1 \
		env ${RUNTIME+XDG_RUNTIME_DIR="$RUNTIME"} /mnt/subuidless
	END
	chmod +x "$T/daemon"
	TEST_ID=$TEST_ID unshare -m sh -c 'mount --bind "$1" /mnt && mount -t tmpfs -o mode=1777 none /tmp && mount -t tmpfs none /run/user && PATH=/mnt:$PATH &&
		eval "$2"' sh "$T" "$1"
}

@test "default socket: without XDG_RUNTIME_DIR, in /run/user if that is the user's alone" {
	says 124 "listening on /run/user/$TEST_ID/subuidless.sock" -- in_own_tmp 'install -d -o $TEST_ID -m 700 /run/user/$TEST_ID; daemon'
	for mode in 755 777; do
		says 124 "listening on /tmp/subuidless-$TEST_ID/subuidless.sock" -- in_own_tmp "install -d -o $TEST_ID -m $mode /run/user/$TEST_ID; daemon"
	done
	says 124 "listening on /tmp/subuidless-$TEST_ID/subuidless.sock" -- in_own_tmp "install -d -m 777 /run/user/$TEST_ID; daemon"
	says 124 "listening on /tmp/subuidless-$TEST_ID/subuidless.sock" -- in_own_tmp \
		"install -d -o $TEST_ID -m 700 /run/user/real; ln -s real /run/user/$TEST_ID; daemon"
}

@test "default socket: else in a private directory below /tmp" {
	# the one of before, and a relative path, which is ignored
	says 124 "listening on /tmp/subuidless-$TEST_ID/subuidless.sock" -- in_own_tmp 'daemon; export RUNTIME=run; daemon'
	# two at once: one serves
	says 1 "another daemon listens on /tmp/subuidless-$TEST_ID/subuidless.sock" -- in_own_tmp 'daemon & sleep 0.5; daemon; r=$?; wait; exit $r'
	says 124 "listening on /tmp/subuidless-$TEST_ID/subuidless.sock" "700 $TEST_ID" -- in_own_tmp \
		'umask 277; daemon; r=$?; stat -c "%a %u" /tmp/subuidless-$TEST_ID; ls -A /tmp/subuidless-$TEST_ID; exit $r'
	same "700 $TEST_ID" "${output##*$'\n'}"
}

@test "default socket: a directory that another user has made is refused" {
	for trick in 'install -d -m 700 @' 'install -d -m 777 @' 'install -d -o $TEST_ID -m 770 @' 'install -d -o $TEST_ID -m 707 @' 'echo >@' \
		'install -d -o $TEST_ID -m 700 /tmp/theirs; ln -s theirs @' 'ln -s nowhere @' 'mkfifo @'; do
		says 1 "XDG_RUNTIME_DIR is not set" "remove /tmp/subuidless-$TEST_ID, which is not a directory of yours alone" -- \
			in_own_tmp "${trick//@/\/tmp\/subuidless-$TEST_ID}; daemon; r=\$?; ls -A /tmp/theirs 2>/dev/null; exit \$r"
		lacks subuidless.sock
	done
	says 1 "XDG_RUNTIME_DIR is not set" "cannot be made: Permission denied" -- in_own_tmp 'chmod 755 /tmp; daemon'
}

@test "default socket: an XDG_RUNTIME_DIR that cannot be used" {
	says 1 "is a directory of the user 0, not yours" "unset XDG_RUNTIME_DIR, which su(1)" -- in_own_tmp 'mkdir /run/user/0; RUNTIME=/run/user/0; export RUNTIME; daemon'
	says 1 "cannot open the socket's directory /run/user/$TEST_ID, which \"mkdir -m 700\" would make" -- \
		in_own_tmp 'export RUNTIME=/run/user/$TEST_ID; daemon'
	says 1 "XDG_RUNTIME_DIR is longer than 91 bytes" -- as_user env XDG_RUNTIME_DIR="$T/$(printf %090d 0)" "$T/subuidless"
	as_user mkdir -p "$T/$(printf "%0$((90 - ${#T}))d" 0)"
	says 124 "listening on" -- as_user env XDG_RUNTIME_DIR="$T/$(printf "%0$((90 - ${#T}))d" 0)" timeout 1 "$T/subuidless"
}

@test "the socket: what stands in its way" {
	as_user sh -c ': >"$1"' sh "$SOCKET"
	says 1 "exists and is not a socket: remove it, or give another path" -- as_user "$T/subuidless" "$SOCKET"
	rm "$SOCKET"
	as_user python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(sys.argv[1])' "$SOCKET"
	says 124 "listening on" -- as_user timeout 1 "$T/subuidless" "$SOCKET"
	"${AS_USER[@]}" python3 -c 'import socket, sys, time; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); time.sleep(60)' \
		"$SOCKET" 3>&- &
	within 5 test -S "$SOCKET"
	says 1 "is the socket of another program: give another path" -- as_user "$T/subuidless" "$SOCKET"
	kill $!
	rm "$SOCKET"
	says 1 "cannot open the socket's directory $T/missing, which \"mkdir -m 700\" would make: No such file" -- as_user "$T/subuidless" "$T/missing/s"
	chmod 770 "$T/run"
	says 1 "others can write to $T/run" "chmod go-w" -- as_user "$T/subuidless" "$SOCKET"
	says 1 "longer than 107 bytes" "give a shorter one" -- as_user "$T/subuidless" "$T/$(printf %0107d 0)"
	need_root "mount"
	chmod 700 "$T/run"
	says 1 "cannot listen on $SOCKET, whose file system may take no sockets: give a path below /run or /tmp" -- \
		unshare -m sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"' sh "$T/run" "${AS_USER[@]}" "$T/subuidless" "$SOCKET"
}

@test "owners that cannot be kept: where and why" {
	local unkept="owners of symlinks, fifos and sockets last as long as this process"

	says 0 "$unkept: neither XDG_STATE_HOME nor HOME is set" -- as_user env -u HOME "$T/subuidless" run true
	says 0 "$unkept: neither XDG_STATE_HOME nor HOME is set" -- as_user env HOME=. XDG_STATE_HOME=state "$T/subuidless" run true
	says 0 "$unkept: set XDG_STATE_HOME to a directory of yours, for /nonexistent/.local/state/subuidless/records cannot be used: Permission denied" -- \
		as_user env HOME=/nonexistent "$T/subuidless" run true
	as_user install -d -m 777 "$T/home/subuidless"
	says 0 "$unkept: $T/home/subuidless and its file records must be yours, and nobody else may be able to write them" -- \
		as_user env XDG_STATE_HOME="$T/home" "$T/subuidless" run true
}

run_in() { as_user "$T/subuidless" run "$@"; }

# what a root directory looks like from outside
listing() { (cd "$T/rootfs" && find . -printf '%p %y %m %U:%G %l\n' | LC_ALL=C sort); }

@test "--root without /dev and /proc: they are made where that can be" {
	busybox_rootfs "$T/rootfs"
	rmdir "$T"/rootfs/{dev,proc}
	run run_in --root "$T/rootfs" sh -c 'touch /f && chown 3:4 /f && stat -c %u:%g /f && [ -c /dev/null ] && [ -d /proc/1 ] && echo x >/dev/null && ls -A /'
	same '3:4 bin dev etc f proc root sys tmp' "${lines[*]}"
	rmdir "$T"/rootfs/{dev,proc}
}

# in_read_only SCRIPT: as the user, with a read-only mount of $T/rootfs
in_read_only() {
	need_root "mount"
	unshare -m sh -c 'mount --rbind "$1/rootfs" "$1/rootfs" && mount -o remount,bind,ro "$1/rootfs" && s=$2 && T=$1 && export T && shift 2 &&
		exec "$@" sh -c "$s"' sh "$T" "$1" "${AS_USER[@]}"
}

@test "--root without /dev and /proc: in a read-only one, a tmpfs shows the rest" {
	busybox_rootfs "$T/rootfs"
	rmdir "$T"/rootfs/{dev,proc}
	ln -s bin/busybox "$T/rootfs/echo"
	ln -s nowhere "$T/rootfs/dangling"
	echo content >"$T/rootfs/a file"
	mkfifo "$T/rootfs/fifo"
	as_user mkdir "$T/data"
	before=$(listing)
	run in_read_only '"$T/subuidless" run --root "$T/rootfs" --bind "$T/data:/data" sh -c "
		ls -A /; readlink /dangling; cat /a*; /echo linked; [ -p /fifo ] && [ -c /dev/null ] && [ -d /proc/1 ] && [ -d /sys/kernel ] && echo all
		touch /new /etc/new 2>&1 | grep -c Read-only; touch /data/f; chown 3:4 /data/f; stat -c %u:%g /data/f; stat -c %a /tmp; chown 5 /etc/passwd 2>&1"'
	same 'a file
bin
dangling
data
dev
echo
etc
fifo
proc
root
sys
tmp
nowhere
content
linked
all
2
3:4
1777
chown: /etc/passwd: Read-only file system' "$output"
	same "$before" "$(listing)"
	[ -f "$T/data/f" ]
	# it shows what is mounted below it, too
	run in_read_only 'exec "$T/subuidless" run --root "$T/rootfs" cat /proc/self/mountinfo'
	[[ "$output" = *" / ro,"*" - tmpfs "* ]] && [[ "$output" != *"$T/home"* ]]
}

@test "--root without /dev and /proc: in one of another user, what is the user's own in it can be changed" {
	need_root "make a directory of another user"
	busybox_rootfs "$T/rootfs"
	rmdir "$T"/rootfs/{dev,proc}
	chown 0:0 "$T/rootfs"
	chmod 755 "$T/rootfs"
	before=$(listing)
	same '3:4
Read-only file system' "$(run_in --root "$T/rootfs" sh -c 'touch /tmp/f && chown 3:4 /tmp/f; stat -c %u:%g /tmp/f; touch /f 2>&1 | sed "s/.*: //"')"
	same '3:4' "$(run_in --root "$T/rootfs" sh -c 'stat -c %u:%g /tmp/f; rm /tmp/f')"
	same "$before" "$(listing)"
}

@test "--root whose /dev or /proc is a trap" {
	busybox_rootfs "$T/rootfs"
	as_user mkdir "$T/outside"
	for trap in "ln -s ../../../../../..$T/outside" "ln -s $T/outside" "ln -s missing/missing" "ln -s dev" "ln -s proc" "mkfifo" "touch"; do
		for name in dev proc; do
			rm -rf "$T"/rootfs/{dev,proc}
			as_user mkdir "$T"/rootfs/{dev,proc}
			rmdir "$T/rootfs/$name"
			as_user $trap "$T/rootfs/$name"
			before=$(listing)
			run run_in --root "$T/rootfs" sh -c '[ -c /dev/null ] && [ -d /proc/1 ] && ls -A / | grep -c . && ls /outside 2>/dev/null'
			echo "$trap $name: $status $output"
			same "" "$(ls -A "$T/outside")"
			same "$before" "$(listing)"
			# one that leads to the other of the two cannot be both
			[ "$status" != 125 ] || [ "$trap" = "ln -s proc" ] || [ "$trap" = "ln -s dev" ]
		done
	done
	# a link to a directory in it is fine, and leads to that
	rm -rf "$T"/rootfs/{dev,proc}
	as_user ln -s /tmp "$T/rootfs/dev"
	same ok "$(run_in --root "$T/rootfs" sh -c '[ -c /tmp/null ] && echo ok')"
}

@test "--root that cannot be used" {
	says 125 "cannot use as --root $T/missing: No such file or directory" -- run_in --root "$T/missing" true
	: >"$T/file"
	says 125 "cannot use as --root $T/file: Not a directory" "an archive has to be unpacked first, and an image mounted" -- run_in --root "$T/file" true
	need_root "make a directory of another user"
	mkdir -m 700 "$T/closed"
	says 125 "cannot use as --root $T/closed/r: Permission denied" -- run_in --root "$T/closed/r" true
	mkdir -m 711 "$T/unreadable"
	says 125 "cannot show, with a /dev and a /proc, $T/unreadable: Permission denied" -- run_in --root "$T/unreadable" true
}

@test "a command that cannot be run" {
	busybox_rootfs "$T/rootfs"
	own "$T"
	says 127 "cannot run nosuch: there is no such command; PATH is /bin:/usr/bin" -- as_user env PATH=/bin:/usr/bin "$T/subuidless" run nosuch
	# a directory that only others can search
	! is_root || says 127 "cannot run nosuch: there is no such command; PATH is /bin:$T/closed" -- \
		sh -c 'mkdir -m 700 "$0/closed"; exec "$@"' "$T" "${AS_USER[@]}" env PATH="/bin:$T/closed" "$T/subuidless" run nosuch
	says 127 "cannot run nosuch: there is no such command in --root $T/rootfs; PATH is" -- run_in --root "$T/rootfs" nosuch
	says 127 "cannot run /nosuch: there is no such file in --root $T/rootfs" -- run_in --root "$T/rootfs" /nosuch
	printf '#! /no/interpreter -x\n' >"$T/rootfs/bin/script"
	printf '#!/bin/sh\r\necho\r\n' >"$T/rootfs/bin/dos"
	printf 'echo hello\n' >"$T/rootfs/bin/bare"
	cp "$(command -v env)" "$T/rootfs/bin/dynamic"
	chmod 755 "$T"/rootfs/bin/{script,dos,bare}
	own "$T/rootfs"
	says 127 "cannot run /bin/script: there is no \"/no/interpreter\" in --root $T/rootfs, the interpreter in its first line" -- run_in --root "$T/rootfs" script
	says 127 "cannot run /bin/dos: there is no \"/bin/sh\\x0d\" in --root" -- run_in --root "$T/rootfs" /bin/dos
	loader=$(readelf -p .interp "$T/rootfs/bin/dynamic" | grep -o '/[^ ]*')
	says 127 "cannot run /bin/dynamic: there is no \"$loader\" in --root $T/rootfs, its dynamic loader" -- run_in --root "$T/rootfs" dynamic
	says 0 hello -- run_in --root "$T/rootfs" bare
	mv "$T/rootfs/bin/sh" "$T/rootfs/bin/sh.old"
	says 127 "cannot run /bin/bare: its interpreter or dynamic loader is missing in --root $T/rootfs; for a script without \"#!\", /bin/sh" -- \
		run_in --root "$T/rootfs" bare
	says 126 "cannot run /etc: Permission denied: it is a directory" -- run_in /etc
	says 126 "cannot run /etc/passwd: Permission denied: it is not executable: see chmod(1)" -- run_in /etc/passwd
	need_root "mount"
	says 126 "cannot run $T/home/x: Permission denied: its file system is mounted with noexec" -- unshare -m sh -c 'mount -t tmpfs -o noexec none "$0/home" &&
		cp "$0/subuidless" "$0/home/x" && exec "$@"' "$T" "${AS_USER[@]}" "$T/subuidless" run "$T/home/x"
}

@test "--bind that cannot be made" {
	busybox_rootfs "$T/rootfs"
	as_user mkdir "$T/d"
	says 125 "cannot bind $T/missing: No such file or directory" -- run_in --root "$T/rootfs" --bind "$T/missing:/mnt" true
	says 125 "cannot make the mount point /a/b: No such file" "make the directory that it is to be in" -- run_in --root "$T/rootfs" --bind "$T/d:/a/b" true
	says 125 "cannot bind $T/d: Not a directory" "a directory can be mounted on directories only, and a file on files: see /etc/passwd" -- \
		run_in --root "$T/rootfs" --bind "$T/d:/etc/passwd" true
	# with a slash at the end, and without one at the beginning
	same 'd e' "$(run_in --root "$T/rootfs" --bind "$T/d:/d/" --bind "$T/d:e" sh -c 'cd /; echo d e')"
	[ -d "$T/rootfs/d" ] && [ -d "$T/rootfs/e" ]
}
