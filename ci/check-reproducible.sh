#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TAP: the binary is the same, byte for byte, whatever folder it is built in, with the default flags.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS MAKELEVEL MFLAGS

# build FOLDER BUILD: the sources there, into its folder BUILD, as dynamic and static; what went wrong is printed
build() {
	(
		cd "$1" || exit
		make -s -j2 BUILD="$2" BIN=dynamic
		# the objects are those: only the link is another
		make -s -o "$2/settings" BUILD="$2" BIN=static STATIC=1
	) 2>&1 | grep -v '^  '
}

mkdir -p "$dir/one" "$dir/another folder"
cp -r GNUmakefile src proto "$dir/one"
cp -r GNUmakefile src proto "$dir/another folder"
ln -s "another folder" "$dir/link"
check "it is built, into the default folder" "$(build "$dir/one" build)"
# by a link, with another folder, time zone, language and umask
check "it is built elsewhere" "$(TZ=Asia/Tokyo LC_ALL=C.UTF-8; export TZ LC_ALL; umask 077; build "$dir/link" out/of/objects)"
for bin in dynamic static; do
	check "the $bin binary is the same" "$(cmp "$dir/one/$bin" "$dir/link/$bin" 2>&1)"
	check "the $bin binary names no folder that it was built in" "$(grep -c -a -F -e "$dir" -e of/objects "$dir"/{one,link}/"$bin" |
		grep -v ":0$")"
done
# an absolute folder for what is built: one object with the generated header is enough
make -s -C "$dir/one" BUILD="$dir/absolute" "$dir/absolute/obj/src/rule/owner.o" "$dir/absolute/gen/rootlesscontainers.pb.o" >"$dir/log" 2>&1
check "objects in an absolute folder are the same" "$(grep -v "^  " "$dir/log"
	cmp "$dir/one/build/obj/src/rule/owner.o" "$dir/absolute/obj/src/rule/owner.o" 2>&1
	cmp "$dir/one/build/gen/rootlesscontainers.pb.o" "$dir/absolute/gen/rootlesscontainers.pb.o" 2>&1)"
finish
