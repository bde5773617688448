# SPDX-License-Identifier: Apache-2.0
# For the scripts that check sources and binaries and print TAP: sourced by them, from the top of the tree.
# shellcheck shell=bash
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

CC=${CC:-cc}
BUILD=${BUILD:-build}
BIN=${BIN:-subuidless}
layers=(base decode rule reply ipc seccomp proc cred object path create handle store serve cli) # data goes through them in this order
tap_tests=0 tap_failures=0

check() { # name of the test, what is wrong: nothing when it passes
	tap_tests=$((tap_tests + 1))
	if [ -z "$2" ]; then
		echo "ok $tap_tests - $1"
		return
	fi
	tap_failures=$((tap_failures + 1))
	echo "not ok $tap_tests - $1"
	printf '%s\n' "$2" | sed '/^$/d; s/^/# /'
}

skip() { # name of the test, why it cannot be done here
	tap_tests=$((tap_tests + 1))
	echo "ok $tap_tests - $1 # SKIP $2"
}

finish() {
	echo "1..$tap_tests"
	[ "$tap_failures" -eq 0 ]
}
