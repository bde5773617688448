# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the catchers, which are called as run.py says: what to print for "inputs", and how a mutant is built.
set -euo pipefail

# inputs FILE...: ends the catcher that was asked for its inputs; files that are not there are left out
if [ "$1" = inputs ]; then
	asked=yes
	shift
else
	asked=
	dir=$1 file=$2
	shift 2
fi

inputs() {
	[ -n "$asked" ] || return 0
	{ find "$@" -maxdepth 1 -type f 2>/dev/null || :; } | LC_ALL=C sort
	exit 0
}

broken() { # why the test could not be run
	printf '%s\n' "$@" >&2
	exit 2
}

cannot() { # why it cannot be run on this machine
	echo "$1"
	exit 77
}

unseen() {
	printf '%s\n' "$@"
	exit 1
}

build() { # target and variables of make
	make -s MUTANT="$dir" MUTANT_FILE="$file" "$@" >"$dir/build.log" 2>&1 || broken "$(tail -n 20 "$dir/build.log")"
}
