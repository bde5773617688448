#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ci/proofs.sh [all]: TAP: what tests/proof states of the layers that see what containers send, proven by CBMC for all inputs
# within their bounds; and each statement is refuted for a source with a planted bug. PROOF_CAP=8 reads longer strings; "all": the
# decoder for every call, not only for one of each kind; both take minutes more.
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

decoder=(src/decode/{decode,calls,creation,xattr}.c src/base/names.c)

# What a proof takes: its sources, the one that it is about among them, and options. The decoder's has the call and the ABI in its name.
arguments() {
	local call abi

	case $1 in
	owner) echo "src/rule/owner.c tests/proof/owner.c --unwind 14" ;;
	tmem) echo "src/decode/tmem.c tests/proof/tmem.c tests/proof/memchr.c --unwind $((${PROOF_CAP:-6} + 3)) -DCAP=${PROOF_CAP:-6} -DTMEM_PAGE=4U" ;;
	*)
		IFS=: read -r _ call abi <<<"$1"
		echo "-Itests/proof/small ${decoder[*]} tests/proof/decode.c tests/proof/caller.c tests/proof/memchr.c --unwind 26" \
			"-DLIMIT_GROUPS=4 -DNR_MAX=8 $([ "$call" = any ] && echo -DANY_NUMBER || echo "-DTHE_CALL=$call -DTHE_ABI=ABI_$abi")"
		;;
	esac
}

ended() { # exit status, the one wanted, the verdict wanted, log
	if [ "$1" != "$2" ] || ! grep -qx "VERIFICATION $3" <<<"$4"; then
		echo "exit status $1"
		grep -E 'FAILURE|error|UNKNOWN' <<<"$4" || tail -n 5 <<<"$4"
	fi
}

# As many at once as there are processors, and 2 GiB of memory for each, of which the largest takes 1.4: each leaves its name and what is
# wrong in files, which finish_proofs() shows in their order.
at_once=$(awk -v n="$(nproc)" '/^MemAvailable:/ { m = int($2 / 2097152) } END { print m < 1 ? 1 : m < n ? m : n }' /proc/meminfo)
started=0
rm -f "$dir"/job.*
begin() {
	local running=()

	mapfile -t running < <(jobs -rp)
	[ "${#running[@]}" -lt "$at_once" ] || wait -n
	started=$((started + 1))
	"$@" "$dir/job.$started" &
}

run_proof() { # name, job
	local log status=0 start=$SECONDS

	# shellcheck disable=SC2046 # an argument is a word
	log=$(cbmc $(arguments "$1")) || status=$?
	echo "proven: $1, $(sed -n 's/^\*\* [0-9]* of \([0-9]*\) failed.*/\1 checks/p' <<<"$log") in $((SECONDS - start)) s" >"$2.name"
	ended "$status" 0 SUCCESSFUL "$log" >"$2.why"
}

run_refutation() { # name, source, what is wrong, sed script that makes it so, job
	local log status=0 sources

	echo "refuted: $1 of a $2 where $3" >"$5.name"
	sed -E "$4" "$2" >"$5.c"
	if cmp -s "$2" "$5.c"; then
		echo "the bug does not apply any more" >"$5.why"
		return
	fi
	sources=$(arguments "$1")
	# shellcheck disable=SC2086
	log=$(cbmc --stop-on-fail ${sources/"$2"/"$5.c"}) || status=$?
	ended "$status" 10 FAILED "$log" >"$5.why"
}

prove() {
	begin run_proof "$@"
}

refute() {
	begin run_refutation "$@"
}

finish_proofs() {
	local i

	wait
	for ((i = 1; i <= started; i++)); do
		check "$(cat "$dir/job.$i.name" 2>&1)" "$(cat "$dir/job.$i.why" 2>&1)"
	done
	finish
}

