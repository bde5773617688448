#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ci/sysroot.sh [DIR]: the libraries that the daemon and its unit tests need on aarch64, under DIR/root (build/sysroot), of the
# Debian release that this system is. The C library comes with the cross compiler.
set -eu

# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
[ -n "$codename" ] || {
	echo "${0##*/}: /etc/os-release names no release of Debian" >&2
	exit 1
}
exec "$(dirname "$0")/unpack.sh" "${1-build/sysroot}" arm64 "$codename" libseccomp2 libseccomp-dev libnanopb-dev libjsmn-dev \
	libcmocka0 libcmocka-dev
