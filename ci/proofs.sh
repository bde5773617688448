#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ci/proofs.sh [PROOF...]: TAP: what tests/proof states of the layers that see what containers send, proven by CBMC for all inputs
# within their bounds. Without an argument three of the proofs; with CHECK=all those of one call of each kind, and "every": of
# every call. PROOF_CAP: how long the strings are that are read, 4, or 6 with CHECK=all; 8 takes minutes more. That each statement is
# refuted for a source with a bug, tests/mutants shows.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=tests/proof/cbmc.bash
. tests/proof/cbmc.bash

# of each kind of argument a call that has it, where it is narrowest or there is more of it
kinds='chown:I386 fchown:X32 fchownat:AARCH64 fstat:X86_64 newfstatat:I386 statx:X86_64 getxattr:I386 getxattrat:X86_64 fsetxattr:I386
	setxattrat:X86_64 listxattrat:AARCH64 unshare:X86_64 clone3:I386 setresuid:I386 setgroups:I386 setgroups32:I386 getresuid:X86_64 capset:I386
	prctl:X86_64 execveat:X86_64 fchmodat2:I386 openat:X86_64 creat:I386 openat2:I386 mknodat:X32 symlinkat:AARCH64 bind:X86_64 getsockopt:X86_64
	socketcall:I386 prlimit64:I386 setrlimit:I386'

[ "${CHECK-}" = all ] || export PROOF_CAP=${PROOF_CAP:-4}

wanted() {
	printf '%s\n' owner tmem decode:any
	[ "${CHECK-}" != all ] || printf 'decode:%s\n' $kinds
}

every() {
	printf '%s\n' owner tmem decode:any
	sed -nE -e '/^TWINS/ { h; s/^TWINS\(([a-z0-9_]*),.*/decode:\132:I386/p; g }' \
		-e 's/^(SYSCALL|TWINS)\(([a-z0-9_]*),.*/decode:\2:X86_64\ndecode:\2:I386/p' src/decode/syscalls.def
}

# As many at once as TEST_JOBS or the processors are, and 2 GiB of memory for each, of which the largest takes 1.4.
at_once=$(awk -v n="${TEST_JOBS:-$(nproc)}" '/^MemAvailable:/ { m = int($2 / 2097152) } END { print m < 1 ? 1 : m < n ? m : n }' /proc/meminfo)

prove() { # proof, file for its name, behind which .why has what is wrong
	local log status=0 start=$SECONDS

	# shellcheck disable=SC2046 # an argument is a word
	log=$(cbmc $(proof_arguments "$1")) || status=$?
	echo "proven: $1, $(sed -n 's/^\*\* [0-9]* of \([0-9]*\) failed.*/\1 checks/p' <<<"$log") in $((SECONDS - start)) s" >"$2"
	proof_ended "$status" 0 SUCCESSFUL "$log" >"$2.why"
}

if ! why=$(cbmc_install); then
	echo "1..0 # SKIP no proofs: $why"
	exit
fi
[ -e "$BUILD/gen/rootlesscontainers.pb.h" ] || make -s "$BUILD/gen/rootlesscontainers.pb.h" >/dev/null

case ${1-} in
every) mapfile -t proofs < <(every) ;;
?*) proofs=("$@") ;;
*) mapfile -t proofs < <(wanted) ;;
esac
rm -f "$PROOFS"/job.*
for i in "${!proofs[@]}"; do
	while mapfile -t running < <(jobs -rp) && [ "${#running[@]}" -ge "$at_once" ]; do
		wait -n
	done
	prove "${proofs[i]}" "$PROOFS/job.$i" &
done
wait
for i in "${!proofs[@]}"; do
	check "$(cat "$PROOFS/job.$i" 2>&1)" "$(cat "$PROOFS/job.$i.why" 2>&1)"
done
finish
