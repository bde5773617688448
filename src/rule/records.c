/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/records.h"

#include <errno.h>
#include <stddef.h>

#include "base/hash.h"

/* Tries of a reader that meets a writer: a write takes less than a microsecond. */
#define READ_TRIES 100000

/* A fuller table would probe for long. */
#define RECORDS_MAX (LIMIT_RECORDS / 4 * 3)

static uint32_t home(const struct record_key *key)
{
	/* not of the file system, for which one has to ask */
	return (uint32_t)(hash_add(key->born, key->ino) >> 32) % LIMIT_RECORDS;
}

static bool same(const struct record_key *a, const struct record_key *b)
{
	return a->fs == b->fs && a->ino == b->ino && a->born == b->born;
}

/* The slot of the key, or the free one where it would go. Ends also on a table that is being written. */
static uint32_t find(const struct records *table, const struct record_key *key)
{
	uint32_t i = home(key);

	for (uint32_t n = 0; n < LIMIT_RECORDS; n++, i = (i + 1) % LIMIT_RECORDS)
		if (table->slots[i].key.ino == 0 || same(&table->slots[i].key, key))
			break;
	return i;
}

static bool may_be_there(const struct records *table, const struct record_key *key)
{
	uint32_t at = home(key);

	return __atomic_load_n(&table->homes[at / 64], __ATOMIC_RELAXED) >> at % 64 & 1;
}

static void note_home(struct records *table, const struct record_key *key)
{
	uint32_t at = home(key);

	__atomic_store_n(&table->homes[at / 64], table->homes[at / 64] | 1ULL << at % 64, __ATOMIC_RELAXED);
}

int records_find(const struct records *table, const struct record_key *key, struct owner *owner)
{
	for (int tries = 0; tries < READ_TRIES; tries++) {
		uint32_t before = __atomic_load_n(&table->sequence, __ATOMIC_ACQUIRE);
		struct record copy;

		if (before & 1)
			continue;
		if (!may_be_there(table, key))
			return 0;
		copy = table->slots[find(table, key)];
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&table->sequence, __ATOMIC_RELAXED) != before)
			continue;
		if (copy.key.ino == 0 || !same(&copy.key, key))
			return 0;
		*owner = copy.owner;
		return 1;
	}
	return -EAGAIN;
}

bool records_may_know(const struct records *table, uint64_t ino, uint64_t born)
{
	uint32_t before = __atomic_load_n(&table->sequence, __ATOMIC_ACQUIRE);
	struct record_key key = { .ino = ino, .born = born };
	uint32_t i = home(&key);

	if (!may_be_there(table, &key))
		return false;
	for (uint32_t n = 0; n < LIMIT_RECORDS && table->slots[i].key.ino; n++, i = (i + 1) % LIMIT_RECORDS)
		if (table->slots[i].key.ino == ino && table->slots[i].key.born == born)
			return true;
	/* what was read beside a writer may be of two records */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return before & 1 || __atomic_load_n(&table->sequence, __ATOMIC_RELAXED) != before;
}

/* Empties slot i and moves up those behind it that would not be found any more. */
static void take_out(struct records *table, uint32_t i)
{
	uint32_t next = i;

	for (;;) {
		uint32_t wanted;

		next = (next + 1) % LIMIT_RECORDS;
		if (table->slots[next].key.ino == 0)
			break;
		wanted = home(&table->slots[next].key);
		if ((next - wanted) % LIMIT_RECORDS < (next - i) % LIMIT_RECORDS)
			continue;
		table->slots[i] = table->slots[next];
		i = next;
	}
	table->slots[i] = (struct record){ 0 };
}

int records_set(struct records *table, const struct record_key *key, struct owner owner)
{
	uint32_t i;
	bool there;
	int change = 0;

	if (key->ino == 0)
		return -EINVAL;
	i = find(table, key);
	there = table->slots[i].key.ino != 0;
	if (!there && owner_is_none(owner))
		return 0;
	if (!there && table->count >= RECORDS_MAX)
		return -ENOSPC;
	note_home(table, key);
	__atomic_store_n(&table->sequence, table->sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (owner_is_none(owner)) {
		take_out(table, i);
		change = -1;
	} else {
		table->slots[i] = (struct record){ *key, owner };
		change = !there;
	}
	table->count += (uint32_t)change;
	__atomic_store_n(&table->sequence, table->sequence + 1, __ATOMIC_RELEASE);
	return change;
}
