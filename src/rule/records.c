/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/records.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Tries of a reader that meets a writer: a write takes less than a microsecond. */
#define READ_TRIES 100000

/* Where a record may be: in either of two buckets. */
struct places {
	uint32_t home;       /* bit of homes[] */
	uint32_t buckets[2]; /* the first slots */
};

static uint32_t slots_of(const struct records *table)
{
	return RECORDS_FEWEST << __atomic_load_n(&table->doublings, __ATOMIC_RELAXED);
}

static uint64_t hash_of(const struct records *table, const struct record_key *key)
{
	/* not of the file system, for which one has to ask */
	return hash_keyed(&table->key, (uint64_t[]){ key->ino, key->born }, 2);
}

static struct places places_of(uint64_t hash, uint32_t slots)
{
	uint32_t buckets = slots / RECORDS_WAYS;

	return (struct places){ (uint32_t)hash % slots, { (uint32_t)(hash >> 24) % buckets * RECORDS_WAYS, (uint32_t)(hash >> 44) % buckets * RECORDS_WAYS } };
}

static bool same(const struct record_key *a, const struct record_key *b, bool anywhere)
{
	return (anywhere || a->fs == b->fs) && a->ino == b->ino && a->born == b->born;
}

/* The slot of the key; NULL: there is none. anywhere: on whatever file system. */
static const struct record *find(const struct records *table, const struct places *at, const struct record_key *key, bool anywhere)
{
	for (uint32_t i = 0; i < 2 * RECORDS_WAYS; i++) {
		const struct record *slot = &table->slots[at->buckets[i / RECORDS_WAYS] + i % RECORDS_WAYS];

		if (same(&slot->key, key, anywhere))
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

static int find_beside_writer(const struct records *table, const struct record_key *key, bool anywhere, struct record *record)
{
	uint64_t hash = hash_of(table, key);

	for (int tries = 0; tries < READ_TRIES; tries++) {
		uint32_t before = __atomic_load_n(&table->sequence, __ATOMIC_ACQUIRE);
		struct places at = places_of(hash, slots_of(table));
		const struct record *slot = NULL;
		struct record copy = { 0 };

		if (before & 1)
			continue;
		if (key->ino != 0 && may_be_there(table, &at))
			slot = find(table, &at, key, anywhere);
		if (slot)
			copy = *slot;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&table->sequence, __ATOMIC_RELAXED) != before)
			continue;
		if (slot)
			*record = copy;
		return slot != NULL;
	}
	return -EAGAIN;
}

int records_find(const struct records *table, const struct record_key *key, struct record *record)
{
	return find_beside_writer(table, key, false, record);
}

int records_find_anywhere(const struct records *table, const struct record_key *key, struct record *record)
{
	return find_beside_writer(table, key, true, record);
}

bool records_may_know(const struct records *table, uint64_t ino, uint64_t born)
{
	uint32_t before = __atomic_load_n(&table->sequence, __ATOMIC_ACQUIRE);
	struct places at = places_of(hash_of(table, &(struct record_key){ .ino = ino, .born = born }), slots_of(table));

	if (ino != 0 && may_be_there(table, &at)) {
		for (uint32_t i = 0; i < 2 * RECORDS_WAYS; i++) {
			const struct record_key *key = &table->slots[at.buckets[i / RECORDS_WAYS] + i % RECORDS_WAYS].key;

			if (key->ino == ino && key->born == born)
				return true;
		}
	}
	/* what was read beside a writer may be of two records, or of a table that was smaller */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return before & 1 || __atomic_load_n(&table->sequence, __ATOMIC_RELAXED) != before;
}

static void begin_write(struct records *table)
{
	__atomic_store_n(&table->sequence, table->sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void end_write(struct records *table)
{
	__atomic_store_n(&table->sequence, table->sequence + 1, __ATOMIC_RELEASE);
}

/* Each record goes to the bucket of the same one of its two hashes in a table of twice the size, which is its old place or one in the new half. */
static void grow(struct records *table)
{
	uint32_t slots = records_slots(table);

	begin_write(table);
	memset(table->homes, 0, sizeof(table->homes[0]) * slots / 64);
	for (uint32_t i = 0; i < slots; i++) {
		struct record *slot = &table->slots[i];
		uint64_t hash = hash_of(table, &slot->key);
		struct places old = places_of(hash, slots), new = places_of(hash, 2 * slots);
		uint32_t way = i % RECORDS_WAYS, to = new.buckets[old.buckets[0] != i - way] + way;

		if (slot->key.ino == 0)
			continue;
		note_home(table, &new);
		if (to != i) {
			table->slots[to] = *slot;
			*slot = (struct record){ 0 };
		}
	}
	__atomic_store_n(&table->doublings, table->doublings + 1, __ATOMIC_RELAXED);
	end_write(table);
}

/* A free slot for a new key, after the table has grown if need be. NULL: there is none. */
static const struct record *make_room(struct records *table, const struct record_key *key)
{
	for (;;) {
		uint32_t slots = records_slots(table);
		struct places at = places_of(hash_of(table, key), slots);
		const struct record *slot = table->count < slots / 4 * 3 ? find_free(table, &at) : NULL;

		/* where many file systems have an object of one number and birth, more slots are of no use */
		if (slot || slots == LIMIT_RECORDS || table->count < slots / 2)
			return slot;
		grow(table);
	}
}

int records_set(struct records *table, const struct record *record)
{
	struct places at = places_of(hash_of(table, &record->key), slots_of(table));
	const struct record *there = find(table, &at, &record->key, false), *slot = there;
	bool removes = owner_is_none(record->owner);
	int change = (int)!removes - (there != NULL);
	struct record new;

	if (record->key.ino == 0 || record->flags & ~RECORD_FLAGS || record->reserved != 0)
		return -EINVAL;
	if (!there && removes)
		return 0;
	if (!there)
		slot = make_room(table, &record->key);
	if (!slot)
		return -ENOSPC;
	at = places_of(hash_of(table, &record->key), slots_of(table));
	new = removes ? (struct record){ 0 } : *record;
	begin_write(table);
	note_home(table, &at);
	table->xattrs += (new.flags & RECORD_XATTRS) / RECORD_XATTRS - (slot->flags & RECORD_XATTRS) / RECORD_XATTRS;
	table->slots[slot - table->slots] = new;
	table->count += (uint32_t)change;
	end_write(table);
	return change;
}

int records_replay(struct records *table, const struct record *record)
{
	struct record there, new = *record;

	if (records_find(table, &record->key, &there) == 1 && !owner_is_none(record->owner))
		new.flags |= there.flags & RECORD_XATTRS;
	return records_set(table, &new);
}
