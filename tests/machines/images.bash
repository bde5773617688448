# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # here is the folder of run.sh
# What a machine boots from: kernels and a root file system of Debian's packages, made once and kept in $MACHINES. Nothing of the system
# that makes them is changed, and of it only the archive is taken over. run.sh loads this.
#
#   root-HASH.img         ext4 with the GNU tools and what the tests need, by the hash of what makes it
#   kernel-VERSION/       vmlinuz, initrd, and modules.img, ext4 for /lib/modules/VERSION
#   newest-ARGUMENT       which VERSION a kernel of the command line is, asked for once a day

MACHINES=${MACHINES:-${XDG_CACHE_HOME:-/var/cache}/subuidless-machines}

# releases of Debian by what run.sh calls their kernel
declare -A release_of=([5.10]=bullseye [6.1]=bookworm [6.12]=trixie [newest]=sid)

# Debian 12 whatever the kernel is, so that only that differs
root_release=bookworm
root_packages='gcc libc6-dev make pkg-config libseccomp-dev libnanopb-dev nanopb protobuf-compiler libjsmn-dev gcc-12-multilib libc6-dev-i386
	busybox-static crun runc podman util-linux jq bats libcmocka-dev libyajl-dev umoci golang-github-containers-common strace attr acl rsync
	squashfs-tools cpio libcap2-bin git procps python3 e2fsprogs btrfs-progs xfsprogs mount xz-utils binutils kmod iproute2 psmisc sudo
	perl nfs-kernel-server nfs-common rpcbind bindfs fuse3 dosfstools'

# shellcheck source=../roots.bash
. "$here/../roots.bash" # for once()

# the archive that this system uses, by the first list of its own release
archive() {
	local codename site

	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	# shellcheck disable=SC2016 # apt-get expands it
	site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' "Codename: $codename" | head -n 1)
	[ -n "$site" ] || { echo "apt knows no archive of Debian: apt-get update" >&2; return 1; }
	echo "$site"
}

# apt_of RELEASE APT-GET'S ARGUMENTS...: with lists and a status of their own, as if nothing were installed
apt_of() {
	local dir=$MACHINES/apt-$1 site

	mkdir -p "$dir"/{lists/partial,archives/partial}
	if [ ! -e "$dir/sources.list" ]; then
		site=$(archive) || return 1
		: >"$dir/status"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $1 main" >"$dir/sources.list"
	fi
	shift
	apt-get -q -o APT::Architecture=amd64 -o APT::Architectures::= -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State="$dir" -o Dir::State::Status="$dir/status" -o Dir::Cache="$dir" -o APT::Sandbox::User= -o Acquire::Languages=none \
		-o Acquire::Retries=2 -o APT::Update::Error-Mode=any -o APT::Install-Recommends=no "$@"
}

# kernel_packages RELEASE: lines URI FILE of the image and its modules, which are one package or several
kernel_packages() {
	apt_of "$1" install -y --print-uris linux-image-cloud-amd64 |
		sed -nE "s/^'([^']*)' (linux-(image|binary|modules|base)-[0-9][^ ]*\.deb) .*/\1 \2/p"
}

# find_kernel KERNEL FILE: writes to FILE the version that KERNEL is today, and downloads it if it is not there
find_kernel() {
	local release=${release_of[$1]} version names dir

	apt_of "$release" update >"$MACHINES/log" 2>&1 || { tail -n 3 "$MACHINES/log" >&2; return 1; }
	names=$(kernel_packages "$release" | awk '{ print $2 }')
	version=$(sed -nE 's/^linux-image-([0-9].*)-cloud-amd64_.*/\1/p' <<<"$names")
	[ -n "$version" ] || { echo "no kernel in Debian's $release" >&2; return 1; }
	dir=$MACHINES/kernel-$version
	once "$dir" make_kernel "$dir" "$release" "$names" || return 1
	echo "$version" >"$2"
}

