/* SPDX-License-Identifier: Apache-2.0 */
/* A hash without a key, for tables in which keys that collide gain an attacker nothing. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

/* Adds a word to a hash, of which the upper bits are the best mixed. */
static inline uint64_t hash_add(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

#endif
