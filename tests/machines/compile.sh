#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles what the hostile suite and the differential would compile when they begin, in build/hostile and build/diff.
set -euo pipefail
# shellcheck source=tests/hostile/hostile.bash
. "$(dirname "$0")/../hostile/hostile.bash"

for source in "$HOSTILE"/*.c; do
	name=$(basename "$source" .c)
	[ "$name" = hostile ] || compile "$name" >/dev/null
done
compile limits32 >/dev/null
for bits in 64 32; do
	"$TESTS/likeroot/diff/run" -n -m "$bits"
done
