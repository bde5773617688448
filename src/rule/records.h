/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners of files that cannot hold an xattr: one table per user, in memory that the broker writes and workers read.
 * An object is known by its file system, its inode number and the time of its birth, which tells it from a later one
 * with the same number. Where there is no such time (0), a handle may tell it: RECORD_HANDLE.
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

/* The number under which what holds for all of a file system is recorded; no object has it. */
#define RECORD_OF_FILE_SYSTEM UINT64_MAX

/* Its inode number is no other object's as long as it lives, so that a younger one with that number tells that it is gone. */
#define RECORD_SOLE 1U

/* On a file system that does not outlast the machine's next start. */
#define RECORD_UNTIL_BOOT 2U

/* An inotify watch of this daemon tells when the object is gone. */
#define RECORD_WATCHED 4U

/* Instead of its file system and of a time of birth the key has a handle, which no other object ever has. */
#define RECORD_HANDLE 8U

/* A file of the daemon's has its xattrs: store/xattr_files.h. */
#define RECORD_XATTRS 16U

#define RECORD_FLAGS (RECORD_SOLE | RECORD_UNTIL_BOOT | RECORD_WATCHED | RECORD_HANDLE | RECORD_XATTRS)

struct record {
	struct record_key key;
	struct owner owner; /* owner_is_none(): none, or none any more */
	uint32_t flags, reserved;
};

/* What nothing tells from a later object with its number is known in one container alone, and until that ends. */
static inline bool record_is_passing(const struct record *record)
{
	return record->key.born == 0 && !(record->flags & RECORD_HANDLE);
}

/* Slots of a bucket. A record stands in either of two, and stays where it is: whatever keys there are, a look is at these slots alone. */
#define RECORDS_WAYS 16

/* Slots of an empty table, which grows by doubling; a power of two. */
#define RECORDS_FEWEST 4096U

/* All zero but the key: empty. */
struct records {
	uint32_t sequence; /* odd while the broker writes */
	uint32_t count;
	uint32_t doublings; /* of RECORDS_FEWEST: only so many slots, and homes, are in use */
	uint32_t xattrs;    /* how many have RECORD_XATTRS */
	struct hash_key key; /* set before the first record */
	uint64_t homes[LIMIT_RECORDS / 64]; /* a bit for each hash that a key has had since the table grew: most other keys are refused by these few pages */
	struct record slots[LIMIT_RECORDS];
};

/* Records that there can be: a fuller table might have two full buckets for a key. */
#define RECORDS_MOST (LIMIT_RECORDS / 4 * 3)

/* Slots that are in use, as the writer knows. */
static inline uint32_t records_slots(const struct records *table)
{
	return RECORDS_FEWEST << table->doublings;
}

static inline bool records_are_empty(const struct records *table)
{
	return __atomic_load_n(&table->count, __ATOMIC_RELAXED) == 0;
}

/* 1: found; 0: no record; -EAGAIN: the writer stopped half-way. Safe beside the one writer. */
int records_find(const struct records *table, const struct record_key *key, struct record *record) MUST_CHECK;

/*
 * As records_find(), of an object with this number and birth on whatever file system: an overlay shows those of its layers as they are, but
 * calls itself something else.
 */
int records_find_anywhere(const struct records *table, const struct record_key *key, struct record *record) MUST_CHECK;

/* Could some object with this inode number and birth have a record, on whatever file system? */
bool records_may_know(const struct records *table, uint64_t ino, uint64_t born) MUST_CHECK;

/* Sets, or with no owner removes. 1: one more record than before; 0; -1: one less; -ENOSPC: the table is full, or both buckets are, which needs bad luck; -EINVAL for a bad key or flag. */
int records_set(struct records *table, const struct record *record) MUST_CHECK;

/* The same, of a change that is in the file: RECORD_XATTRS stays until the record is removed, of which whoever made the change may not have known. */
int records_replay(struct records *table, const struct record *record) MUST_CHECK;

#endif
