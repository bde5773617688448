/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/records.h"

#include <errno.h>
#include <stddef.h>

/* Tries of a reader that meets a writer: a write takes less than a microsecond. */
#define READ_TRIES 100000

/* A fuller table might have two full buckets for a key. */
#define RECORDS_MAX (LIMIT_RECORDS / 4 * 3)

#define BUCKETS (LIMIT_RECORDS / RECORDS_WAYS)

/* Where a record may be: in either of two buckets. */
struct places {
	uint32_t home;      /* bit of homes[] */
	uint32_t buckets[2]; /* the first slots */
};

static struct places places_of(const struct records *table, const struct record_key *key)
{
	/* not of the file system, for which one has to ask */
	uint64_t hash = hash_keyed(&table->key, (uint64_t[]){ key->ino, key->born }, 2);

	return (struct places){ (uint32_t)(hash % LIMIT_RECORDS),
				{ (uint32_t)(hash >> 20) % BUCKETS * RECORDS_WAYS, (uint32_t)(hash >> 42) % BUCKETS * RECORDS_WAYS } };
}

static bool same(const struct record_key *a, const struct record_key *b)
{
	return a->fs == b->fs && a->ino == b->ino && a->born == b->born;
}

/* The slot of the key; NULL: there is none. */
static const struct record *find(const struct records *table, const struct places *at, const struct record_key *key)
{
	for (uint32_t i = 0; i < 2 * RECORDS_WAYS; i++) {
		const struct record *slot = &table->slots[at->buckets[i / RECORDS_WAYS] + i % RECORDS_WAYS];

		if (same(&slot->key, key))
			return slot;
	}
	return NULL;
}

/* A free slot in the bucket that has more of them; NULL: both are full. */
static const struct record *find_free(const struct records *table, const struct places *at)
{
	const struct record *found[2] = { NULL, NULL };
	uint32_t n[2] = { 0, 0 };

	for (uint32_t i = 0; i < 2 * RECORDS_WAYS; i++) {
		const struct record *slot = &table->slots[at->buckets[i / RECORDS_WAYS] + i % RECORDS_WAYS];

		if (slot->key.ino != 0)
			continue;
		n[i / RECORDS_WAYS]++;
		found[i / RECORDS_WAYS] = slot;
	}
	return found[n[1] > n[0]];
}

static bool may_be_there(const struct records *table, const struct places *at)
{
	return __atomic_load_n(&table->homes[at->home / 64], __ATOMIC_RELAXED) >> at->home % 64 & 1;
}

static void note_home(struct records *table, const struct places *at)
{
	__atomic_store_n(&table->homes[at->home / 64], table->homes[at->home / 64] | 1ULL << at->home % 64, __ATOMIC_RELAXED);
}

int records_find(const struct records *table, const struct record_key *key, struct owner *owner)
{
	struct places at = places_of(table, key);

	for (int tries = 0; tries < READ_TRIES; tries++) {
		uint32_t before = __atomic_load_n(&table->sequence, __ATOMIC_ACQUIRE);
		const struct record *slot;
		struct owner copy;

		if (before & 1)
			continue;
		if (key->ino == 0 || !may_be_there(table, &at))
			return 0;
		slot = find(table, &at, key);
		copy = slot ? slot->owner : (struct owner){ OWNER_NONE, OWNER_NONE };
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&table->sequence, __ATOMIC_RELAXED) != before)
			continue;
		if (slot)
			*owner = copy;
		return slot != NULL;
	}
	return -EAGAIN;
}

bool records_may_know(const struct records *table, uint64_t ino, uint64_t born)
{
	uint32_t before = __atomic_load_n(&table->sequence, __ATOMIC_ACQUIRE);
	struct places at = places_of(table, &(struct record_key){ .ino = ino, .born = born });

	if (ino == 0 || !may_be_there(table, &at))
		return false;
	for (uint32_t i = 0; i < 2 * RECORDS_WAYS; i++) {
		const struct record_key *key = &table->slots[at.buckets[i / RECORDS_WAYS] + i % RECORDS_WAYS].key;

		if (key->ino == ino && key->born == born)
			return true;
	}
	/* what was read beside a writer may be of two records */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return before & 1 || __atomic_load_n(&table->sequence, __ATOMIC_RELAXED) != before;
}

int records_set(struct records *table, const struct record_key *key, struct owner owner)
{
	struct places at = places_of(table, key);
	const struct record *there = find(table, &at, key), *slot = there ? there : find_free(table, &at);
	bool removes = owner_is_none(owner);
	int change = (int)!removes - (there != NULL);

	if (key->ino == 0)
		return -EINVAL;
	if (!there && removes)
		return 0;
	if (!slot || (!there && table->count >= RECORDS_MAX))
		return -ENOSPC;
	note_home(table, &at);
	__atomic_store_n(&table->sequence, table->sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	table->slots[slot - table->slots] = removes ? (struct record){ 0 } : (struct record){ *key, owner };
	table->count += (uint32_t)change;
	__atomic_store_n(&table->sequence, table->sequence + 1, __ATOMIC_RELEASE);
	return change;
}
