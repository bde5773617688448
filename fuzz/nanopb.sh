#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nanopb.sh DIR: unpacks the source of the installed libnanopb-dev into DIR, since its library is not instrumented and
# hides everything from a fuzzer. Where that fails its files are empty, and DIR/flags names the library.
set -eu

mkdir -p "$1"
cd "$1"
dir=$(pwd)

fail() {
	echo "nanopb.sh: $1: taking the package's library, which is not instrumented" >&2
	for file in pb_common.c pb_decode.c pb_encode.c; do
		echo "typedef int not_there;" >"$file"
	done
	echo "-lprotobuf-nanopb" >flags
	exit 0
}

version=$(dpkg-query -W -f '${source:Version}' libnanopb-dev) || fail "no libnanopb-dev"
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "$VERSION_CODENAME") || fail "no VERSION_CODENAME"
mkdir -p lists/partial cache/archives/partial
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $codename main" \
	>sources.list

get() {
	apt-get -q -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User= "$@"
}

get update >log 2>&1 || fail "no list of sources, see $dir/log"
get source --download-only "nanopb=$version" >>log 2>&1 || fail "no source of nanopb $version, see $dir/log"
tar -xf "$(echo nanopb_*.orig.tar.*)" --strip-components=1 --wildcards '*/pb*.[ch]' || fail "no source in the archive"
touch pb_*.[ch] # the archive's times are older than this script
: >flags
