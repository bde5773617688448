#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a call costs by itself, under this daemon and under what else does its work: one table, measured in one run.
#	QUICK=1            in less than a minute
#	BENCH=ROW,...      rows whose names begin so: stat, fstat, lstat, chown, getppid, fork, spawn, walk, together, containers;
#	                   or parts alone: the kernel calls that a worker can choose from;
#	                   or apt, mmdebstrap, tar or neighbour: tests/bench/apt.sh and so on
#	WITH=COLUMN,...    columns: native, null, plain, us, before, crun, proot, fakeroot
#	BEFORE=BINARY      another build of subuidless as one more column
# Nothing here fails because it is slow.
# shellcheck disable=SC2119 # the daemon needs no options
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib.bash
. tests/lib.bash
programs=$REPO/${BUILD:-build}/tests/bench

wants() { # list, name
	[ -z "$1" ] || [[ ",$1," == *",$2,"* ]]
}

# what is measured, at the same path for all: DATA/plain and DATA/owned, DATA/tree with 6,000 files (QUICK: 2,000) and 300 links in
# 315 directories, and the same again as DATA/owned-tree
make_data() {
	mkdir -p "$T/bin" "$T/data"
	cp "$programs"/{null,measure,parts,true-static,true-dynamic} "$T/bin/"
	python3 - "$T/data" "$([ -n "${QUICK-}" ] && echo 5 || echo 15)" <<-'PYTHON'
		import os, sys
		for name in ("plain", "owned", "changed"):
		    with open(os.path.join(sys.argv[1], name), "w") as file:
		        file.write(name + "\n")
		for tree in ("tree", "owned-tree"):
		    for a in range(int(sys.argv[2])):
		        for b in range(20):
		            directory = os.path.join(sys.argv[1], tree, f"directory-{a}", f"directory-{b}")
		            os.makedirs(directory)
		            for c in range(20):
		                with open(os.path.join(directory, f"file-{c}.txt"), "w") as file:
		                    file.write(f"{a} {b} {c} and some text\n" * ((a + b + c) % 50 + 1))
		            os.symlink("file-0.txt", os.path.join(directory, "link"))
	PYTHON
	own "$T/bin" "$T/data"
}

# a container that sees the host's programs and the data at their own paths
start_crun() {
	local rootfs=$T/rootfs dir filter='.mounts += [{destination: "/usr", type: "none", source: "/usr", options: ["rbind"]}'

	mkdir -p "$rootfs"/{dev,etc,proc,root,sys,tmp,usr} "$rootfs$T"
	for dir in /bin /lib /lib64; do
		if [ -L "$dir" ]; then
			cp -a "$dir" "$rootfs$dir"
		elif [ -d "$dir" ]; then
			mkdir "$rootfs$dir"
			filter+=", {destination: \"$dir\", type: \"none\", source: \"$dir\", options: [\"rbind\"]}"
		fi
	done
	cp /etc/ld.so.cache "$rootfs/etc/"
	own "$rootfs"
	start_daemon
	make_bundle "$T/bundle" "$rootfs" "$filter, {destination: \"$T\", type: \"none\", source: \"$T\", options: [\"rbind\"]}]"
	crun_start_bg "$T/bundle" bench 'exec sleep 86400'
}

# how much memory N containers cost, as "N WORKERS BROKER" in KiB: of each page its share (PSS)
containers() {
	local n=$1 i workers broker

	is_root || { why containers "only root can read it"; return 0; }
	[ -d "$T/small" ] || BATS_FILE_TMPDIR=$T busybox_rootfs "$T/small"
	start_daemon
	make_bundle "$T/small-bundle" "$T/small"
	for ((i = 0; i < n; i++)); do
		rm -f "$T/small/ready"
		set_args "$T/small-bundle" sh -c 'chown 1:1 /tmp; chown -h 2:2 /bin/ls; ls -lnR /bin >/ready; exec sleep 86400'
		crun run -d -b "$T/small-bundle" "c$i" </dev/null >"$T/small.log" 2>&1
		within 20 test -s "$T/small/ready"
	done
	# shellcheck disable=SC2016
	workers=$(workers | sed 's,.*,/proc/&/smaps_rollup,' | xargs awk '/^Pss:/ { sum += $2 } END { print sum }')
	broker=$(awk '/^Pss:/ { print $2 }' "/proc/$DAEMON_PID/smaps_rollup")
	[ "$(workers | wc -l)" -eq "$n" ] && echo "$n $workers $broker"
	for ((i = 0; i < n; i++)); do
		# of a detached one nobody else takes care
		crun delete -f "c$i"
	done
	stop_daemon
}

# each column: what is put in front of the program that measures
columns() {
	local us=("$T/subuidless" run) proot fakeroot

	column native
	column null "$T/bin/null"
	column plain "$T/bin/null" --plain
	column us "${us[@]}"
	if "${AS_USER[@]}" "${us[@]}" --threads 1 true 2>/dev/null; then
		column us-1 "${us[@]}" --threads 1
	else
		why us-1 "this subuidless has no --threads"
	fi
	if [ -n "${BEFORE-}" ]; then
		install -m 755 "$BEFORE" "$T/before"
		column before "$T/before" run
	fi
	if [ -s "$T/bundle/config.json" ]; then
		column crun nsenter --preserve-credentials -U -m -t "$(<"$T/holder.pid")" crun --cgroup-manager=disabled exec bench
	fi
	proot=$(command -v proot) && column proot "$proot" -0
	fakeroot=$(command -v fakeroot) && column fakeroot "$fakeroot"
	return 0
}

column() {
	local name=$1

	shift
	wants "${WITH-}" "${name%-1}" || return 0
	printf '%s' "$name"
	printf '\t%s' "${AS_USER[@]}" "$@"
	echo
}

why() {
	echo "# $1: not measured, $2" >&2
}

clean_up() {
	lib_teardown >/dev/null 2>&1 || echo "# something of $T could not be removed"
}

# the rows that make a system of their own
systems='apt mmdebstrap tar neighbour'
if [ -n "${BENCH-}" ] && [[ " $systems " == *" $BENCH "* ]]; then
	exec "tests/bench/$BENCH.sh"
fi
lib_setup
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
make_data
if [ "${BENCH-}" = parts ]; then
	as_user "$T/bin/parts" "$T/data"
	exit
fi
if wants "${BENCH-}" containers; then
	for n in 1 10 $([ -n "${QUICK-}" ] || echo 100); do
		containers "$n" >>"$T/containers" || why "$n containers" "they cannot be started"
	done
fi
if wants "${WITH-}" crun; then
	start_crun || why crun "no container can be started"
fi
columns >"$T/columns"
python3 tests/bench/table.py "$T/columns" "$T/bin/measure" "$T/data"
for system in $systems; do
	if wants "${BENCH-}" "$system"; then
		"tests/bench/$system.sh"
	fi
done
