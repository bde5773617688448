#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs that are executed: set-id bits by emulated owners, and what an exec does to credentials.

bats_require_minimum_version 1.5.0
load ../lib

# compile NAME OPTION...: the test program
compile() {
	local name=$1

	shift
	gcc -O1 -D_GNU_SOURCE -Wall -Wextra -Werror "$@" -o "$BATS_FILE_TMPDIR/$name" "$TESTS"/likeroot/exec/*.c -pthread
}

setup_file() {
	compile exec -static
}

setup() {
	lib_setup
	busybox_rootfs "$T/rootfs"
	mkdir -p "$T/rootfs/t/nosuid"
	own "$T/rootfs/t"
	install_program "$T/rootfs" exec
	start_daemon
}

# install_program ROOTFS NAME
install_program() {
	cp "$BATS_FILE_TMPDIR/$2" "$1/exec"
	own "$1/exec"
}

# bundle [JQ_FILTER]: with a mount on which set-id bits do not count
bundle() {
	make_bundle "$T/bundle" "$T/rootfs" '.mounts += [{destination: "/t/nosuid", type: "tmpfs", source: "none", options: ["nosuid", "mode=755"]}]'"${1+ | $1}"
}

# natively NAME: the transcript of real root, in a chroot
natively() {
	local root=$T/native

	need_root "be real root"
	mkdir -p "$root"/{t/nosuid,proc}
	cp "$BATS_FILE_TMPDIR/$1" "$root/exec"
	# shellcheck disable=SC2016
	timeout 120 unshare -m --propagation private sh -c '
		mount --bind "$1" "$1" && mount -o remount,bind,suid,exec "$1" && mount -t proc none "$1/proc" &&
		mount -t tmpfs -o nosuid,mode=755 none "$1/t/nosuid" &&
		setpriv --clear-groups chroot "$1" /exec tree && setpriv --clear-groups chroot "$1" /exec run' sh "$root"
}

# A task that is traced by another cannot be traced by us, so that nobody tells its new program to mistrust its environment.
forgive() { sed -E '/^[a-z-]+ debugger: /s/ (secure .*|preload)$//'; }

# compare NAME [JQ_FILTER]
compare() {
	local expected

	expected=$(natively "$1")
	[ "$(wc -l <<<"$expected")" -gt 400 ] || fail "$expected"
	bundle "${@:2}"
	same "$(forgive <<<"$expected")" "$(crun_sh "$T/bundle" c '/exec tree && /exec run' | forgive)"
}

@test "every user executes every file, in every way: as for real root" {
	compare exec
}

@test "the same on i386" {
	need_i386
	compile exec32 -m32 -static -isystem /usr/include/x86_64-linux-gnu
	install_program "$T/rootfs" exec32
	compare exec32
}

@test "failures and successes in quick succession, by 16 processes at once" {
	bundle
	CRUN_TIMEOUT=200 run crun_sh "$T/bundle" c '/exec tree && /exec storm 16 100'
	printf '%s\n' "$output" | head -n 20
	[ "$status" = 0 ]
	[ "$(counter continue exec_watched)" -ge 1600 ]
}

@test "the same where signals can interrupt calls that we have in hand" {
	bundle 'del(.linux.seccomp.flags)'
	CRUN_TIMEOUT=200 run crun_sh "$T/bundle" c '/exec tree && /exec storm 16 50'
	printf '%s\n' "$output" | head -n 20
	[ "$status" = 0 ]
}

@test "all threads of a process execute at once, again and again: one of them wins, and has its ids" {
	bundle
	crun_sh "$T/bundle" c '/exec tree && /exec way threads 60 1' >"$T/c.out"
	same 60 "$(grep -c '^user threads: uid 1000 2000 2000 2000 .* secure 1000 2000 1000 1000$' "$T/c.out")"
}

@test "a dynamic program with set-id bits loads nothing that its environment names" {
	local library

	compile dynamic
	install_program "$T/rootfs" dynamic
	echo '#include <unistd.h>
		__attribute__((constructor)) static void say(void) { (void)!write(1, "loaded ", 7); }' |
		gcc -shared -fPIC -o "$T/rootfs/t/nothing" -xc -
	ldd "$T/rootfs/exec" | grep -oE '/[^ ]+' | while read -r library; do
		cp -L --parents "$library" "$T/rootfs"
	done
	own "$T/rootfs"
	bundle
	# shellcheck disable=SC2016
	run crun_sh "$T/bundle" c '/exec tree >/dev/null; for file in plain suid2000; do /exec as 1 /t/$file; done'
	printf '%s\n' "$output"
	[ "${#lines[@]}" = 2 ]
	[[ "${lines[0]}" == "loaded uid 1000 1000 1000 "*" preload" ]]
	[[ "${lines[1]}" == "uid 1000 2000 2000 "*"secure 1000 2000 1000 1000" ]]
}

@test "files are exchanged amid an exec: the one that runs decides" {
	local kept plain lost gained other

	bundle
	# with ids that any exec changes, and with some that none but that of a set-id file does
	run crun_sh "$T/bundle" c '/exec tree && /exec swap 1000 1001 && /exec swap 1000 1000'
	printf '%s\n' "$output" | tee >(sed 's/^/# /' >&3)
	[ "${#lines[@]}" = 2 ]
	read -r kept plain lost gained other <<<"${lines[0]}"
	((kept > 50 && plain > 50 && lost == 0 && gained == 0 && other == 0))
	# its bits are seen too late where the file that was looked at had none
	read -r kept plain lost gained other <<<"${lines[1]}"
	((kept > 50 && plain > 50 && gained == 0 && other == 0))
}

@test "workers are killed amid execs: nothing hangs, and no failed one changes anything" {
	local worker

	bundle
	set_args "$T/bundle" sh -c '/exec tree && : >/ready && /exec storm 4 400; echo "end $?"'
	CRUN_TIMEOUT=200 crun run -b "$T/bundle" c </dev/null >"$T/c.out" 2>&1 3>&- &
	CRUN_PID=$!
	within 60 test -e "$T/rootfs/ready"
	for _ in {1..20}; do
		worker=$(workers) && [ -n "$worker" ] && kill -KILL "$worker" || :
		sleep 0.1
	done
	wait "$CRUN_PID" || :
	sort "$T/c.out" | uniq -c | sort -n | tail -n 5 | sed 's/^/# /' >&3
	grep -q '^end ' "$T/c.out"
	# 3: other ids after a failure
	run ! grep 'status 300$' "$T/c.out"
	same 5 "$(crun_sh "$T/bundle" d ': >/f; chown 5 /f; stat -c %u /f')"
}
