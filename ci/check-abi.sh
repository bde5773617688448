#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The other ABIs: the daemon builds for aarch64 too, the unit tests of what decodes, decides and encodes pass there, under
# qemu's emulation of a processor; static programs for both need nothing at all, and start.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

cross=aarch64-linux-gnu
abi=$BUILD/abi
sysroot=$PWD/$abi/sysroot/root
libc=/usr/$cross/lib

skip() { # reason, tests
	local name reason=$1

	shift
	for name; do
		tap_tests=$((tap_tests + 1))
		echo "ok $tap_tests - $name # SKIP $reason"
	done
}

# not a part of the make that runs us, but for its cores
build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j2 CI=1 CFLAGS="-O2 -g" "$@" 2>&1 | grep -v '^  '
}

# the static program: what a loader would look for, and whether it may be anywhere in memory
alone() { # program
	readelf -lW "$1" 2>&1 | grep -E 'INTERP|Error:|No such file'
	readelf -dW "$1" 2>&1 | grep -E 'NEEDED|RPATH|RUNPATH'
	readelf -hW "$1" 2>&1 | grep -Eq 'Type: +DYN' || echo "$1 is at a fixed place"
	readelf -dW "$1" 2>&1 | grep -Eq 'FLAGS_1.*\bPIE\b' || echo "$1 is not marked as position independent"
}

starts() { # machine, program, in front of it what runs it
	local machine=$1

	shift
	[[ "$("$@" --version 2>&1)" =~ ^subuidless\ [0-9.]+$ ]] || echo "$* --version: $("$@" --version 2>&1 | head -n 3)"
	diff <("./$BIN" --list-syscalls) <("$@" --list-syscalls 2>&1)
	diff <("./$BIN" profile --listener /run/x.sock | grep -v SCMP_ARCH) \
		<("$@" profile --listener /run/x.sock 2>&1 | grep -v '"SCMP_ARCH_'"${machine^^}"'"')
}

static() { # machine, its name to readelf, program, make's variables; the program's emulator is in $emulator
	local machine=$1 name=$2 program=$3

	shift 3
	check "$machine: a static program builds without a warning" "$(build STATIC=1 BIN="$program" "$@")"
	check "$machine: it is for $name" "$(readelf -hW "$program" 2>&1 | grep -Eq "Machine: +.*$name" || readelf -hW "$program" 2>&1)"
	check "$machine: no interpreter, no library, position independent" "$(alone "$program")"
	check "$machine: it starts and says what the native one does, $(stat -c %s "$program" 2>/dev/null) bytes" \
		"$(starts "$machine" "${emulator[@]}" "$program")"
}

# each program by itself, so that one that is missing or says nothing fails
unit() { # name
	local log

	log=$(CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 120 "${emulator[@]}" -E LD_LIBRARY_PATH="$sysroot/usr/lib/$cross:$libc" \
		"$abi/aarch64/tests/unit/$1" </dev/null 2>&1) || log+=$'\n'"not ok: exit status $?"
	check "aarch64: $1, $(grep -c '^ok' <<<"$log") tests" "$(grep -Eq '^ok' <<<"$log" || echo "no test ran"
		! grep -E '^not ok|^Bail' <<<"$log" | grep -qv '# SKIP' || echo "$log")"
}

aarch64() {
	local tests=(tests/unit/test-*.c) found=(CC="$cross-gcc" CPPFLAGS="-isystem $sysroot/usr/include")

	emulator=(qemu-aarch64)
	tests=("${tests[@]%.c}")
	static aarch64 AArch64 "$abi/subuidless-aarch64" "${found[@]}" LDFLAGS="-L$sysroot/usr/lib/$cross" BUILD="$abi/aarch64-static"
	# where the system has no aarch64 the loader stands elsewhere; a prefix of qemu's would show the tests other files
	found+=(LDFLAGS="-L$sysroot/usr/lib/$cross -Wl,--dynamic-linker=$libc/ld-linux-aarch64.so.1" BUILD="$abi/aarch64")
	# test-statabi asks the kernel, through a program of the machine itself
	check "aarch64: the daemon and its unit tests build without a warning" \
		"$(build BUILD="$abi/aarch64" "$abi/aarch64/tests/unit/stat32"
		build BIN="$abi/aarch64/subuidless" "${found[@]}" all "${tests[@]/#/$abi/aarch64/}")"
	for name in "${tests[@]##*/}"; do
		unit "$name"
	done
}

rm -rf "$abi"/[!s]* "$abi"/subuidless-*
mkdir -p "$abi"
emulator=()
static "$(uname -m)" "$(uname -m | sed 's/_/-/; s/aarch/AArch/; s/x86/X86/')" "$abi/subuidless-$(uname -m)" BUILD="$abi/static"
check "a program with an interpreter is told from these" "$(grep -q INTERP <<<"$(alone "./$BIN")" || echo "./$BIN passes as static")"
if ! command -v "$cross-gcc" >/dev/null || ! command -v qemu-aarch64 >/dev/null; then
	skip "needs $cross-gcc and qemu-aarch64" aarch64
elif [ "$(uname -m)" = aarch64 ]; then
	skip "this machine is one" aarch64
elif ! why=$(ci/sysroot.sh "$abi/sysroot" 2>&1); then
	skip "${why##*$'\n'}" aarch64
else
	aarch64
fi
finish
