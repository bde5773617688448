#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TAP: clang takes the sources without a warning too, and `make install` puts its two files where it was told to.
. "$(dirname "$0")/tap.bash"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

check "clang builds it without a warning" "$(make -s CC=clang CI=1 BUILD=build/clang BIN="$dir/clang" 2>&1 | grep -v '^  '
	"$dir/clang" --version | grep -vE '^subuidless [0-9.]+$')"
make -s install CI=1 DESTDIR="$dir/to" PREFIX=/opt/s >"$dir/log" 2>&1
check "it is installed with its manual page" "$(diff <(cd "$dir/to" && find . -type f | LC_ALL=C sort) - <<-'END'
	./opt/s/bin/subuidless
	./opt/s/share/man/man1/subuidless.1
END
)$(cat "$dir/log" | grep -v '^  \|^install ')"
finish
