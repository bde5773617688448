#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the linker made of the hardening flags, in the usual program and in the static one.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

static=$BUILD/subuidless-static

expect() { # name of the test, program, option of readelf, pattern that must be there
	check "$1" "$(readelf -W "$3" "$2" 2>&1 | grep -Eq -- "$4" || echo "readelf $3 $2 shows no $4")"
}

refuse() { # name of the test, program, option of readelf, pattern that must not be there
	check "$1" "$(readelf -W "$3" "$2" 2>&1 | grep -E -- "$4|Error:|No such file")"
}

# of the objects, since a library may bring the symbol along
instrumented() { # name of the test, folder of objects, pattern, how many at least
	local objects

	mapfile -t objects < <(find "$2/src" -name '*.o' -exec nm -Au {} + 2>/dev/null | grep -E -- "$3" | cut -d : -f 1 | sort -u)
	check "$1" "$([ "${#objects[@]}" -ge "$4" ] || echo "only ${#objects[@]} objects in $2 use $3")"
}

hardened() { # kind, program, folder of objects
	expect "$1: position independent" "$2" -h 'Type: +DYN'
	expect "$1: relocations become read-only" "$2" -l 'GNU_RELRO'
	expect "$1: and are all made at start" "$2" -d 'BIND_NOW|FLAGS.*\bNOW\b'
	expect "$1: a stack of its own segment" "$2" -l 'GNU_STACK'
	refuse "$1: which is not executable" "$2" -l 'GNU_STACK.* RWE '
	refuse "$1: no segment is writable and executable" "$2" -l 'LOAD.* RWE '
	refuse "$1: no relocations in code, no search path" "$2" -d 'TEXTREL|RPATH|RUNPATH'
	instrumented "$1: stack protector" "$3" ' __stack_chk_fail$' 10
	instrumented "$1: checked string functions" "$3" ' __[a-z]+_chk$' 5
	check "$1: runs" "$("$2" --version 2>&1 | grep -Eq '^subuidless [0-9.]+$' || echo "$2 --version fails")"
}

hardened dynamic "./$BIN" "$BUILD/obj"
expect "dynamic: has an interpreter" "./$BIN" -l 'INTERP'
check "dynamic: needs libc and libseccomp alone" "$(readelf -Wd "./$BIN" | grep NEEDED | grep -Ev '\[lib(c|seccomp)\.so\.[0-9]+\]')"

# not a part of the make that runs us
log=$(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make STATIC=1 CI=1 CC="$CC" BUILD="$BUILD/static" BIN="$static" 2>&1) && log=
check "static: builds" "$log"
hardened static "$static" "$BUILD/static/obj"
refuse "static: has no interpreter" "$static" -l 'INTERP'
refuse "static: needs no library" "$static" -d 'NEEDED'
finish
