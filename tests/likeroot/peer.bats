#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who others are, by their sockets and in /proc; the limits that carry credentials; and who may change a mode. What
# peertest prints as real root in a chroot and what it prints in a container are the same: see tests/likeroot/peer/peer.h.

load ../lib

setup_file() {
	local flags=(-std=gnu11 -O1 -static -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror)

	gcc "${flags[@]}" -o "$BATS_FILE_TMPDIR/peertest64" "$TESTS"/likeroot/peer/*.c
	# without gcc-multilib, nothing else leads a compiler for i386 to asm/
	gcc "${flags[@]}" -m32 -isystem /usr/include/x86_64-linux-gnu -o "$BATS_FILE_TMPDIR/peertest32" "$TESTS"/likeroot/peer/*.c
	gcc "${flags[@]}" -o "$BATS_FILE_TMPDIR/native" "$TESTS/likeroot/diff/native.c"
}

# fresh_root OWNER [BITS]
fresh_root() {
	rm -rf "$T/root"
	mkdir -p "$T/root/"{proc,dev,hostproc}
	cp "$BATS_FILE_TMPDIR/peertest${2-64}" "$T/root/peertest"
	! is_root || chown -R "$1:$1" "$T/root"
}

# native PART [BITS [OPTION...]]: the transcript of real root
native() {
	local part=$1 bits=${2-64}

	fresh_root 0 "$bits"
	shift $(($# < 2 ? $# : 2))
	"$BATS_FILE_TMPDIR/native" "$@" "$T/root" /peertest "$part" </dev/null
}

# emulated PART [BITS [JQ_FILTER]]: in a container of crun that has what native gives
emulated() {
	fresh_root "$USER_ID" "${2-64}"
	start_daemon
	make_bundle "$T/bundle" "$T/root" ".mounts |= map(select(.destination | test(\"pts|mqueue\") | not)) | ${3-.}"
	set_args "$T/bundle" /peertest "$1"
	crun_run "$T/bundle" c </dev/null
	stop_daemon
}

# embedded PART [OPTION...]: by subuidless run
embedded() {
	local part=$1

	shift
	fresh_root "$USER_ID"
	as_user timeout 60 "$T/subuidless" run "$@" --root "$T/root" -- /peertest "$part" </dev/null
}

# alike LEAST LINES OTHER: the transcripts are equal, and have so many lines at least
alike() {
	same "$2" "$3"
	[ "$(wc -l <<<"$2")" -ge "$1" ] || fail "not a whole transcript: $2"
}

oracle() { need_root "make the native transcript"; }

both() { # PART BITS LEAST
	local native emulated

	oracle
	[ "$2" = 64 ] || need_i386
	native=$(native "$1" "$2")
	emulated=$(emulated "$1" "$2") || fail "$emulated"
	alike "$3" "$native" "$emulated"
}

tells_numbers() {
	[ "$(printf '%s\n' 6.11 "$(uname -r)" | sort -V | head -n 1)" = 6.11 ] ||
		skip "before Linux 6.11 whose number it is cannot be told, see docs/limits.md"
}

@test "SO_PEERCRED and SO_PEERGROUPS" { both socket 64 120; }
@test "SO_PEERCRED and SO_PEERGROUPS, i386, also by socketcall" { both socket 32 120; }
@test "limits that carry credentials" { tells_numbers && both limit 64 90; }
@test "limits that carry credentials, i386" { tells_numbers && both limit 32 90; }
@test "chmod by others than root" { both mode 64 200; }
@test "chmod by others than root, i386" { both mode 32 200; }
@test "owners in /proc" { both proc 64 200; }
@test "owners in /proc, i386" { both proc 32 200; }

@test "subuidless run, in the host's pid namespace and not" {
	oracle
	for part in socket mode proc; do
		native=$(native "$part")
		alike 100 "$native" "$(embedded "$part")"
		alike 100 "$native" "$(embedded "$part" --host-pid)"
	done
}

@test "owners in a /proc of the host, in a container with a pid namespace" {
	oracle
	native=$(PROC=/hostproc native alice-own 64 -b hostproc)
	emulated=$(emulated alice-own 64 '.mounts += [{destination: "/hostproc", type: "bind", source: "/proc", options: ["rbind"]}]
		| .process.env += ["PROC=/hostproc"]')
	alike 100 "$native" "$emulated"
}

@test "a peer that has gone is nobody, not root" {
	run emulated gone
	[[ "$output" = *"alice, who has gone: 0 65534:65534, length 12, "* ]]
	[[ "$output" = *"alice, who has gone: 0 room 64, length 0: 77 "* ]]
}

@test "what belongs to no process stays the kernel's, in a process's directory too" {
	oracle
	native=$(native nobodys)
	alike 14 "${native//0:0/65534:65534}" "$(emulated nobodys)"
}

@test "what is in /proc/PID/net belongs to whose the network namespace is" {
	run emulated nobodys 64 '.linux.namespaces += [{type: "network"}]'
	[[ "$output" = *"/proc/%d/net/dev: 0 0:0 100444"*"/proc/%d/net/stat: 0 0:0 40555"* ]] || fail "$output"
}

@test "a set limit is forgotten, and whoever sets it is who it was" {
	run emulated limit
	[[ "$output" = *$'who sets: 42 \nprlimit sets: 0 \nsetrlimit sets: 0 \nprlimit sets: 0 \nsetrlimit sets: 0 \nis still: 42 43'* ]]
}
