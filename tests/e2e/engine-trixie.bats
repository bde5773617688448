#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The tests of engines with podman 5, crun 1.21 and libseccomp 2.6, in a root of Debian 13. The program is the one that was built here.

bats_require_minimum_version 1.5.0
load ../lib.bash

# trixie_archive: Debian 13 with engines and what their tests need, as $CACHE/trixie.tar, which root makes once
trixie_archive() {
	mkdir -p "$CACHE"
	[ -s "$CACHE/trixie.tar" ] || once "$CACHE/trixie.tar" make_trixie_archive "$CACHE/trixie.tar"
}

make_trixie_archive() {
	mmdebstrap --quiet --variant=essential --format=tar --dpkgopt=force-unsafe-io --aptopt='APT::Install-Recommends "0"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--include=podman,crun,buildah,skopeo,catatonit,docker-registry,bats,procps,mount,util-linux,jq,busybox-static,python3,libseccomp2,passwd,attr \
		trixie "$1.new" >"$T/mmdebstrap.log" 2>&1 || {
		cat "$T/mmdebstrap.log"
		fail "mmdebstrap failed"
		return 1
	}
	mv "$1.new" "$1"
}

# in_trixie CMD...: as root of the host, with that tree as its root, which is no chroot(2), for in that no user namespace can be made
in_trixie() {
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c 'root=$1 tree=$2 && shift 2 && mount --bind "$root" "$root" && cd "$root" || exit
		for dir in proc sys dev; do mount --rbind /$dir $dir || exit; done
		mkdir -p old src && mount --bind "$tree" src && pivot_root . old && cd / && umount -l old && exec "$@"' sh "$T/root" "$REPO" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TEST_ID="$TEST_ID" SUBUIDLESS=/src/"${SUBUIDLESS#"$REPO/"}" "$@" </dev/null 3>&-
}

# passes FILE: all tests of it, and one at least
passes() {
	local status=0

	in_trixie timeout 800 bats --tap "/src/tests/e2e/$1" >"$T/tap" 2>&1 || status=$?
	sed 's/^/# /' "$T/tap"
	[ "$status" = 0 ] && grep -q '^ok 1 ' "$T/tap" && ! grep '# skip' "$T/tap"
}

setup() {
	need_root "make a root of its own"
	[ "${SUBUIDLESS#"$REPO/"}" != "$SUBUIDLESS" ] || skip "the program is outside of the tree"
	lib_setup
	trixie_archive
	mkdir "$T/root"
	tar -C "$T/root" -xpf "$CACHE/trixie.tar" --exclude './dev/*'
	chmod 1777 "$T/root/tmp"
}

@test "podman, buildah and skopeo of Debian 13" { passes engine.bats; }

@test "groups, with those of Debian 13" { passes engine-groups.bats; }
