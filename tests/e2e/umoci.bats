#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Owners travel: from an image, unpacked by umoci without privileges, into the container, and back into a new layer.
# Symlinks and fifos are left out, for umoci keeps no owners of them.

load ../lib

# PATH TYPE MODE UID GID, sorted by PATH
image='data d 755 0 0
data/a d 755 999 999
data/a/suid f 4755 1 1
data/a/sgid f 2755 0 42
data/a/sticky d 1777 5 0
data/a/r f 400 7 8
data/a/rr f 444 9 10
data/a/rx f 555 11 12
data/a/zero f 0 13 14
data/b d 555 15 16
data/b/closed d 0 17 18
data/b/hard f 640 19 20
data/b/hard2 h 640 19 20
data/b/plain f 644 0 0
data/id d 755 0 0
data/id/u0g1 f 644 0 1
data/id/u1g0 f 644 1 0
data/id/u0g65534 f 644 0 65534
data/id/u65534g0 f 644 65534 0
data/id/u1g65536 f 644 1 65536
data/id/u65536g1 f 644 65536 1
data/id/u0g4294967294 f 644 0 4294967294
data/id/u4294967294g0 f 644 4294967294 0
data/id/u65534g65536 f 644 65534 65536
data/id/u65536g4294967294 f 644 65536 4294967294
data/id/u4294967294g65534 f 644 4294967294 65534'

# what the container shall show of it
expected() { sed 's/ h / f /' <<<"$image" | sort; }

# PATH TYPE MODE UID GID of all below /data
list='find data | xargs stat -c "%n %F %a %u %g" | sed "s/ directory / d /; s/ regular file / f /; s/ regular empty file / f /" | sort'

umoci() { as_user unshare -r umoci --log error "$@"; }

setup() {
	lib_setup
	start_daemon
	python3 "$TESTS/e2e/layer.py" "$T/layer.tar" "$(command -v busybox)" <<<"$image"
	umoci init --layout "$T/oci"
	umoci new --image "$T/oci:base"
	umoci raw add-layer --image "$T/oci:base" "$T/layer.tar"
	umoci unpack --rootless --image "$T/oci:base" "$T/unpacked"
	make_bundle "$T/bundle" "$T/unpacked/rootfs"
}

# The entries of the newest layer of an image: PATH UID/GID
newest_layer() {
	local oci=$T/oci manifest layer

	manifest=$(jq -r --arg tag "$1" '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $tag) | .digest' \
		"$oci/index.json")
	layer=$(jq -r '.layers[-1].digest' "$oci/blobs/${manifest/://}")
	tar -tzv --numeric-owner -f "$oci/blobs/${layer/://}" | awk '{ print $6, $2 }' | sed 's/^\.\///' | sort
}

@test "the container shows every owner of the image" {
	run crun_sh "$T/bundle" c "busybox sh -c '$list'"
	same "$(expected)" "$output"
}

@test "as real root sees the image" {
	need_root "unpack the image with its owners"
	command umoci --log error unpack --image "$T/oci:base" "$T/real"
	real=$(cd "$T/real/rootfs" && find data -printf '%p %y %m %U %G\n' | sort)
	run crun_sh "$T/bundle" c "busybox sh -c '$list'"
	same "$real" "$output"
}

@test "what the container changes is in the new layer, and unpacks again" {
	run crun_sh "$T/bundle" c 'set -e; cd data
		chown 100:200 a/suid; chown 0:0 a/r; chown :300 a/rr; chown 400 a/zero; chown 0:0 id/u4294967294g0
		chown 4294967294:65536 id/u0g1; chown :4294967294 id/u65534g0; chown 500:600 b; chown 0 b/closed; chown 21 b/hard2
		echo >new; chown 700:800 new; chown 3:3 b/plain; chown 0:0 b/plain'
	same "" "$output"
	[ "$status" = 0 ]
	umoci repack --image "$T/oci:new" "$T/unpacked"
	run newest_layer new
	# umoci adds some entries, such as parent directories, with the owners they have
	for line in 'data/a/suid 100/200' 'data/a/r 0/0' 'data/a/rr 9/300' 'data/a/zero 400/14' 'data/id/u4294967294g0 0/0' \
		'data/id/u0g1 4294967294/65536' 'data/id/u65534g0 65534/4294967294' 'data/b/ 500/600' \
		'data/b/closed/ 0/18' 'data/new 700/800'; do
		[[ $'\n'$output$'\n' = *$'\n'$line$'\n'* ]] || fail "no '$line' in the layer: $output"
	done
	[[ "$output" != *u65536g1* ]] || fail "what did not change is in the layer: $output"

	umoci unpack --rootless --image "$T/oci:new" "$T/again"
	make_bundle "$T/bundle2" "$T/again/rootfs"
	after=$(expected | sed -e 's|^\(data/a/suid\) .*|\1 f 755 100 200|' -e 's|^\(data/a/r f 400\) .*|\1 0 0|' \
		-e 's|^\(data/a/rr f 444\) .*|\1 9 300|' -e 's|^\(data/a/zero f 0\) .*|\1 400 14|' \
		-e 's|^\(data/id/u4294967294g0 f 644\) .*|\1 0 0|' -e 's|^\(data/id/u0g1 f 644\) .*|\1 4294967294 65536|' \
		-e 's|^\(data/id/u65534g0 f 644\) .*|\1 65534 4294967294|' -e 's|^\(data/b d 555\) .*|\1 500 600|' \
		-e 's|^\(data/b/closed d 0\) .*|\1 0 18|' -e 's|^\(data/b/hard2* f 640\) .*|\1 21 20|')
	after=$(printf '%s\n' "$after" 'data/new f 644 700 800' | sort)
	run crun_sh "$T/bundle2" c "busybox sh -c '$list'"
	same "$after" "$output"
}

@test "chown back to 0:0 leaves no trace on the file" {
	run crun_sh "$T/bundle" c 'chown 0:0 data/a/suid data/a; chown 0 data/a/rr; chown :0 data/a/rr'
	same "" "$output"
	run as_user unshare -r getfattr -d -m - "$T/unpacked/rootfs/data/a" "$T/unpacked/rootfs/data/a/suid" \
		"$T/unpacked/rootfs/data/a/rr"
	same "" "$output"
}
