#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ci/unpack.sh DIR ARCHITECTURE RELEASE PACKAGE...: puts what these Debian packages hold under DIR/root, without their
# dependencies and without installing anything: with lists and a cache of its own, so that neither the architecture nor the
# release need be the system's. Does nothing when that was done already. DIR/log says what went wrong.
set -eu

mkdir -p "$1"
dir=$(cd "$1" && pwd)
architecture=$2 release=$3
shift 3
wanted="$architecture $release $*"
[ "$(cat "$dir/done" 2>/dev/null || :)" != "$wanted" ] || exit 0

fail() {
	echo "${0##*/}: $1" >&2
	exit 1
}

command -v apt-get >/dev/null || fail "no apt-get: this is no Debian"
# the archive that this system uses, by the first list of its own release
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
# shellcheck disable=SC2016 # apt-get expands it
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' "Codename: $codename" | head -n 1)
[ -n "$site" ] || fail "apt knows no archive of Debian: apt-get update"

rm -rf "$dir/root" "$dir/apt" "$dir/done"
mkdir -p "$dir/root" "$dir/apt/lists/partial" "$dir/apt/archives/partial"
: >"$dir/apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $release main" >"$dir/apt/sources.list"

get() {
	apt-get -q -o APT::Architecture="$architecture" -o APT::Architectures::= -o Dir::Etc::SourceList="$dir/apt/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null -o Dir::State="$dir/apt" -o Dir::State::Status="$dir/apt/status" \
		-o Dir::Cache="$dir/apt" -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=2 -o APT::Update::Error-Mode=any "$@" >>"$dir/log" 2>&1
}

: >"$dir/log"
get update || fail "no list of Debian $release for $architecture, is there no network? See $dir/log"
cd "$dir/apt"
get download "$@" || fail "not all of $* in Debian $release for $architecture could be had, see $dir/log"
for package in *.deb; do
	dpkg -x "$package" "$dir/root" || fail "$package cannot be unpacked"
done
cd "$dir"
rm -rf "$dir/apt"
echo "$wanted" >"$dir/done"
