#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # scripts for the inner shell
# tests/e2e/store/keys.sh [FS...]: rows of the table in docs/formats.md: on which file systems recorded owners stay with their objects. Needs root,
# who may mount; a file system that cannot be had here is left out, with a line on stderr.
set -euo pipefail
# shellcheck source=../../lib.bash
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../lib.bash"

clean_up() {
	local status=$? at

	for at in "$T/at" "$T/base" "$T/dummy"; do
		! mountpoint -q "$at" || umount "$at"
	done
	serve_no_more
	lib_teardown || status=1
	exit "$status"
}

inside() { (cd "$T/at/d" && as_user timeout 60 "$T/subuidless" run sh -c "$1"); }

# serve: an NFS server in this machine, which exports $T/base
serve() {
	mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
	mkdir -p /run/rpcbind /var/lib/nfs/{sm,v4recovery}
	# nobody has opened anything before it was started
	echo 10 | tee /proc/fs/nfsd/nfsv4leasetime /proc/fs/nfsd/nfsv4gracetime >"$T/log"
	pgrep -x rpcbind >"$T/log" || { rpcbind -w 3>&- && served+=(rpcbind); }
	exportfs -o "rw,insecure,no_subtree_check,no_root_squash,fsid=77" "127.0.0.1:$T/base"
	rpc.mountd 3>&- && served+=(rpc.mountd)
	rpc.nfsd 4
}

served=()
serve_no_more() {
	local name

	[ ${#served[@]} != 0 ] || return 0
	exportfs -ua
	rpc.nfsd 0
	for name in "${served[@]}"; do
		pkill -x "$name" || :
	done
	served=()
}

# put: $T/at is the file system, new if it was not there; other: by another device
put() {
	case $fs in
	ext4 | btrfs | xfs)
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
	"FUSE without xattrs")
		bindfs --xattr-none -o allow_other "$T/base" "$T/at"
		;;
	"NFS "*)
		if ! mountpoint -q "$T/base"; then
			truncate -s 64M "$T/image"
			mkfs.ext4 -q -F "$T/image"
			mount -o loop "$T/image" "$T/base"
			serve
		fi
		# of another number
		[ -z "${1-}" ] || mount -t tmpfs none "$T/dummy"
		mount -t nfs -o "vers=${fs#NFS },nolock,soft" "127.0.0.1:$T/base" "$T/at"
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
	inside 'ln -s x l; mkfifo f; touch r; chown -h 1:2 l; chown 3:4 f; chown 5:6 r; [ ! -L low ] || chown -h 5:6 low'
	moved=$(says 'ln -s x m; chown -h 1:2 m; mkdir o; mv m o/l2; ln o/l2 l3; stat -c %u:%g o/l2 l3' $'1:2\n1:2' kept lost)
	number=$(says 'n=0; while [ $n -lt '$((5 * TEST_SCALE))' ]; do ln -s x t; chown -h 5:5 t; rm t; ln -s x t; stat -c %u:%g t; rm t; n=$((n + 1)); done | sort -u' 0:0 "not taken for it" "taken for it")
	if [ "$fs" != tmpfs ]; then
		away && put
		again=$(says 'stat -c %u:%g l f r' $'1:2\n3:4\n5:6' kept lost)
		away && put other
		other=$(says 'stat -c %u:%g l f r' $'1:2\n3:4\n5:6' kept lost)
	fi
	echo "| $fs | $again | $other | $moved | $number |"
	if [ "$fs" = overlayfs ]; then
		echo "| overlayfs, an object of a lower layer, as that has it | $(says 'stat -c %u:%g layer' 7:8 kept lost) | | | |"
		echo "| overlayfs, an object of a lower layer, changed since | $(says 'stat -c %u:%g low' 5:6 kept lost) | | | |"
	fi
	away
	serve_no_more
	for at in "$T/base" "$T/dummy"; do
		! mountpoint -q "$at" || umount "$at"
	done
	rm -rf "$T/image" "$T/copy" "$T/base/d"
}

# needs COMMAND...: commands that this file system needs; they are named where they are missing
needs() {
	local command

	for command; do
		command -v "$command" >"$T/log" || { left_out "there is no $command"; return 1; }
	done
}

left_out() { echo "$fs: not measured, $1" >&2; }

is_root || fail "only root can mount"
# nobody else shall have what is mounted here, nor keep it mounted
[ -n "${OWN_MOUNTS-}" ] || OWN_MOUNTS=1 exec unshare -m --propagation private "$0" "$@"
lib_setup
trap clean_up EXIT
mkdir "$T/at" "$T/base" "$T/dummy"
[ $# != 0 ] || set -- ext4 btrfs xfs tmpfs overlayfs "FUSE without xattrs" "NFS 3" "NFS 4.2"
for fs; do
	case $fs in
	ext4 | btrfs | xfs)
		needs "mkfs.$fs" || continue
		grep -qw "$fs" /proc/filesystems || modprobe -q "$fs" 2>"$T/log" || { left_out "this kernel has none"; continue; }
		;;
	overlayfs)
		kernel_is 5.11 || { left_out "it has no user xattrs before Linux 5.11"; continue; }
		;;
	FUSE*)
		needs bindfs || continue
		[ -c /dev/fuse ] || modprobe -q fuse 2>"$T/log" || { left_out "this kernel has no FUSE"; continue; }
		;;
	NFS*)
		needs rpc.nfsd rpc.mountd rpcbind mount.nfs || continue
		modprobe -qa nfs nfsd 2>"$T/log" || { left_out "this kernel has no NFS"; continue; }
		! pgrep -x rpc.mountd >"$T/log" || { left_out "this machine is an NFS server already"; continue; }
		;;
	esac
	row
done
