#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Counts with strace the system calls that a worker makes for each notification, as a Markdown table.
# With --write: puts it into docs/performance.md between the markers.
set -eu
cd "$(dirname "$0")/../../.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/subuidless-cost.XXXXXX")
trap 'rm -rf "$dir"' EXIT
gcc -O2 -static -D_GNU_SOURCE -o "$dir/calls" tests/bench/cost/calls.c
echo text | tee "$dir/plain" >"$dir/owned"
mkfifo "$dir/special"
# with a record in the owner store
export XDG_STATE_HOME=$dir
./subuidless run chown 42:43 "$dir/owned" "$dir/special"

# the worker's trace is the one that receives notifications; prints "NAME COUNT" for each system call
count() {
	rm -f "$dir"/t.*
	(cd "$dir" && strace -ff -qq -o t "$OLDPWD/subuidless" run ./calls "$1" "$3" "$2")
	grep -l SECCOMP_IOCTL_NOTIF_RECV "$dir"/t.* | xargs sed -n 's/^\([a-z0-9_]*\)(\(.*SECCOMP_IOCTL_NOTIF_\([A-Z_]*\)\)\{0,1\}.*/\1 \3/p' |
		sed "s,^syscall_0x1d0,getxattrat," | sort | uniq -c | awk '{ print $2 ($3 ? ":" tolower($3) : ""), $1 }'
}

row() {
	count "$1" "$2" 200 >"$dir/few"
	count "$1" "$2" 400 >"$dir/many"
	join -a 2 -e 0 -o 0,1.2,2.2 <(sort "$dir/few") <(sort "$dir/many") | awk -v call="$1" -v file="$2" '
		{ n = ($3 - $2) / 200; if (n >= 0.5) { sum += n; list = list (list ? ", " : "") $1 (n >= 1.5 ? " x" int(n + 0.5) : "") } }
		END { printf "| %s | %s | %d | %s |\n", call, file == "owned" ? "yes" : "no", int(sum + 0.5), list }'
}

table() {
	echo '| call | recorded owner | system calls | which |'
	echo '|---|---|---|---|'
	for call in stat-absolute stat-relative stat-dirfd lstat-absolute fstat statx-absolute; do
		row $call plain
		row $call owned
	done
	row stat-missing plain
	for call in stat-absolute lstat-relative stat-missing; do
		row $call+root plain
	done
	row getxattr-other plain
	row getxattr-acl plain
	row getxattr-acl owned
	row mkdir-absolute plain
	row chmod-absolute plain
	row getuid plain
	row chown-absolute plain
}

if [ "${1:-}" = --write ]; then
	table >"$dir/table"
	sed -i -e '/<!-- cost -->/,/<!-- \/cost -->/{/<!-- cost -->/r '"$dir/table" -e '/<!-- .\{0,1\}cost -->/!d}' docs/performance.md
else
	table
fi
