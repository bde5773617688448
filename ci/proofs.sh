#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ci/proofs.sh [all]: TAP: what tests/proof states of the layers that see what containers send, proven by CBMC for all inputs
# within their bounds; and each statement is refuted for a source with a planted bug. PROOF_CAP=8 reads longer strings, "all" adds
# the decoder: both take minutes.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

dir=$BUILD/proof
root=$dir/cbmc/root/usr
limit=${PROOF_TIMEOUT:-900} # seconds of a processor, since a busy machine proves the same
checks=(--bounds-check --pointer-check --signed-overflow-check --unwinding-assertions --no-malloc-may-fail)

# cbmc ARGUMENT...: by its own loader, for the release that has it is a newer one
cbmc() {
	(
		ulimit -v 12000000 -t "$limit"
		exec timeout -k 5 $((limit * 5)) "$root/lib64/ld-linux-x86-64.so.2" \
			--library-path "$root/lib/x86_64-linux-gnu:$root/lib" "$root/bin/cbmc" "${checks[@]}" -D_GNU_SOURCE \
			-Isrc "-I$BUILD/gen" -Itests/proof "$@" 2>&1
	)
}

# arguments of a proof, behind the source file that it is about
arguments() {
	case $1 in
	tmem) echo "tests/proof/tmem.c tests/proof/memchr.c --unwind $((${PROOF_CAP:-6} + 3)) -DCAP=${PROOF_CAP:-6} -DTMEM_PAGE=4U" ;;
	decode) echo "src/decode/calls.c src/decode/creation.c src/base/names.c tests/proof/decode.c tests/proof/memchr.c --unwind 26 -DLIMIT_GROUPS=4" ;;
	owner) echo "tests/proof/owner.c --unwind 14" ;;
	esac
}

ended() { # exit status, the one wanted, the verdict wanted, log
	if [ "$1" != "$2" ] || ! grep -qx "VERIFICATION $3" <<<"$4"; then
		echo "exit status $1"
		grep -E 'FAILURE|error|UNKNOWN' <<<"$4" || tail -n 5 <<<"$4"
	fi
}

prove() { # name, source
	local log status=0 start=$SECONDS

	# shellcheck disable=SC2046 # an argument is a word
	log=$(cbmc "$2" $(arguments "$1")) || status=$?
	check "proven of $2: $(sed -n 's/^\*\* [0-9]* of \([0-9]*\) failed.*/\1 checks/p' <<<"$log") in $((SECONDS - start)) s" \
		"$(ended "$status" 0 SUCCESSFUL "$log")"
}

refute() { # name, source, what is wrong, sed script that makes it so
	local log status=0

	sed -E "$4" "$2" >"$dir/planted.c"
	if cmp -s "$2" "$dir/planted.c"; then
		check "refuted of $2: $3" "the bug does not apply any more"
		return
	fi
	# shellcheck disable=SC2046
	log=$(cbmc --stop-on-fail "$dir/planted.c" $(arguments "$1")) || status=$?
	check "refuted of $2: $3" "$(ended "$status" 10 FAILED "$log")"
}

why=
[ "$(uname -m)" = x86_64 ] || why="CBMC is had for x86-64 only"
[ -n "$why" ] || why=$(ci/unpack.sh "$dir/cbmc" amd64 trixie cbmc libc6 libstdc++6 libgcc-s1 minisat zlib1g 2>&1) && why=${why##*$'\n'}
if [ -n "$why" ]; then
	echo "1..0 # SKIP no proofs: $why"
	exit
fi
[ -e "$BUILD/gen/rootlesscontainers.pb.h" ] || make -s "$BUILD/gen/rootlesscontainers.pb.h" >/dev/null

prove owner src/rule/owner.c
refute owner src/rule/owner.c "a record is written before it is known" 's/^\t(if \(!pb_decode.*)/\t*record = (struct owner){ 0, 0 };\n\t\1/'
refute owner src/rule/owner.c "values are one byte too long" 's/n > LIMIT_OVERRIDE_BYTES/n > LIMIT_OVERRIDE_BYTES + 1/'
refute owner src/rule/owner.c "0:0 makes an empty value" 's/^\treturn 2;/\treturn 0;/'
refute owner src/rule/owner.c "a merge forgets the record" 's/^\t\treturn record;/\t\treturn OWNER_NONE;/'
refute owner src/rule/owner.c "an owner gives a file away" 's/!\(is_owner \&\& want.cuid == shown.cuid\)/!is_owner/'
prove tmem src/decode/tmem.c
refute tmem src/decode/tmem.c "a short read counts as a whole one" '/^int tmem_read_string/,$ s/^\t\tdone \+= .*/\t\tdone += chunk;/'
refute tmem src/decode/tmem.c "an error after some bytes is no error" '/^int tmem_read\(/,/^}/ s/^\t\tif \(r < 0\)$/\t\tif (r < 0 \&\& done == 0)/'
refute tmem src/decode/tmem.c "reads cross pages" 's/^(\t\tsize_t chunk = TMEM_PAGE).*/\1;/'
refute tmem src/decode/tmem.c "more than was asked for is believed" 's/\|\| \(size_t\)r > chunk//'
refute tmem src/decode/tmem.c "an address wraps" 's/^\t\tif \(chunk > UINT64_MAX.*/\t\tif (0)/'
if [ "${1-}" = all ]; then
	prove decode src/decode/decode.c
	refute decode src/decode/decode.c "ids of 16 bits keep all 32" 's/^\tif \(abi != ABI_I386\)$/\tif (1)/'
else
	echo "# not proven now: src/decode/decode.c, see ci/proofs.sh all"
fi
finish
