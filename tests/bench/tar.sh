#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What tar takes to extract the root file system of a Debian: as root, and as user 1000 all but the device nodes; really, inside subuidless run, and
# under fakeroot and PRoot, which know no users but root; see tests/bench/rounds.bash.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib.bash
. tests/lib.bash
# shellcheck source=tests/bench/rounds.bash
. tests/bench/rounds.bash

# in_column COLUMN CMD...
in_column() {
	local column=$1

	shift
	case $column in
	native) "$@" ;;
	native-user) setpriv --reuid 1000 --regid 1000 --clear-groups "$@" ;;
	us) as_user "$T/subuidless" run "$@" ;;
	us-user) as_user "$T/subuidless" run --user 1000:1000 "$@" ;;
	fakeroot) as_user fakeroot -s "$T/owners" -i "$T/owners" "$@" ;;
	proot) as_user proot -0 "$@" ;;
	esac
}

prepare() {
	case $1 in
	native-user) chown 1000:1000 "$2" ;;
	us-user) in_column us chown 1000:1000 "$2" ;;
	fakeroot) as_user touch "$T/owners" && : >"$T/owners" ;;
	esac
}

job() {
	local words=(timeout -k 5 900 tar -x --numeric-owner -f "$T/debian.tar")

	# nobody else may make devices
	[[ "$1" != *-user ]] || words+=(--exclude='./dev/*')
	cd "$2"
	in_column "$1" "${words[@]}"
}

result() {
	cd "$2"
	in_column "$1" sh -c 'find . -mindepth 1 -exec stat -c "%N %F %a %u:%g %h %t:%T" {} + | sort'
}

reference() {
	case $1 in
	*-user) echo native-user ;;
	*) echo native ;;
	esac
}

begin tar
debian_archive
# in memory already, and for all to read
cp "$CACHE/debian.tar" "$T/debian.tar"
rounds native us fakeroot proot native-user us-user
table "tar x of a Debian root file system" us:native fakeroot:native proot:native us:fakeroot us:proot us-user:native-user
