#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# native.sh ROOTFS CMD...: as real root, in a chroot whose mounts, namespaces and capabilities are those that tests/config.json
# gives a container. Its processes end with it.
set -eu
if [ -z "${NATIVE-}" ]; then
	NATIVE=1 exec unshare -m -p -i -u -f --kill-child --propagation private "$(readlink -f "$0")" "$@"
fi
rootfs=$1
config=$(dirname "$0")/../../config.json
shift

mount -t proc proc "$rootfs/proc"
mount -t tmpfs -o nosuid,mode=755 tmpfs "$rootfs/dev"
mkdir "$rootfs/dev/pts" "$rootfs/dev/shm"
mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=0620 devpts "$rootfs/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 shm "$rootfs/dev/shm"
for device in null zero full random urandom tty; do
	touch "$rootfs/dev/$device"
	mount --bind "/dev/$device" "$rootfs/dev/$device"
done
ln -s pts/ptmx "$rootfs/dev/ptmx"
ln -s /proc/self/fd "$rootfs/dev/fd"
hostname "$(jq -r .hostname "$config")"

bounding=$(jq -r '.process.capabilities.bounding | map("+" + (ltrimstr("CAP_") | ascii_downcase)) | join(",")' "$config")
mapfile -t environment < <(jq -r '.process.env[]' "$config")
exec env -i "${environment[@]}" setpriv --bounding-set=-all,"$bounding" --inh-caps=-all chroot "$rootfs" "$@"
