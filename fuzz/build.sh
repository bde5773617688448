#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh: as OSS-Fuzz and ClusterFuzzLite want it: each target goes to $OUT with its dictionary and the zip of its corpus, built
# by $CC with $CFLAGS, and linked with $LIB_FUZZING_ENGINE.
set -eu
cd "$(dirname "$0")/.."
: "${OUT:?is where the programs go}" "${CC:=clang}" "${CFLAGS:=-g -O1}" "${LIB_FUZZING_ENGINE:=-fsanitize=fuzzer}"
build=${BUILD:-build}/oss-fuzz

mkdir -p "$OUT/lib"
# a build folder of its own, and anew: nothing says whether the flags are as before
rm -rf "${build:?}"
make -s -j"$(nproc)" BUILD="$build" FUZZ_ENGINE_CC="$CC $CFLAGS" FUZZ_ENGINE="$LIB_FUZZING_ENGINE" \
	LDFLAGS="-Wl,-rpath,'\$\$ORIGIN/lib'" fuzz-engine >&2
for target in $(make -s BUILD="$build" fuzz-targets); do
	cp "$build/fuzz/engine/fuzz-$target" "$OUT/"
	# the machine that runs it has no more than the C library
	ldd "$OUT/fuzz-$target" | awk '/lib(yajl|seccomp|protobuf-nanopb)/ { print $3 }' | xargs -r cp -t "$OUT/lib"
	[ ! -f "fuzz/$target.dict" ] || cp "fuzz/$target.dict" "$OUT/fuzz-$target.dict"
	rm -f "$OUT/fuzz-${target}_seed_corpus.zip"
	python3 -m zipfile -c "$OUT/fuzz-${target}_seed_corpus.zip" "fuzz/corpus/$target"/*
done
