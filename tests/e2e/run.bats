#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# subuidless run: a command in a container of its own, without a runtime.

load ../lib

run_as_user() { as_user timeout -k 5 120 "$T/subuidless" run "$@"; }

# ends_with STATUS CMD...
ends_with() {
	local expected=$1 status=0

	shift
	"$@" >"$T/ends.out" 2>&1 || status=$?
	[ "$status" = "$expected" ] || fail "exit status $status instead of $expected of $*: $(cat "$T/ends.out")"
}

# not of a test that runs at the same time: a number of seconds that no other has
some_nap() { echo "98765.$BASHPID"; }
no_nap() { ! pgrep -u "$USER_ID" -f "^sleep $1\$" >/dev/null; }

nothing_left() { ! pgrep -f "^$T/subuidless" >/dev/null; }

teardown() {
	local failed=0

	within 60 nothing_left || {
		pgrep -a -f "^$T/subuidless"
		failed=1
	}
	lib_teardown || failed=1
	return $failed
}

@test "exit statuses" {
	for code in 0 1 3 126 127 255; do
		ends_with $code run_as_user sh -c "exit $code"
	done
	ends_with 127 run_as_user -- /nonexistent
	ends_with 126 run_as_user /etc
	ends_with 125 run_as_user
	ends_with 125 run_as_user --nonsense true
	ends_with 125 run_as_user --root /nonexistent true
}

@test "death by a signal" {
	for signal in TERM:143 KILL:137 HUP:129 SEGV:139; do
		ends_with "${signal#*:}" as_user "$T/subuidless" run sh -c "kill -${signal%:*} \$\$"
	done
}

@test "signals are passed on" {
	as_user mkdir "$T/d"
	for signal in TERM INT HUP USR1; do
		rm -f "$T/out"
		"${AS_USER[@]}" env --default-signal=INT "$T/subuidless" run \
			sh -c "trap 'echo got $signal; exit 9' $signal; echo ready; while :; do sleep 0.1; done" >"$T/out" 2>&1 3>&- &
		pid=$!
		within 60 grep -qs ready "$T/out"
		kill "-$signal" $pid
		status=0
		wait $pid || status=$?
		same "9 ready got $signal" "$status $(tr '\n' ' ' <"$T/out" | sed 's/ $//')"
	done
}

@test "it ends with its parent's death, whatever runs in it" {
	nap=$(some_nap)
	"${AS_USER[@]}" "$T/subuidless" run sh -c "sleep $nap & echo ready; sleep $nap" >"$T/out" 2>&1 3>&- &
	pid=$!
	within 60 grep -qs ready "$T/out"
	kill -KILL $pid
	wait $pid || :
	within 60 no_nap "$nap"
}

@test "processes that the command left behind end with it" {
	nap=$(some_nap)
	run run_as_user sh -c "sleep $nap >/dev/null 2>&1 & exit 4"
	same 4 "$status"
	within 60 no_nap "$nap"
}

@test "standard input and output are the caller's" {
	run sh -c 'echo hello | "$@" | tr a-z A-Z' sh "${AS_USER[@]}" "$T/subuidless" run cat
	same HELLO "$output"
	head -c 3000000 /dev/urandom >"$T/big"
	run_as_user cat <"$T/big" | cmp - "$T/big"
	run sh -c '"$@" 2>&1 >/dev/null' sh "${AS_USER[@]}" "$T/subuidless" run sh -c 'echo out; echo err >&2'
	same err "$output"
}

@test "in a terminal" {
	run as_user timeout 60 script -qec "$T/subuidless run sh -c 'tty && [ -t 0 ] && [ -t 2 ] && stat -Lc %u /dev/stdin && exit 7'" /dev/null
	echo "$output"
	same 7 "$status"
	[[ "${lines[0]}" = /dev/pts/* ]]
	same 0 "${lines[1]%$'\r'}"
}

@test "owners, as dynamic programs of this host and as static busybox see them" {
	as_user mkdir "$T/d"
	run run_as_user sh -c 'cd "$1"; id -u; touch f; ln -s f l; mkfifo p; mkdir d
		chown 42:43 f; chown -h 44:45 l; chown :46 p; busybox chown 47 d
		stat -c "%n %u:%g" f l p d; busybox stat -c "%n %u:%g" f l p d; find . -uid 42 -printf "%p %U:%G\n"' sh "$T/d"
	owners='f 42:43
l 44:45
p 0:46
d 47:0'
	same "0
$owners
$owners
./f 42:43" "$output"
	# in the next one those that files and directories carry
	run run_as_user stat -c %u:%g "$T/d/f" "$T/d/d"
	same '42:43
47:0' "$output"
	same "$USER_ID $USER_ID" "$(stat -c '%u %u' "$T/d/f")"
}

@test "as root" {
	need_root "be root"
	mkdir "$T/d"
	run timeout 60 "$T/subuidless" run sh -c 'cd "$1"; touch f; mkfifo p; chown 42:43 f p; stat -c %u:%g f p; exit 3' sh "$T/d"
	same '42:43
42:43' "$output"
	same 3 "$status"
	same 0:0 "$(stat -c %u:%g "$T/d/f")"
}

@test "--root, with a rootfs of busybox" {
	busybox_rootfs "$T/rootfs"
	run run_as_user --root "$T/rootfs" sh -c 'ls -A /; cd /tmp; touch f; chown alice f; stat -c %U:%G f; pwd; echo x >/dev/null
		[ -c /dev/null ] && [ -d /proc/1 ] && [ -e /dev/stdin ] && ls /.. | head -n 1'
	same 'bin
dev
etc
proc
root
sys
tmp
alice:root
/tmp
bin' "$output"
	run run_as_user --root "$T/rootfs" cat /proc/self/mountinfo
	[[ "$output" != *"$T"*/home* ]]
	[ ! -e "$T/rootfs/dev/null" ]
}

