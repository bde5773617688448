/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners of files that cannot hold an xattr: one table per user, in memory that the broker writes and workers read.
 * An object is known by its file system, its inode number and the time of its birth, which tells it from a later one
 * with the same number; pipes and sockets without a name have none (0).
 */
#ifndef RULE_RECORDS_H
#define RULE_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/limits.h"
#include "rule/owner.h"

struct record_key {
	uint64_t fs, ino; /* see object/object.c; ino is never 0 */
	uint64_t born;    /* nanoseconds since the epoch */
};

struct record {
	struct record_key key;
	struct owner owner;
};

/* Slots of a bucket. A record stands in either of two, and stays where it is: whatever keys there are, a look is at these slots alone. */
#define RECORDS_WAYS 16

/* All zero but the key: empty. */
struct records {
	uint32_t sequence; /* odd while the broker writes */
	uint32_t count;
	struct hash_key key; /* set before the first record */
	uint64_t homes[LIMIT_RECORDS / 64]; /* a bit for each hash that a key has ever had: most other keys are refused by these few pages */
	struct record slots[LIMIT_RECORDS];
};

static inline bool records_are_empty(const struct records *table)
{
	return __atomic_load_n(&table->count, __ATOMIC_RELAXED) == 0;
}

/* 1: found; 0: no record; -EAGAIN: the writer stopped half-way. Safe beside the one writer. */
int records_find(const struct records *table, const struct record_key *key, struct owner *owner) MUST_CHECK;

/* Could some object with this inode number and birth have a record, on whatever file system? */
bool records_may_know(const struct records *table, uint64_t ino, uint64_t born) MUST_CHECK;

/* Sets, or with no owner removes. 1: one more record than before; 0; -1: one less; -ENOSPC: the table is full, or both buckets are, which needs bad luck; -EINVAL for a bad key. */
int records_set(struct records *table, const struct record_key *key, struct owner owner) MUST_CHECK;

#endif
