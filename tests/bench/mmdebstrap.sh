#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What mmdebstrap takes for Debian's smallest system, from packages in a folder: as real root, as an ordinary user inside subuidless run, and in its
# fakechroot mode; see tests/bench/rounds.bash. Beside them the least that any receiver of this filter could take: `null --yes`, which makes no such system.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib.bash
. tests/lib.bash
# shellcheck source=tests/e2e/debian/mirror.bash
. tests/e2e/debian/mirror.bash
# shellcheck source=tests/bench/rounds.bash
. tests/bench/rounds.bash
export SOURCE_DATE_EPOCH=1700000000

prepare() { :; }

job() {
	local mode=root user=() command

	case $1 in
	null) user=("${AS_USER[@]}" "$T/null" --yes) ;;
	us) user=("${AS_USER[@]}" "$T/subuidless" run) ;;
	fakechroot) user=("${AS_USER[@]}") mode=fakechroot ;;
	esac
	mapfile -t command < <(mmdebstrap_command $mode "$T/mirror" "$2/debian.tar")
	timeout -k 5 900 "${user[@]}" env TMPDIR="$2" "${command[@]}"
}

result() { listing "$2/debian.tar"; }

reference() { echo native; }

begin mmdebstrap
debian_mirror "$T/mirror"
cp build/tests/bench/null "$T/null"
rounds native null us fakechroot
table "mmdebstrap --variant=minbase" us:native:1.15 null:native us:null fakechroot:native us:fakechroot
