# SPDX-License-Identifier: Apache-2.0
# What the scripts that run targets have in common: sourced by them, from the top of the tree, with $BUILD set.
# shellcheck shell=bash

# AFL++ asks for settings of the machine that a container cannot change and that only make it quicker
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_NO_COLOR=1

targets() { # the names that were given, or all
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@"
	else
		make -s BUILD="$BUILD" fuzz-targets | tr ' ' '\n'
	fi
}

folders() { # target: where its inputs are, one a line
	printf '%s\n' "fuzz/corpus/$1"
	[ ! -d "fuzz/regress/$1" ] || printf '%s\n' "fuzz/regress/$1"
}

dict() { # target: its dictionary, if it has one
	[ ! -f "fuzz/$1.dict" ] || printf '%s\n' "fuzz/$1.dict"
}

scratch() { # name: a new folder in the build folder, as AFL++ does not work everywhere in /tmp
	mkdir -p "$BUILD"
	mktemp -d "$(realpath "$BUILD")/$1.XXXXXX"
}

have_afl() {
	command -v "${FUZZ_AFL:-afl-clang-fast}" && command -v afl-fuzz
} >/dev/null

reproducers() { # files that made a target fail: the first few, to be had from a log
	local file

	for file in "${@:1:3}"; do
		[ ! -f "$file" ] || echo "# reproducer ${file##*/} in base64: $(base64 -w 0 "$file")"
	done
}
