#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What apt-get install of a fixed set of packages takes, which are in its cache already: as real root in a chroot, the same under a receiver
# that answers nothing (`null --root`), in a container under this daemon, and under PRoot. Each installs into a copy of one tree, in turn, in rounds.
#	QUICK=1            one round, not three
#	WITH=COLUMN,...    columns: native, null, us, proot
# shellcheck disable=SC2119 # the daemon needs no options
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib.bash
. tests/lib.bash
# shellcheck source=tests/e2e/debian/image.bash
. tests/e2e/debian/image.bash
packages='postgresql openssh-server nginx-light sudo cron dbus'
rounds=3
[ -z "${QUICK-}" ] || rounds=1

# prints how many seconds it took, apt's status and how many of all packages are not as they should be
install_script="export DEBIAN_FRONTEND=noninteractive
begin=\$EPOCHREALTIME status=0
apt-get -q -y --no-install-recommends --no-download install $packages >/var/log/install 2>&1 </dev/null || status=\$?
end=\$EPOCHREALTIME
echo \$((\${end/./} - \${begin/./})) \$status \$(dpkg-query -W -f '\${db:Status-Abbrev}\n' | grep -c -v '^ii') \$(dpkg-query -W | wc -l)"

download_script="export DEBIAN_FRONTEND=noninteractive
apt-get -q update && apt-get -q -y --no-install-recommends --download-only install $packages"

# the image: Debian, apt's lists and the packages in apt's cache; and a name of openssh-server's, so that it looks for no primes, which takes
# from nothing to seconds, by chance
make_image() {
	network_files "$T/layer"
	install -D -m 600 /dev/null "$T/layer/etc/ssh/ssh_host_rsa_key"
	debian_image "$T/oci0" "$T/layer"
	unpack_native "$T/oci0" "$T/full"
	tests/e2e/debian/native.sh "$T/full/rootfs" bash -c "$download_script" >"$T/download.log" 2>&1 </dev/null || {
		tail "$T/download.log"
		fail "the packages could not be had"
	}
	mkdir -p "$T/layer/var/lib/apt" "$T/layer/var/cache/apt"
	cp -a "$T/full/rootfs/var/lib/apt/lists" "$T/layer/var/lib/apt/"
	cp -a "$T/full/rootfs/var/cache/apt/archives" "$T/layer/var/cache/apt/"
	rm -rf "$T/full"
	debian_image "$T/oci" "$T/layer"
}

native() { # tree, and what is put in front of the chroot
	local tree=$1

	shift
	unpack_native "$T/oci" "$tree"
	settle
	"$@" tests/e2e/debian/native.sh "$tree/rootfs" bash -c "$install_script" </dev/null
	spent
}

null() { native "$1" "$T/null" --root; }

us() {
	unpack_single "$T/oci" "$1"
	make_bundle "$1/bundle" "$1/rootfs"
	set_args "$1/bundle" bash -c "$install_script"
	settle
	start_daemon
	CRUN_TIMEOUT=900 crun_run "$1/bundle" apt </dev/null
	stop_daemon >&2
	spent
}

proot() {
	local environment

	mapfile -t environment < <(jq -r '.process.env[]' tests/config.json)
	unpack_single "$T/oci" "$1"
	settle
	as_user timeout -k 5 900 env -i "${environment[@]}" "$(type -P proot)" -0 -r "$1/rootfs" -b /dev -b /proc -w / \
		bash -c "$install_script" </dev/null
	spent
}

# what was written before shall not be written meanwhile
settle() {
	sync
	shell=$BASHPID
	before=$(cpu)
}

# the processor time, in ms, of what the column's shell has waited for, and of what that has waited for
cpu() {
	awk '{ sub(/.*\) /, ""); print ($14 + $15) * 1000 / hz }' hz="$(getconf CLK_TCK)" "/proc/$shell/stat"
}
spent() { echo $(($(cpu) - before)); }

measure() { # column
	local tree=$T/tree line

	mkdir "$tree"
	own "$tree"
	line=$("$1" "$tree/$1" | tr '\n' ' ') || :
	[[ "$line" =~ ^[0-9]+\ [0-9]+\ [0-9]+\ [0-9]+\ [0-9]+\ $ ]] || {
		echo "# $1: not measured: $line" >&2
		line=
	}
	rm -rf "$tree"
	[ -z "$line" ] || echo "$1 $line" >>"$T/figures"
}

table() {
	python3 - "$T/figures" <<-'PYTHON'
		import statistics, sys
		figures = {}
		for line in open(sys.argv[1], encoding="ascii"):
		    name, *numbers = line.split()
		    figures.setdefault(name, []).append(tuple(map(int, numbers)))
		def ratio(name, field=0):
		    rounds = zip(figures.get(name, []), figures.get("native", []))
		    ratios = [a[field] / b[field] for a, b in rounds]
		    return statistics.median(ratios) if ratios else None
		print("\napt-get install from its cache: s, and s of all processors, of each round; with the median of the rounds' ratios to native")
		for name, rounds in figures.items():
		    line = f"{name:8}"
		    for field, scale in ((0, 1e6), (4, 1e3)):
		        line += " ".join(f"{r[field] / scale:6.1f}" for r in rounds)
		        line += "      -" if ratio(name, field) is None else f"{ratio(name, field):7.2f}  "
		    _, status, bad, all_packages, _ = rounds[-1]
		    print(f"{line} exit status {status}, {bad} of {all_packages} packages not installed")
		if ratio("null") is not None and ratio("us") is not None:
		    print(f"us to null: {ratio('us') / ratio('null'):.2f}")
		if ratio("us") is not None:
		    well = all(r[1:3] == (0, 0) for r in figures["us"])
		    verdict = "MISS" if ratio("us") > 1.05 or not well else "PASS"
		    print(f"{verdict:5} apt-get install, us to native: {ratio('us'):.2f}, at most 1.05" + ("" if well else "; IT FAILED"))
	PYTHON
}

is_root || {
	echo "# apt: not measured, only root can make a chroot"
	exit 0
}
lib_setup
trap 'lib_teardown >/dev/null 2>&1 || echo "# something of $T could not be removed"' EXIT
trap 'exit 1' HUP INT TERM
make_image >&2
cp build/tests/bench/null "$T/null"
for ((round = 1; round <= rounds; round++)); do
	for column in native null us proot; do
		[ -z "${WITH-}" ] || [[ ",$WITH," == *",$column,"* ]] || continue
		[ "$column" != proot ] || type -P proot >/dev/null || continue
		measure "$column"
	done
	echo "# round $round of $rounds" >&2
done
echo "load average $(cut -d ' ' -f 1 /proc/loadavg) at the end"
table