# make_kernel DIR RELEASE PACKAGES
make_kernel() {
	local new=$1.new package names=()

	rm -rf "$new"
	mkdir -p "$new/debs"
	for package in $3; do
		names+=("${package%%_*}")
	done
	(cd "$new/debs" && apt_of "$2" download "${names[@]}") >"$MACHINES/log" 2>&1 || { tail -n 3 "$MACHINES/log" >&2; return 1; }
	for package in "$new"/debs/*.deb; do
		dpkg -x "$package" "$new/root" || return 1
	done
	# newer packages have it all below /usr
	cp "$new"/root/boot/vmlinuz-* "$new/vmlinuz" 2>/dev/null || cp "$new"/root/usr/lib/modules/*/vmlinuz "$new/vmlinuz" || return 1
	[ -d "$new/root/lib/modules" ] || ln -s usr/lib "$new/root/lib"
	make_modules "$new" && make_initrd "$new" || return 1
	rm -rf "$new/debs" "$new/root" "$new/init"
	mv "$new" "$1"
}

# make_modules DIR: of what is in DIR/root, all but compressed ones, which not every modprobe reads
make_modules() {
	local modules

	modules=$(echo "$1"/root/lib/modules/*)
	find "$modules" -name '*.ko.xz' -exec unxz {} +
	/sbin/depmod -b "$1/root" "${modules##*/}" || return 1
	/sbin/mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$modules" -L modules "$1/modules.img" \
		"$(($(du -sk "$modules" | cut -f 1) * 5 / 4 + 8192))k" >"$1/log" 2>&1
	echo "${modules##*/}" >"$1/release"
}

# make_initrd DIR: busybox, and the modules for the root file system in the order in which they are loaded
make_initrd() {
	local modules module name init=$1/init

	modules=$(echo "$1"/root/lib/modules/*)
	mkdir -p "$init"/{bin,dev,proc,sys,new,modules}
	cp "$(command -v busybox)" "$init/bin/busybox"
	cp "$here/init" "$init/init"
	for name in virtio_pci virtio_blk crc32c_generic crc32c-intel ext4; do
		/sbin/modprobe -d "$1/root" -S "${modules##*/}" --show-depends "$name" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
		cp "$module" "$init/modules/"
		echo "/modules/${module##*/}" >>"$init/modules/list"
	done
	(cd "$init" && find . | cpio --quiet -o -H newc | gzip -1) >"$1/initrd"
}

# kernel_dir KERNEL: where its files are; what was found once serves for a day, and for longer where no archive is reached
kernel_dir() {
	local found=$MACHINES/newest-$1

	mkdir -p "$MACHINES"
	if [ -z "$(find "$found" -mmin -1440 2>/dev/null)" ] && ! find_kernel "$1" "$found"; then
		[ -s "$found" ] || return 1
		echo "# the archive cannot be reached: this is the kernel of an earlier day" >&2
	fi
	echo "$MACHINES/kernel-$(cat "$found")"
}

# root_image: its path
root_image() {
	local image

	mkdir -p "$MACHINES"
	image=$MACHINES/root-$({ echo "$root_release $root_packages"; declare -f make_root debian; } | sha256sum | cut -c 1-12).img
	once "$image" make_root "$image" >&2 || return 1
	echo "$image"
}

# make_root IMAGE: also with the archive of a Debian root that tests unpack
make_root() {
	local dir=$1.dir

	rm -rf "$dir" "$1.tar" "$1.new"
	mkdir -p "$dir/cache"
	debian --include="$(xargs <<<"$root_packages" | tr ' ' ,)" "$1.tar" && tar -x -f "$1.tar" -C "$dir" --exclude='./dev/*' \
		--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./var/cache/apt/*' || return 1
	rm "$1.tar"
	debian --include=attr "$dir/cache/debian.tar" || return 1
	mkdir -p "$dir/tree"
	chmod 1777 "$dir/cache"
	/sbin/mke2fs -q -t ext4 -E root_owner=0:0 -I 512 -d "$dir" -L root "$1.new" 6G || return 1
	rm -rf "$dir"
	mv "$1.new" "$1"
}

# debian OPTION... ARCHIVE
debian() {
	local site

	site=$(archive) || return 1
	mmdebstrap --quiet --variant=minbase --format=tar --dpkgopt=force-unsafe-io "${@:1:$#-1}" "$root_release" "${@: -1}" "$site" \
		>"$MACHINES/log" 2>&1 || { tail "$MACHINES/log"; return 1; }
}
