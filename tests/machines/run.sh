#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/machines/run.sh KERNEL [FILE...]: runs tests in a machine of their own with another kernel: 5.10, 6.1, 6.12 or newest, which are those of
# Debian. FILEs are what tests/run.sh takes; without any, those of MACHINE_TESTS or of tests/machines/list. TAP comes out as it does of tests/run.sh.
#
# The machine is QEMU's, emulated, without network: each instruction costs ten times as much and more. What it boots from is made of
# Debian's packages once, see images.bash. MACHINE_CPUS: processors (1); MACHINE_TIMEOUT: seconds until it is ended (5400); MACHINE_AS: root,
# user or both (both), for FILEs; MACHINE_ENV: words NAME=VALUE for its environment. What it printed is kept in $MACHINES/log-KERNEL.
set -u
here=$(dirname "$(readlink -f "$0")")
repo=${here%/*/*}
# shellcheck source=tests/machines/images.bash
. "$here/images.bash"
kernel=${1-} limit=${MACHINE_TIMEOUT:-5400}
[ -n "${release_of[$kernel]-}" ] || { echo "usage: ${0##*/} ${!release_of[*]} [FILE...]" >&2; exit 2; }
shift
# shellcheck disable=SC2086 # words
[ $# != 0 ] || set -- ${MACHINE_TESTS-}

give_up() {
	echo "1..1"
	echo "not ok 1 - machine with Linux $kernel: $1"
	exit 1
}

# make_tree FILE...: the image of what is tested, with what make has built
make_tree() {
	local tree=$dir/tree

	mkdir "$tree" && cd "$repo" || return 1
	git ls-files -co --exclude-standard -z | grep -zv '^fuzz/corpus/' | xargs -0 cp --parents -dpt "$tree" 2>/dev/null
	cp -dpt "$tree" subuidless
	find build/tests build/hostile build/diff build/machines -type f ! -name '*.[do]' -print0 2>/dev/null | xargs -r0 cp --parents -dpt "$tree"
	machine "$@" >"$tree/machine"
	/sbin/mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$tree" "$dir/tree.img" 1G >"$dir/log" 2>&1 || return 1
	rm -rf "$tree"
}

# machine FILE...: what inside reads
machine() {
	local file word

	if [ $# = 0 ]; then
		grep -E '^(root|user) ' "$here/list"
	else
		for file; do
			case ${MACHINE_AS:-both} in root | both) echo "root $file" ;; esac
			case ${MACHINE_AS:-both} in user | both) echo "user $file" ;; esac
		done
	fi
	grep '^set ' "$here/list"
	for word in ${MACHINE_ENV-}; do
		echo "set $word"
	done
}

# for a process in the background, which it becomes
boot() {
	TMPDIR=$dir exec timeout -k 10 "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 2G -smp "${MACHINE_CPUS:-1}" -nodefaults -display none \
		-no-reboot -rtc base=utc -kernel "$images/vmlinuz" -initrd "$images/initrd" -append "console=ttyS0 quiet panic=-1 oops=panic mitigations=off" \
		-serial file:"$dir/console" -serial stdio \
		-drive if=virtio,format=raw,snapshot=on,cache=unsafe,file="$root" -drive if=virtio,format=raw,readonly=on,file="$images/modules.img" \
		-drive if=virtio,format=raw,cache=unsafe,file="$dir/tree.img" </dev/null
}

command -v qemu-system-x86_64 >/dev/null || give_up "there is no qemu-system-x86_64: ci/deps.sh machines"
mkdir -p "$MACHINES" || give_up "$MACHINES cannot be made"
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/subuidless-machine.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'kill "${qemu-}" 2>/dev/null; exit 130' INT TERM
images=$(kernel_dir "$kernel") || give_up "no kernel"
root=$(root_image) || give_up "no root file system"
make_tree "$@" || give_up "no image of the tree"
boot > >(tee "$MACHINES/log-$kernel") &
qemu=$!
wait "$qemu" || echo "# qemu ended with status $?"
"$here/table.py" keep "$kernel" "$MACHINES/log-$kernel"
# only a machine's last line says that all of it was run
if ! grep -q '^# the machine ends, ' "$MACHINES/log-$kernel"; then
	sed 's/^/# console: /' "$dir/console" | tail -n 30
	echo "not ok - the machine with Linux $kernel did not come to its end"
	exit 1
fi
grep -q '^# the machine ends, .*status 0' "$MACHINES/log-$kernel"
