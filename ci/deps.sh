#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ci/deps.sh [build|demo|bench|machines|engines|all]: installs what is missing of the packages that building, the demo, the bench, the
# machines with other kernels, the tests with docker or the other tests (default) need, on Debian 12. Needs root only if something is missing.
# shellcheck disable=SC2086 # lists of packages are split into words
set -eu

build='gcc libc6-dev make pkg-config libseccomp-dev libnanopb-dev nanopb protobuf-compiler libjsmn-dev'
demo='busybox-static crun util-linux jq'
tests='podman catatonit charliecloud-runtime buildah skopeo docker-registry bats libcmocka-dev libyajl-dev runc umoci golang-github-containers-common mmdebstrap strace attr acl rsync squashfs-tools cpio libcap2-bin git procps python3 e2fsprogs btrfs-progs xfsprogs bindfs mount xz-utils binutils clang libclang-rt-14-dev llvm afl++ golang-go'
bench='proot fakeroot python3 procps findutils tar attr umoci mmdebstrap fakechroot'
machines='qemu-system-x86 mmdebstrap e2fsprogs kmod cpio busybox-static xz-utils git'
engines='docker.io containerd runc crun busybox-static python3'
# the i386 ABI; not gcc-multilib, which conflicts with cross compilers
i386='gcc-12-multilib libc6-dev-i386'
aarch64='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user'

case ${1-all} in
build) wanted=$build ;;
demo) wanted="$build $demo" ;;
bench) wanted="$build $demo $bench" ;;
machines) wanted=$machines ;;
engines) wanted=$engines ;;
all) wanted="$build $demo $tests $([ "$(uname -m)" != x86_64 ] || echo "$i386 $aarch64")" ;;
*)
	echo "usage: ${0##*/} [build|demo|bench|machines|engines|all]" >&2
	exit 2
	;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "${0##*/}: without apt-get, install what corresponds to these Debian packages: $wanted" >&2
	exit 1
fi

# dpkg-query fails where it does not know a package
installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | sed -n 's/ installed$//p' | tr '\n' ' ')"
missing=
for package in $wanted; do
	case $installed in
	*" $package "*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "${0##*/}: these packages are missing, and only root can install them:" >&2
	echo "	apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
echo "# installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install $missing
