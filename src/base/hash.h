/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of 64-bit words: hash_add() for tables in which colliding keys gain an attacker nothing, hash_keyed() for the others. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Adds a word to a hash. Its upper bits are mixed best. */
static inline uint64_t hash_add(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/* Random. Whoever chooses what is hashed must not be able to read it. */
struct hash_key {
	uint64_t word[2];
};

static inline uint64_t hash_rotate(uint64_t word, int n)
{
	return word << n | word >> (64 - n);
}

static inline void hash_round(uint64_t v[static 4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = hash_rotate(v[1], 13) ^ v[0];
	v[3] = hash_rotate(v[3], 16) ^ v[2];
	v[0] = hash_rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = hash_rotate(v[3], 21) ^ v[0];
	v[1] = hash_rotate(v[1], 17) ^ v[2];
	v[2] = hash_rotate(v[2], 32);
}

/* SipHash-1-3 of n words: Aumasson and Bernstein, "SipHash: a fast short-input PRF". */
static inline uint64_t hash_keyed(const struct hash_key *key, const uint64_t *words, size_t n)
{
	uint64_t v[4] = { key->word[0] ^ UINT64_C(0x736f6d6570736575), key->word[1] ^ UINT64_C(0x646f72616e646f6d),
			  key->word[0] ^ UINT64_C(0x6c7967656e657261), key->word[1] ^ UINT64_C(0x7465646279746573) };

	for (size_t i = 0; i <= n; i++) {
		uint64_t word = i < n ? words[i] : (uint64_t)n << 59;

		v[3] ^= word;
		hash_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		hash_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
