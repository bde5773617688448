# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# CBMC, and what each proof takes: for ci/proofs.sh and tests/mutants/catch/proof, which source it from the top of the tree.
BUILD=${BUILD:-build}
PROOFS=$BUILD/proof

cbmc_install() { # says why it cannot be had, and fails then
	if [ "$(uname -m)" != x86_64 ]; then
		echo "CBMC is had for x86-64 only"
		return 1
	fi
	mkdir -p "$PROOFS"
	# of a newer release; who comes second waits for the first
	flock "$PROOFS" ci/unpack.sh "$PROOFS/cbmc" amd64 trixie cbmc libc6 libstdc++6 libgcc-s1 minisat zlib1g 2>&1 | tail -n 1
	[ -e "$PROOFS/cbmc/done" ]
}

# cbmc ARGUMENT...: by its own loader. PROOF_TIMEOUT: seconds of a processor, since a busy machine proves the same.
cbmc() {
	local root=$PROOFS/cbmc/root/usr limit=${PROOF_TIMEOUT:-900}

	(
		ulimit -v 12000000 -t "$limit"
		exec timeout -k 5 $((limit * 5)) "$root/lib64/ld-linux-x86-64.so.2" --library-path "$root/lib/x86_64-linux-gnu:$root/lib" \
			"$root/bin/cbmc" --bounds-check --pointer-check --signed-overflow-check --unwinding-assertions --no-malloc-may-fail \
			-D_GNU_SOURCE -Isrc "-I$BUILD/gen" -Itests/proof "$@" 2>&1
	)
}

# Its sources and options. The decoder's has the call and the ABI in its name: decode:CALL:ABI or decode:any.
proof_arguments() { # proof
	local call abi cap=${PROOF_CAP:-6}

	case $1 in
	owner) echo "src/rule/owner.c tests/proof/owner.c --unwind 14" ;;
	tmem) echo "src/decode/tmem.c tests/proof/tmem.c tests/proof/memchr.c --unwind $((cap + 3)) -DCAP=$cap -DTMEM_PAGE=4U" ;;
	*)
		IFS=: read -r _ call abi <<<"$1"
		echo "-Itests/proof/small src/decode/decode.c src/decode/calls.c src/decode/creation.c src/decode/xattr.c src/base/names.c" \
			"tests/proof/decode.c tests/proof/caller.c tests/proof/memchr.c --unwind 26 -DLIMIT_GROUPS=4 -DNR_MAX=8" \
			"$([ "$call" = any ] && echo -DANY_NUMBER || echo "-DTHE_CALL=$call -DTHE_ABI=ABI_$abi")"
		;;
	esac
}

proof_ended() { # exit status, the one wanted, the verdict wanted, log: says what is wrong
	[ "$1" != "$2" ] || ! grep -qx "VERIFICATION $3" <<<"$4" || return 0
	echo "exit status $1"
	grep -E 'FAILURE|error|UNKNOWN' <<<"$4" || tail -n 5 <<<"$4"
	return 1
}
