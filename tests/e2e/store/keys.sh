#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # scripts for the inner shell
# tests/e2e/store/keys.sh [FS...]: rows of the table in docs/formats.md: on which file systems the records of special files stay with them. Needs root,
# who may mount; a file system whose mkfs is missing is left out, with a line on stderr.
set -euo pipefail
# shellcheck source=../../lib.bash
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../lib.bash"

clean_up() {
	local status=$? at

	for at in "$T/at" "$T/base" "$T/dummy"; do
		! mountpoint -q "$at" || umount "$at"
	done
	lib_teardown || status=1
	exit "$status"
}

inside() { (cd "$T/at/d" && as_user timeout 60 "$T/subuidless" run sh -c "$1"); }

# put: $T/at is the file system, new if it was not there; other: by another device
put() {
	case $fs in
	ext4 | btrfs)
		if [ -n "${1-}" ]; then
			# something else has its number
			truncate -s 8M "$T/dummy.image"
			mkfs.ext4 -q -F "$T/dummy.image"
			mount -o loop "$T/dummy.image" "$T/dummy"
			cp --sparse=always "$T/image" "$T/copy"
			mount -o loop "$T/copy" "$T/at"
		else
			[ -e "$T/image" ] || { truncate -s 400M "$T/image" && "mkfs.$fs" -q "$T/image" >/dev/null; }
			mount -o loop "$T/image" "$T/at"
		fi
		;;
	tmpfs)
		mount -t tmpfs none "$T/at"
		;;
	overlayfs)
		if ! mountpoint -q "$T/base"; then
			mount -t tmpfs none "$T/base"
			mkdir "$T/base"/{lower,upper,work}
			own "$T/base"
		fi
		mount -t overlay -o "userxattr,lowerdir=$T/base/lower,upperdir=$T/base/upper,workdir=$T/base/work" none "$T/at"
		;;
	esac
	[ -d "$T/at/d" ] || { mkdir "$T/at/d" && own "$T/at/d"; }
}

# all of it is in the image then
away() { sync -f "$T/at" && umount "$T/at"; }

# says COMMAND: what is true of the owners, in the words of the table
says() {
	local got

	got=$(inside "$1" 2>&1) || :
	if [ "$got" = "$2" ]; then
		echo "$3"
	else
		echo "$4"
	fi
}

row() {
	local again="(gone)" other="(gone)" moved number at

	put
	if [ "$fs" = overlayfs ]; then
		# from the lower layer: the change makes another one of it
		away
		as_user mkdir -p "$T/base/lower/d"
		as_user ln -s x "$T/base/lower/d/low"
		as_user ln -s x "$T/base/lower/d/layer"
		(cd "$T/base/lower/d" && as_user timeout 60 "$T/subuidless" run chown -h 7:8 layer)
		put
	fi
	inside 'ln -s x l; mkfifo f; chown -h 1:2 l; chown 3:4 f; [ ! -L low ] || chown -h 5:6 low'
	moved=$(says 'mkdir o; mv l o/l2; ln o/l2 l3; stat -c %u:%g o/l2 l3; mv o/l2 l; rm l3; rmdir o' $'1:2\n1:2' kept lost)
	number=$(says 'n=0; while [ $n -lt '$((5 * TEST_SCALE))' ]; do ln -s x t; chown -h 5:5 t; rm t; ln -s x t; stat -c %u:%g t; rm t; n=$((n + 1)); done | sort -u' 0:0 "not taken for it" "taken for it")
	if [ "$fs" != tmpfs ]; then
		away && put
		again=$(says 'stat -c %u:%g l f' $'1:2\n3:4' kept lost)
		away && put other
		other=$(says 'stat -c %u:%g l f' $'1:2\n3:4' kept lost)
	fi
	echo "| $fs | $again | $other | $moved | $number |"
	if [ "$fs" = overlayfs ]; then
		echo "| overlayfs, an object of a lower layer, as that has it | $(says 'stat -c %u:%g layer' 7:8 kept lost) | | | |"
		echo "| overlayfs, an object of a lower layer, changed since | $(says 'stat -c %u:%g low' 5:6 kept lost) | | | |"
	fi
	away
	for at in "$T/base" "$T/dummy"; do
		! mountpoint -q "$at" || umount "$at"
	done
	rm -f "$T/image" "$T/copy"
}

is_root || fail "only root can mount"
# nobody else shall have what is mounted here, nor keep it mounted
[ -n "${OWN_MOUNTS-}" ] || OWN_MOUNTS=1 exec unshare -m --propagation private "$0" "$@"
lib_setup
trap clean_up EXIT
mkdir "$T/at" "$T/base" "$T/dummy"
[ $# != 0 ] || set -- ext4 btrfs tmpfs overlayfs
for fs; do
	case $fs in
	ext4 | btrfs)
		command -v "mkfs.$fs" >/dev/null || {
			echo "$fs: not measured, there is no mkfs.$fs" >&2
			continue
		}
		;;
	overlayfs)
		kernel_is 5.11 || {
			echo "overlayfs: not measured, it has no user xattrs before Linux 5.11" >&2
			continue
		}
		;;
	esac
	row
done
