#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers, and processes that crun exec adds to them, on the same files: each has a listener of its own.

load ../lib

setup() {
	lib_setup
	start_daemon
	as_user mkdir "$T/shared"
	local bind='.mounts += [{destination: "/mnt", type: "bind", source: "'"$T"'/shared", options: ["rbind"]}]'
	busybox_rootfs "$T/busybox"
	as_user mkdir "$T/busybox/mnt"
	# in which nothing is changed
	debian_unpacked
	make_bundle "$T/b1" "$T/busybox" "$bind"
	make_bundle "$T/b2" "$UNPACKED" "$bind"
	crun_start_bg "$T/b1" one
	crun_start_bg "$T/b2" two
}

# at_once SCRIPT: $1 is a number for each, in both containers by two processes each; their output goes to $T/out.N
at_once() {
	local pids=() n=0 name

	for name in one two one two; do
		n=$((n + 1))
		CRUN_TIMEOUT=120 crun exec "$name" sh -c "$1" sh "$n" >"$T/out.$n" 2>&1 &
		pids+=($!)
	done
	for n in 0 1 2 3; do
		wait "${pids[$n]}" || {
			cat "$T"/out.*
			fail "process $((n + 1)) failed"
			return 1
		}
	done
}

@test "each sees the owners that another one set" {
	as_user python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$T/shared/socket"
	crun_exec one 'cd /mnt && touch file && mkdir dir && ln -s file link && mkfifo fifo && chmod 600 file && chmod 0 dir'
	n=10
	for writer in one two; do
		crun_exec $writer "cd /mnt && chown -h $n:$((n + 1)) file dir link fifo socket"
		for reader in one two; do
			run crun_exec $reader 'cd /mnt && stat -c "%n %u %g" *'
			same "dir $n $((n + 1))
fifo $n $((n + 1))
file $n $((n + 1))
link $n $((n + 1))
socket $n $((n + 1))" "$output"
		done
		n=$((n + 10))
	done
	run crun_exec two 'cd /mnt && ls -ln | awk "NR > 1 { print \$3, \$4 }" | uniq && find . -mindepth 1 -printf "%U %G\n" | uniq'
	same '20 21
20 21' "$output"
	run crun_exec one 'cd /mnt && ls -ln | awk "NR > 1 { print \$3, \$4 }" | uniq'
	same '20 21' "$output"
}

@test "what one removes and makes anew is nobody's for the other" {
	crun_exec one 'cd /mnt && mkfifo p && ln -s x l && chown -h 5:6 p l'
	run crun_exec two 'cd /mnt && stat -c %u:%g p l && rm p l && mkfifo p && ln -s x l && stat -c %u:%g p l'
	same '5:6
5:6
0:0
0:0' "$output"
	run crun_exec one 'cd /mnt && stat -c %u:%g p l'
	same '0:0
0:0' "$output"
}

@test "four processes at once, each with files of its own" {
	# 40 in "make check-all"
	n=$((4 * TEST_SCALE))
	at_once 'set -e; cd /mnt; mkdir $1; cd $1
		for i in $(seq 1 '$n'); do
			touch f$i; ln -s x l$i; mkfifo p$i
			chown -h $1:$i f$i l$i p$i
			[ "$(stat -c %u:%g f$i l$i p$i | uniq)" = $1:$i ]
		done'
	for reader in one two; do
		run crun_exec $reader 'cd /mnt; for n in 1 2 3 4; do for i in $(seq 1 '$n'); do
			[ "$(stat -c %u:%g $n/f$i $n/l$i $n/p$i | uniq)" = $n:$i ] || echo "$n/$i"
		done; done; echo done'
		same done "$output"
	done
}

@test "four processes at once on one file: no owner is mixed from two" {
	crun_exec one 'cd /mnt; touch f; ln -s x l; mkfifo p; chown -h 1:1 f l p'
	# 100 in "make check-all"
	at_once 'cd /mnt; for i in $(seq 1 '$((10 * TEST_SCALE))'); do
			chown -h $1$i:$1$i f l p || exit 1
			for owner in $(stat -c %u:%g f l p); do
				[ "${owner%:*}" = "${owner#*:}" ] || { echo "mixed: $owner"; exit 1; }
			done
		done'
}

@test "one changes users while the other changes groups: no change is lost" {
	crun_exec one 'cd /mnt; touch f; ln -s x l; mkfifo p'
	# in one process each, so that they meet; 3000 in "make check-all"
	n=$((300 * TEST_SCALE))
	cat >"$T/shared/halves.pl" <<-'END'
		my ($half, $file, $n) = @ARGV;
		for my $id (1 .. $n) {
			chown($half ? (-1, $id) : ($id, -1), $file) == 1 or die "chown: $!\n";
			my $now = (stat $file)[4 + $half];
			$now == $id or die "half $half of $file is $now instead of $id\n";
		}
	END
	for file in f p; do
		CRUN_TIMEOUT=120 crun exec two perl /mnt/halves.pl 0 /mnt/$file $n >"$T/out.0" 2>&1 &
		pid=$!
		status=0
		crun exec two perl /mnt/halves.pl 1 /mnt/$file $n >"$T/out.1" 2>&1 || status=$?
		wait $pid || status=$?
		[ "$status" = 0 ] || fail "$(cat "$T/out.0" "$T/out.1")"
		run crun_exec one "stat -c %u:%g /mnt/$file"
		same $n:$n "$output"
	done
}
