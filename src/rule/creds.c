/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/creds.h"

#include <errno.h>
#include <string.h>


_Static_assert(sizeof(struct cred) % sizeof(uint64_t) == 0, "credentials are hashed in words");

static uint32_t hash(const struct creds *table, const struct cred *c)
{
	uint64_t words[sizeof(*c) / sizeof(uint64_t)];

	memcpy(words, c, sizeof(*c));
	return (uint32_t)hash_keyed(&table->key, words, ARRAY_SIZE(words));
}

/* The bucket of the entry, or the free one where it belongs. */
static const uint32_t *find(const struct creds *table, const struct cred *c)
{
	uint32_t i = hash(table, c) % CREDS_BUCKETS;

	/* half of the buckets stay free */
	for (;; i = (i + 1) % CREDS_BUCKETS) {
		uint32_t number = __atomic_load_n(&table->buckets[i], __ATOMIC_ACQUIRE);

		if (number == 0 || cred_equal(&table->entries[number - 1], c))
			return &table->buckets[i];
	}
}

int32_t creds_find(const struct creds *table, const struct cred *c)
{
	uint32_t number = __atomic_load_n(find(table, c), __ATOMIC_ACQUIRE);

	return number ? (int32_t)(number - 1) : -ENOENT;
}

int32_t creds_add(struct creds *table, const struct cred *c)
{
	uint32_t *bucket = (uint32_t *)(uintptr_t)find(table, c);

	if (*bucket)
		return (int32_t)(*bucket - 1);
	if (!cred_is_valid(c))
		return -EINVAL;
	if (table->count == LIMIT_CREDENTIALS)
		return -ENOSPC;
	table->entries[table->count] = *c;
	__atomic_store_n(&table->count, table->count + 1, __ATOMIC_RELEASE);
	__atomic_store_n(bucket, table->count, __ATOMIC_RELEASE);
	return (int32_t)(table->count - 1);
}

uint32_t creds_count(const struct creds *table)
{
	return __atomic_load_n(&table->count, __ATOMIC_ACQUIRE);
}

bool creds_get(const struct creds *table, uint32_t index, struct cred *c)
{
	if (index >= creds_count(table))
		return false;
	*c = table->entries[index];
	return true;
}
