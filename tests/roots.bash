# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Root file systems for the tests' containers; lib.bash loads this.

# busybox_rootfs DIR: with hundreds of links, which are made once for a file's tests
busybox_rootfs() {
	local made=${BATS_FILE_TMPDIR-$T}/busybox

	if [ ! -d "$made" ]; then
		make_busybox_rootfs "$made"
	fi
	cp -aT "$made" "$1"
}

make_busybox_rootfs() {
	mkdir -p "$1.new"/{bin,dev,etc,proc,root,sys,tmp}
	chmod 1777 "$1.new/tmp"
	cp "$(command -v busybox)" "$1.new/bin/busybox"
	# shellcheck disable=SC2016 # perl expands it
	(cd "$1.new/bin" && busybox --list | perl -ne 'chomp; $_ eq "busybox" or symlink "busybox", $_ or die "$_: $!\n"')
	printf '%s\n' root:x:0:0::/root:/bin/sh alice:x:42:43::/:/bin/sh nobody:x:65534:65534::/:/bin/false >"$1.new/etc/passwd"
	printf '%s\n' root:x:0: alice:x:43: nogroup:x:65534: >"$1.new/etc/group"
	own "$1.new"
	mv "$1.new" "$1"
}

# once FILE CMD...: CMD makes FILE, which is not empty then; tests that run at once wait for the one that makes it
once() {
	local file=$1

	shift
	(
		flock 9
		[ -s "$file" ] || "$@" 9>&-
	) 9>"$file.lock"
}

# debian_archive: Debian 12 with the GNU tools, as $CACHE/debian.tar, which root makes once
debian_archive() {
	local archive=$CACHE/debian.tar

	if [ ! -s "$archive" ]; then
		need_root "make $archive with mmdebstrap"
		mkdir -p "$CACHE"
		once "$archive" make_debian_archive "$archive"
	fi
}

make_debian_archive() {
	mmdebstrap --quiet --variant=minbase --include=attr --format=tar --dpkgopt=force-unsafe-io bookworm "$1.new" >"$T/mmdebstrap.log" 2>&1 || {
		cat "$T/mmdebstrap.log"
		fail "mmdebstrap failed"
		return 1
	}
	mv "$1.new" "$1"
}

# debian_unpacked: what is in it, for all tests of a file, in $UNPACKED
debian_unpacked() {
	UNPACKED=$BATS_FILE_TMPDIR/debian
	debian_archive
	if [ ! -d "$UNPACKED" ]; then
		chmod a+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
		mkdir -p "$UNPACKED.new"
		own "$UNPACKED.new"
		as_user unshare -r tar -x -C "$UNPACKED.new" --no-same-owner --exclude='./dev/*' \
			--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' <"$CACHE/debian.tar"
		mv "$UNPACKED.new" "$UNPACKED"
	fi
}

# debian_rootfs DIR: for one that makes files in it; it has the inodes of what Debian brings, of which none may be changed
debian_rootfs() {
	debian_unpacked
	cp -al "$UNPACKED" "$1"
}
