# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# An OCI image of Debian with what the network of this host needs, for real root's chroot and for containers; with tests/lib.bash

# network_files DIR: how apt reaches the archive that this host uses, and no services started by installing them
network_files() {
	mkdir -p "$1"/{etc/apt/apt.conf.d,usr/sbin}
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
	echo 127.0.0.1 localhost "$(jq -r .hostname "$TESTS/config.json")" >"$1/etc/hosts"
	# shellcheck disable=SC2016 # apt-get expands it
	apt-get indextargets --format 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' >"$1/etc/apt/sources.list"
	[ -s "$1/etc/apt/sources.list" ] || fail "apt knows no archive of Debian: apt-get update" || return 1
	apt-config dump | grep -E '^Acquire::(Check-|.*[Pp]roxy)' >"$1/etc/apt/apt.conf.d/90host" || :
}

# checks_layer DIR: the checks too
checks_layer() {
	network_files "$1"
	mkdir -p "$1/root/debian" "$1/usr/local/bin"
	cp "$TESTS"/e2e/debian/{inside.sh,packages.bash,tools.bash,daemons.bash} "$1/root/debian/"
	CGO_ENABLED=0 GO111MODULE=off GOCACHE=$T/go go build -ldflags '-s -w' -o "$1/usr/local/bin/gosu" "$TESTS/e2e/debian/gosu.go"
}

# debian_image OCI DIR: the image OCI:debian, Debian and above it what is in DIR, which belongs to root
debian_image() {
	debian_archive
	tar -c -C "$2" --owner=0 --group=0 . >"$2.tar"
	umoci init --layout "$1"
	umoci new --image "$1:debian"
	umoci --log error raw add-layer --image "$1:debian" "$CACHE/debian.tar"
	umoci --log error raw add-layer --image "$1:debian" "$2.tar"
	chmod -R a+rX "$1"
}

# unpack_native OCI DIR: as root, with its owners. unpack_single does it as the user who has one id.
unpack_native() { umoci --log error unpack --image "$1:debian" "$2"; }
unpack_single() { as_user unshare -r umoci --log error unpack --rootless --image "$1:debian" "$2"; }
