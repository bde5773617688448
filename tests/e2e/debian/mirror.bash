# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A mirror of what Debian's smallest system needs, and mmdebstrap with it in its modes; with tests/lib.bash

# debian_mirror DIR: a copy, for all to read, of the one that root makes once from the archive that this host uses
debian_mirror() {
	local cached=$CACHE/mirror

	if [ ! -s "$cached/made" ]; then
		need_root "make $cached with mmdebstrap"
		mkdir -p "$cached"
		once "$cached/made" make_mirror "$cached"
	fi
	cp -r "$cached/mirror" "$1"
	chmod -R a+rX "$1"
}

# make_mirror DIR: DIR/mirror, and what says that all of it is there
make_mirror() {
	rm -rf "$1/mirror"
	mkdir -p "$1/mirror/pool"
	# shellcheck disable=SC2016 # the hook expands it
	if ! mmdebstrap --quiet --mode=root --variant=minbase --format=null --skip=essential/unlink,download/empty,cleanup/apt \
		--customize-hook='cp "$1"/var/cache/apt/archives/*.deb '"$1/mirror/pool" bookworm /dev/null >"$T/mirror.log" 2>&1 ||
		! index_mirror "$1/mirror"; then
		cat "$T/mirror.log"
		fail "mmdebstrap failed"
		return 1
	fi
	date >"$1/made"
}

# index_mirror DIR: for what is in DIR/pool
index_mirror() (
	set -e
	cd "$1"
	arch=$(dpkg --print-architecture)
	index=main/binary-$arch/Packages
	mkdir -p "dists/bookworm/${index%/*}"
	for deb in pool/*.deb; do
		dpkg-deb -f "$deb"
		printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d ' ' -f 1)"
	done >"dists/bookworm/$index"
	cd dists/bookworm
	printf '%s\n' 'Origin: Debian' 'Suite: stable' 'Codename: bookworm' "Date: $(date -uR)" "Architectures: $arch" 'Components: main' \
		SHA256: " $(sha256sum "$index" | cut -d ' ' -f 1) $(stat -c %s "$index") $index" >Release
)

# mmdebstrap_command MODE MIRROR TAR: prints its words, one a line, the same for everyone but for the mode
mmdebstrap_command() {
	printf '%s\n' mmdebstrap --quiet "--mode=$1" --variant=minbase --format=tar bookworm "$3" \
		"deb [trusted=yes] copy:$2 bookworm main"
}

# listing TAR: each name with its mode, owners, size or device numbers, time, and link, in the order of the archive
listing() { tar -tv --numeric-owner --full-time -f "$1"; }