@test "--root changes the working directory too" {
	busybox_rootfs "$T/rootfs"
	as_user mkdir "$T/d"
	as_user touch "$T/d/outside"
	cd "$T/d"
	run run_as_user --root "$T/rootfs" sh -c 'pwd; ls -d outside ../d ../subuidless ./bin 2>/dev/null; cd ..; pwd'
	same '/
./bin
/' "$output"
}

@test "without --root the working directory stays" {
	as_user mkdir "$T/d"
	as_user touch "$T/d/file"
	cd "$T/d"
	run run_as_user sh -c 'pwd; chown 5 file; stat -c "%n %u" file'
	same "$T/d
file 5" "$output"
}

@test "--root, with a rootfs of Debian" {
	debian_rootfs "$T/rootfs"
	cd /
	run run_as_user --root "$T/rootfs" sh -c 'cd /root; touch f; chown www-data:shadow f; stat -c %U:%G f; ls -l f | cut -d" " -f3,4'
	same 'www-data:shadow
www-data shadow' "$output"
}

@test "--bind" {
	busybox_rootfs "$T/rootfs"
	as_user mkdir -p "$T/data/sub" "$T/other"
	as_user sh -c 'echo content >"$1"' sh "$T/data/file"
	run run_as_user --root "$T/rootfs" --bind "$T/data:/mnt" --bind "$T/data/file:/etc/file" --bind "$T/other:/tmp/new" sh -c '
		cat /mnt/file /etc/file; chown 5:6 /mnt/file; stat -c %u:%g /etc/file; touch /tmp/new/f; chown 7 /tmp/new/f'
	same 'content
content
5:6' "$output"
	[ -f "$T/other/f" ]
	run run_as_user --bind "$T/data:$T/other" stat -c %u:%g "$T/other/file"
	same 5:6 "$output"
	run run_as_user --root "$T/rootfs" --bind "$T/nonexistent:/mnt" true
	same 125 "$status"
}

@test "a bind target that is a link stays below the root" {
	busybox_rootfs "$T/rootfs"
	as_user mkdir "$T/data" "$T/outside"
	as_user ln -s "$T/outside" "$T/rootfs/link"
	as_user touch "$T/data/here"
	run run_as_user --root "$T/rootfs" --bind "$T/data:/link/made" ls /link/made
	[ "$status" != 0 ]
	same "" "$(ls -A "$T/outside")"
}

@test "/proc shows its own processes only" {
	busybox_rootfs "$T/rootfs"
	for root in "" "--root $T/rootfs"; do
		run run_as_user $root busybox sh -c 'ls /proc | grep -c "^[0-9]"; [ "$(readlink /proc/self)" -lt 100 ] && [ -e /proc/$$/stat ] && echo own
			chown 0 /proc/self/fd/1 && stat -Lc %u /proc/$$'
		echo "$output"
		[ "${lines[0]}" -lt 10 ]
		same 'own
0' "${lines[1]}
${lines[2]}"
	done
}

@test "--host-pid" {
	as_user mkdir "$T/d"
	busybox_rootfs "$T/rootfs"
	for root in "" "--root $T/rootfs --bind $T/d:$T/d"; do
		as_user mkdir -p "$T/rootfs$T/d"
		run run_as_user --host-pid $root busybox sh -c 'cd "$1"; rm -f f; [ -e "/proc/$2/stat" ] && echo sees
			touch f; chown 8:9 f; stat -c %u:%g /proc/self/cwd/f; chown 5 /proc/self/cwd/f; stat -c %u:%g f' sh "$T/d" $$
		same 'sees
8:9
5:9' "$output"
	done
}

@test "one in another" {
	as_user mkdir "$T/d"
	run run_as_user sh -c 'cd "$1"; touch f; chown 3:4 f; "$2" run stat -c %u:%g f; stat -c %u:%g f' sh "$T/d" "$T/subuidless"
	echo "$output"
	# the inner one gets no listener: a task may have only one; it says so, and the outer one goes on
	same 3:4 "${lines[-1]}"
}

@test "--trace says what was asked and answered" {
	as_user mkdir "$T/d"
	run run_as_user --trace sh -c 'cd "$1"; touch f; chown 42:42 f' sh "$T/d"
	[[ "$output" = *'trace:'*'chown'*'"f", 42, 42'*'= 0 (answered)'* ]]
}

@test "runc and crun within it, with the mounts of their default configuration" {
	mkdir "$T/bundle"
	busybox_rootfs "$T/bundle/rootfs"
	mkdir -p "$T/bundle/rootfs/dev" "$T/bundle/rootfs/proc" "$T/bundle/rootfs/sys"
	own "$T/bundle"
	for runtime in runc crun; do
		run run_as_user sh -c 'cd "$1"; rm -f config.json; "$2" spec
			jq ".process.terminal = false | .process.args = [\"sh\", \"-c\", \"mount | grep -q devpts && ls -ldn /dev/shm | cut -c 1-30\"] |
				.mounts += [{destination: \"/tmp\", type: \"tmpfs\", source: \"t\", options: [\"uid=5\", \"gid=6\", \"mode=1770\"]}] |
				.process.args[2] += \"; stat -c %u:%g /tmp\"" config.json >new && mv new config.json
			[ "$2" = runc ] || mount -t tmpfs none /sys/fs/cgroup
			exec "$2" --root "$1/state" run c </dev/null' sh "$T/bundle" "$runtime"
		echo "$output"
		same 5:6 "${lines[-1]}"
		grep -q '"gid=5"' "$T/bundle/config.json"
	done
}
