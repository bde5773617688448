/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller's memory holds, byte by byte, for the references of decode and worker. */
#ifndef FUZZ_REFERENCE_MEMORY_H
#define FUZZ_REFERENCE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reference-decode.h"

/* 0 or -errno. */
int reference_byte(const struct task *t, uint64_t address, uint8_t *byte);
int reference_string(const struct task *t, uint64_t address, char *text, size_t size);
int reference_bytes(const struct task *t, uint64_t address, void *buf, size_t n);

/* Little-endian. */
uint64_t reference_number(const uint8_t *from, size_t width);

/* Is the xattr one that a container never sees? */
bool reference_is_ours(const char *name);

#endif
