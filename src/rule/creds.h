/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of all credentials that processes of a daemon's containers have had: each stands there once, at an index that stays
 * its own. One writer appends; readers share the memory and see an entry whole or not at all.
 */
#ifndef RULE_CREDS_H
#define RULE_CREDS_H

#include "base/hash.h"
#include "base/limits.h"
#include "rule/cred.h"

#define CREDS_BUCKETS (2 * LIMIT_CREDENTIALS)

/* All zero but the key: empty. */
struct creds {
	uint32_t count;
	struct hash_key key; /* set before the first entry */
	uint32_t buckets[CREDS_BUCKETS]; /* index + 1 of an entry, by its hash; 0: none */
	struct cred entries[LIMIT_CREDENTIALS];
};

/* The index of these credentials, or -ENOENT. */
int32_t creds_find(const struct creds *table, const struct cred *c) MUST_CHECK;

/* The same, after they were appended where they were not there: -EINVAL, -ENOSPC. */
int32_t creds_add(struct creds *table, const struct cred *c) MUST_CHECK;

/* The entry at an index, which may be any number. False: there is none. */
bool creds_get(const struct creds *table, uint32_t index, struct cred *c) MUST_CHECK;

uint32_t creds_count(const struct creds *table) MUST_CHECK;

#endif
