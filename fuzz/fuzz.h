/* SPDX-License-Identifier: Apache-2.0 */
/* What every target has: the entry that libFuzzer, AFL++ and standalone.c call, and a check that no build drops. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The oracle. Built with NO_ORACLE a target looks at everything and minds nothing, which shows what the sanitizers see alone:
 * see tests/mutants/catch/fuzz.
 */
#ifdef NO_ORACLE
#define CHECK(condition) do { \
	volatile bool held = (condition); \
	(void)held; \
} while (0)
#else
#define CHECK(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__, #condition); \
		abort(); \
	} \
} while (0)
#endif

#endif