why=
[ "$(uname -m)" = x86_64 ] || why="CBMC is had for x86-64 only"
[ -n "$why" ] || why=$(ci/unpack.sh "$dir/cbmc" amd64 trixie cbmc libc6 libstdc++6 libgcc-s1 minisat zlib1g 2>&1) && why=${why##*$'\n'}
if [ -n "$why" ]; then
	echo "1..0 # SKIP no proofs: $why"
	exit
fi
[ -e "$BUILD/gen/rootlesscontainers.pb.h" ] || make -s "$BUILD/gen/rootlesscontainers.pb.h" >/dev/null

prove owner
refute owner src/rule/owner.c "a record is written before it is known" 's/^\t(if \(!pb_decode.*)/\t*record = (struct owner){ 0, 0 };\n\t\1/'
refute owner src/rule/owner.c "values are one byte too long" 's/n > LIMIT_OVERRIDE_BYTES/n > LIMIT_OVERRIDE_BYTES + 1/'
refute owner src/rule/owner.c "0:0 makes an empty value" 's/^\treturn 2;/\treturn 0;/'
refute owner src/rule/owner.c "a merge forgets the record" 's/^\t\treturn record;/\t\treturn OWNER_NONE;/'
refute owner src/rule/owner.c "an owner gives a file away" 's/!\(is_owner \&\& want.cuid == shown.cuid\)/!is_owner/'
prove tmem
refute tmem src/decode/tmem.c "a short read counts as a whole one" '/^int tmem_read_string/,$ s/^\t\tdone \+= .*/\t\tdone += chunk;/'
refute tmem src/decode/tmem.c "an error after some bytes is no error" '/^int tmem_read\(/,/^}/ s/^\t\tif \(r < 0\)$/\t\tif (r < 0 \&\& done == 0)/'
refute tmem src/decode/tmem.c "reads cross pages" 's/^(\t\tsize_t chunk = TMEM_PAGE).*/\1;/'
refute tmem src/decode/tmem.c "more than was asked for is believed" 's/\|\| \(size_t\)r > chunk//'
refute tmem src/decode/tmem.c "an address wraps" 's/^\t\tif \(chunk > UINT64_MAX.*/\t\tif (0)/'
refute tmem src/decode/tmem.c "more bytes than are known are copied" 's/^\t\tmemcpy\(buf, bytes, known\);/\t\tmemcpy(buf, bytes, size);/'
refute tmem src/decode/tmem.c "the last unknown byte may be anything" 's/ i < size; i\+\+\)/ i + 1 < size; i++)/'

# of each kind of argument a call that has it, where it is narrowest or there is more of it
prove decode:any
if [ "${1-}" = all ]; then
	mapfile -t all < <(sed -n 's/^SYSCALL(\([a-z0-9_]*\),.*/\1/p' src/decode/syscalls.def)
	for call in "${all[@]}"; do
		for abi in X86_64 I386; do
			prove "decode:$call:$abi"
		done
	done
else
	for call in chown:I386 fchown:X32 fchownat:AARCH64 fstat:X86_64 newfstatat:I386 statx:X86_64 getxattr:I386 getxattrat:X86_64 fsetxattr:I386 \
		setxattrat:X86_64 listxattrat:AARCH64 unshare:X86_64 clone3:I386 setresuid:I386 setgroups:I386 setgroups32:I386 getresuid:X86_64 capset:I386 \
		prctl:X86_64 execveat:X86_64 fchmodat2:I386 openat:X86_64 creat:I386 openat2:I386 mknodat:X32 symlinkat:AARCH64 bind:X86_64 getsockopt:X86_64 \
		socketcall:I386 prlimit64:I386 setrlimit:I386; do
		prove "decode:$call"
	done
fi
refute decode:any src/decode/decode.c "a number lies behind the table" 's/nr >= NR_MAX \|\|/nr > NR_MAX ||/'
refute decode:chown:I386 src/decode/decode.c "ids of 16 bits keep all 32" 's/^\tif \(abi != ABI_I386\)$/\tif (1)/'
refute decode:chown:X86_64 src/decode/decode.c "an error of the call before stays" 's/offsetof\(struct request, groups\) - /offsetof(struct request, memory_error) - /'
refute decode:newfstatat:I386 src/decode/decode.c "addresses of 32 bits keep all 64" 's/^\treturn abi == ABI_I386 \? \(uint32_t\)value : value;/\treturn value;/'
refute decode:newfstatat:I386 src/decode/decode.c "unknown flags pass with a path" 's/^\tif \(r == 0 && has_bad_flags\(req\) && .*/\tif (0)/'
refute decode:fstat:X86_64 src/decode/decode.c "a descriptor is AT_FDCWD" 's/\(int\)value == AT_FDCWD \? -1 : \(int\)value;/(int)value;/'
refute decode:setgroups:X86_64 src/decode/decode.c "one group has no room" 's/req->count > LIMIT_GROUPS/req->count > LIMIT_GROUPS + 1/'
refute decode:capset:X86_64 src/decode/decode.c "version 1 of capabilities has 64" 's/(_VERSION_1 \?) 1 :/\1 2 :/'
refute decode:setrlimit:I386 src/decode/decode.c "a narrow RLIM_INFINITY is a limit" 's/short_limit\[i\] == UINT32_MAX \? UINT64_MAX : //'
refute decode:socketcall:I386 src/decode/decode.c "three of getsockopt(2)'s arguments are read" 's/\(is_bind \? 3 : 5\)/3/'
refute decode:setxattrat:X86_64 src/decode/xattr.c "a value has one byte too many" 's/req->size > sizeof\(req->value\)/req->size > sizeof(req->value) + 1/'
refute decode:getxattrat:X86_64 src/decode/xattr.c "the result goes where nobody said" '/^\t\tif \(row_has_arg\(req->row, XATTR_ARGS\)\)$/,+1d'
refute decode:openat2:I386 src/decode/creation.c "a mode has more bits than there are" 's/^\tif \(r == 0 && how.mode > 07777\)/\tif (0)/'
refute decode:bind:X86_64 src/decode/creation.c "an address is one byte too long" 's/n > \(int32_t\)sizeof\(address\)/n > (int32_t)sizeof(address) + 1/'
refute decode:bind:X86_64 src/decode/creation.c "a path is not ended" 's/^\treq->path\[\(size_t\)n - start\] = .*//'
refute decode:symlinkat:X86_64 src/decode/creation.c "a symlink says nothing" 's/ : r == 0 \? -ENOENT : 0;/ : 0;/'
finish_proofs
