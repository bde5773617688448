/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of all credentials that processes of a daemon's containers have: an entry for each that processes of one listener share, with a number
 * that they carry. That is its index and, above that, how often the index was used before, of which 8 bits are kept: who still carries the number
 * of an entry that was freed has none. One writer; readers share the memory and see an entry whole or not at all.
 */
#ifndef RULE_CREDS_H
#define RULE_CREDS_H

#include "base/hash.h"
#include "base/limits.h"
#include "rule/cred.h"

/* Indexes of a bucket. That of an entry stands in either of two, as in rule/records.h. */
#define CREDS_WAYS 16
#define CREDS_BUCKETS (2 * LIMIT_CREDENTIALS / CREDS_WAYS)

/* Numbers that an entry can have, from 0 on. */
#define CREDS_NUMBERS (256U * LIMIT_CREDENTIALS)

enum creds_state {
	CREDS_FREE,
	CREDS_USED,
	CREDS_DOUBTED, /* perhaps no process has them any more: who wants them asks the writer, so that he keeps them */
};

/* All zero but the key: empty. */
struct creds {
	uint32_t count, next; /* where the writer looks for a free entry, so that one is used again as late as can be */
	struct hash_key key;  /* set before the first entry */
	uint32_t buckets[CREDS_BUCKETS][CREDS_WAYS]; /* upper bits of the hash, index + 1 of an entry; 0: none */
	struct creds_slot {
		uint32_t sequence; /* odd while the entry is written */
		uint16_t listener; /* whose it is: a number that the writer gives, not 0 */
		uint8_t state;     /* enum creds_state */
		uint8_t uses;      /* the upper part of the number */
	} slots[LIMIT_CREDENTIALS];
	struct cred entries[LIMIT_CREDENTIALS];
};

/* The number of these credentials of a listener, or -ENOENT: there is none, or it is doubted. */
int32_t creds_find(const struct creds *table, uint16_t listener, const struct cred *c) MUST_CHECK;

/* Is the entry of this number used, and not doubted? */
bool creds_is_sure(const struct creds *table, uint32_t number) MUST_CHECK;

/* The entry of any number. False: there is none. */
bool creds_get(const struct creds *table, uint32_t number, struct cred *c) MUST_CHECK;

uint32_t creds_count(const struct creds *table) MUST_CHECK;

/* For the writer: the number of these credentials, no longer doubted, after they were added where they were not there, if new ones may be: -EINVAL, -ENOSPC. */
int32_t creds_add(struct creds *table, uint16_t listener, const struct cred *c, bool new_ones) MUST_CHECK;

/* For the writer: what is at an index that is used. */
void creds_keep(struct creds *table, uint32_t index);
void creds_doubt(struct creds *table, uint32_t index);
void creds_free(struct creds *table, uint32_t index);

/* For the writer: the first index from this one on that is used for a listener; LIMIT_CREDENTIALS: there is none. */
uint32_t creds_next(const struct creds *table, uint16_t listener, uint32_t from) MUST_CHECK;

#endif
