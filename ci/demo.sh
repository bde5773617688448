#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job on real input: a container with one mapped user ID, started by an ordinary user through crun, changes owners
# of files of every kind, sees them, and finds them again when it is started anew; becomes another user, and is started as one.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/subuidless-demo.XXXXXX")
user=()
if [ "$(id -u)" = 0 ]; then
	# an ordinary user without subuids, who needs no passwd entry
	user=(setpriv --reuid 54321 --regid 54321 --clear-groups)
	echo "# as user 54321, who has no subuids, instead of root"
fi
mkdir -p "$dir"/{run,bundle/rootfs/{bin,dev,etc,proc,sys,tmp}}
cp subuidless "$dir/"
cp "$(command -v busybox)" "$dir/bundle/rootfs/bin/busybox"
for name in sh ls touch chown stat mkdir mkfifo ln id cat rm tar su; do
	ln -s busybox "$dir/bundle/rootfs/bin/$name"
done
printf 'root:x:0:0::/:/bin/sh\nalice:x:42:42::/:/bin/sh\n' >"$dir/bundle/rootfs/etc/passwd"
printf 'root:x:0:\nalice:x:42:\n' >"$dir/bundle/rootfs/etc/group"
"$dir/subuidless" profile --listener "$dir/run/s.sock" |
	jq --slurpfile config tests/config.json '. as $seccomp | $config[0] | .linux.seccomp = $seccomp' >"$dir/bundle/config.json"
if [ ${#user[@]} -gt 0 ]; then
	chown -R 54321:54321 "$dir"
fi

export XDG_RUNTIME_DIR="$dir/run" HOME="$dir"
"${user[@]}" "$dir/subuidless" "$dir/run/s.sock" &
daemon=$!
trap 'kill $daemon 2>/dev/null || :; wait $daemon 2>/dev/null || :; rm -rf "$dir"' EXIT
for _ in $(seq 100); do
	[ -S "$dir/run/s.sock" ] && break
	sleep 0.05
done

in_container() {
	jq --arg script "$1" '.process.args = ["/bin/sh", "-c", $script]' "$dir/bundle/config.json" >"$dir/bundle/new.json"
	cat "$dir/bundle/new.json" >"$dir/bundle/config.json"
	# crun refuses hybrid cgroup hierarchies, so that its mount namespace has none
	"${user[@]}" unshare -r -m sh -c 'mount -t tmpfs none /sys/fs/cgroup 2>/dev/null
		cd "$1" && exec crun --cgroup-manager=disabled run -b bundle "demo$$"' sh "$dir"
}

set -o pipefail
in_container 'set -ex; cd /tmp; id; touch foo; chown 42:42 foo; mkdir dir; chown 7:8 dir; ln -s foo link; chown -h 9:9 link
	mkfifo fifo; chown alice fifo; ls -ln; chown 5 /dev/stdout; stat -Lc "stdout belongs to %u" /dev/stdout' | tee "$dir/first"
echo "# and in a second container on the same files:"
in_container 'ls -ln /tmp; tar c -C /tmp . | tar tv' | tee "$dir/second"
echo "# other users, by su and by the process.user of config.json:"
in_container 'set -ex; su alice -c "id; chown 0 /tmp/dir || echo alice may not"; id' | tee "$dir/third"
jq '.process.user = {uid: 42, gid: 42}' "$dir/bundle/config.json" >"$dir/bundle/new.json"
cat "$dir/bundle/new.json" >"$dir/bundle/config.json"
in_container 'id; stat -c "my process belongs to %U" /proc/$$' | tee "$dir/fourth"
grep -q ' 42 *42 .* foo$' "$dir/first" && grep -q ' 7 *8 .* dir$' "$dir/second" && grep -q ' 9 *9 .* link' "$dir/second" &&
	grep -q 'stdout belongs to 5' "$dir/first" && grep -q 'alice/root.*fifo' "$dir/second" &&
	grep -q 'uid=42(alice) gid=42(alice)' "$dir/third" && grep -q 'alice may not' "$dir/third" && grep -q 'uid=0(root)' "$dir/third" &&
	grep -q 'uid=42(alice) gid=42(alice)' "$dir/fourth" && grep -q 'my process belongs to alice' "$dir/fourth"
echo "# the demo shows what it should"
