/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/creds.h"

#include <errno.h>
#include <string.h>

/* Bits of an index + 1. */
#define INDEX_BITS 17
#define INDEX_MASK ((1U << INDEX_BITS) - 1)

/* Tries of a reader that meets a writer, who needs less than a microsecond. */
#define READ_TRIES 100000

_Static_assert(LIMIT_CREDENTIALS <= INDEX_MASK, "an index + 1 fits");
_Static_assert(sizeof(struct cred) % sizeof(uint64_t) == 0, "credentials are hashed in words");

/* Where an entry may be found. */
struct places {
	uint32_t tag; /* above the index */
	uint32_t buckets[2];
};

static struct places places_of(const struct creds *table, uint16_t listener, const struct cred *c)
{
	uint64_t words[1 + sizeof(*c) / sizeof(uint64_t)] = { listener }, hash;

	memcpy(words + 1, c, sizeof(*c));
	hash = hash_keyed(&table->key, words, ARRAY_SIZE(words));
	return (struct places){ (uint32_t)hash & ~INDEX_MASK, { (uint32_t)(hash >> 32) % CREDS_BUCKETS, (uint32_t)(hash >> 48) % CREDS_BUCKETS } };
}

/* The place in a bucket of these credentials. NULL: there is none. */
static const uint32_t *find(const struct creds *table, const struct places *at, uint16_t listener, const struct cred *c)
{
	for (uint32_t i = 0; i < 2 * CREDS_WAYS; i++) {
		const uint32_t *place = &table->buckets[at->buckets[i / CREDS_WAYS]][i % CREDS_WAYS];
		uint32_t entry = __atomic_load_n(place, __ATOMIC_ACQUIRE), index = (entry & INDEX_MASK) - 1;

		if (entry != 0 && (entry & ~INDEX_MASK) == at->tag && table->slots[index].listener == listener && cred_equal(&table->entries[index], c))
			return place;
	}
	return NULL;
}

static uint32_t *find_free(struct creds *table, const struct places *at)
{
	uint32_t *found[2] = { NULL, NULL }, n[2] = { 0, 0 };

	for (uint32_t i = 0; i < 2 * CREDS_WAYS; i++) {
		uint32_t *place = &table->buckets[at->buckets[i / CREDS_WAYS]][i % CREDS_WAYS];

		if (*place == 0) {
			n[i / CREDS_WAYS]++;
			found[i / CREDS_WAYS] = place;
		}
	}
	return found[n[1] > n[0]];
}

static uint32_t number_of(const struct creds *table, uint32_t index)
{
	return (uint32_t)__atomic_load_n(&table->slots[index].uses, __ATOMIC_SEQ_CST) * LIMIT_CREDENTIALS + index;
}

int32_t creds_find(const struct creds *table, uint16_t listener, const struct cred *c)
{
	struct places at = places_of(table, listener, c);
	const uint32_t *place = find(table, &at, listener, c);
	uint32_t entry = place ? __atomic_load_n(place, __ATOMIC_ACQUIRE) : 0, number;
	struct cred now;

	/* it may have been freed, and used again, meanwhile */
	if (entry == 0)
		return -ENOENT;
	number = number_of(table, (entry & INDEX_MASK) - 1);
	if (!creds_is_sure(table, number) || !creds_get(table, number, &now) || !cred_equal(&now, c))
		return -ENOENT;
	return (int32_t)number;
}

bool creds_is_sure(const struct creds *table, uint32_t number)
{
	uint32_t index = number % LIMIT_CREDENTIALS;

	return __atomic_load_n(&table->slots[index].state, __ATOMIC_SEQ_CST) == CREDS_USED && number_of(table, index) == number;
}

bool creds_get(const struct creds *table, uint32_t number, struct cred *c)
{
	uint32_t index = number % LIMIT_CREDENTIALS;
	const struct creds_slot *slot = &table->slots[index];

	for (int tries = 0; tries < READ_TRIES; tries++) {
		uint32_t before = __atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE);
		struct cred copy;

		if (before & 1)
			continue;
		if (__atomic_load_n(&slot->state, __ATOMIC_RELAXED) == CREDS_FREE || number_of(table, index) != number)
			return false;
		copy = table->entries[index];
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&slot->sequence, __ATOMIC_RELAXED) != before)
			continue;
		*c = copy;
		return true;
	}
	return false;
}

uint32_t creds_count(const struct creds *table)
{
	return __atomic_load_n(&table->count, __ATOMIC_ACQUIRE);
}

static void set_state(struct creds *table, uint32_t index, enum creds_state state)
{
	__atomic_store_n(&table->slots[index].state, (uint8_t)state, __ATOMIC_SEQ_CST);
}

/* There is one: not all are used. */
static uint32_t take_free(struct creds *table)
{
	uint32_t index = table->next;

	while (table->slots[index].state != CREDS_FREE)
		index = (index + 1) % LIMIT_CREDENTIALS;
	table->next = (index + 1) % LIMIT_CREDENTIALS;
	return index;
}

static void begin_write(struct creds_slot *slot)
{
	__atomic_store_n(&slot->sequence, slot->sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void end_write(struct creds_slot *slot)
{
	__atomic_store_n(&slot->sequence, slot->sequence + 1, __ATOMIC_RELEASE);
}

int32_t creds_add(struct creds *table, uint16_t listener, const struct cred *c, bool new_ones)
{
	struct places at = places_of(table, listener, c);
	const uint32_t *there = find(table, &at, listener, c);
	uint32_t *place, index;

	if (there) {
		index = (*there & INDEX_MASK) - 1;
		set_state(table, index, CREDS_USED);
		return (int32_t)number_of(table, index);
	}
	if (!cred_is_valid(c))
		return -EINVAL;
	place = new_ones && table->count < LIMIT_CREDENTIALS ? find_free(table, &at) : NULL;
	if (!place)
		return -ENOSPC;
	index = take_free(table);
	begin_write(&table->slots[index]);
	table->entries[index] = *c;
	table->slots[index].listener = listener;
	set_state(table, index, CREDS_USED);
	end_write(&table->slots[index]);
	__atomic_store_n(place, at.tag | (index + 1), __ATOMIC_RELEASE);
	__atomic_store_n(&table->count, table->count + 1, __ATOMIC_RELEASE);
	return (int32_t)number_of(table, index);
}

void creds_keep(struct creds *table, uint32_t index)
{
	set_state(table, index, CREDS_USED);
}

void creds_doubt(struct creds *table, uint32_t index)
{
	set_state(table, index, CREDS_DOUBTED);
}

/* The place of an entry that is there. */
static uint32_t *place_of(struct creds *table, uint32_t index)
{
	uint16_t listener = table->slots[index].listener;
	struct places at = places_of(table, listener, &table->entries[index]);

	return (uint32_t *)(uintptr_t)find(table, &at, listener, &table->entries[index]);
}

void creds_free(struct creds *table, uint32_t index)
{
	uint32_t *place = place_of(table, index);

	if (place)
		__atomic_store_n(place, 0, __ATOMIC_RELEASE);
	begin_write(&table->slots[index]);
	set_state(table, index, CREDS_FREE);
	__atomic_store_n(&table->slots[index].uses, (uint8_t)(table->slots[index].uses + 1), __ATOMIC_SEQ_CST);
	end_write(&table->slots[index]);
	__atomic_store_n(&table->count, table->count - 1, __ATOMIC_RELEASE);
}

uint32_t creds_next(const struct creds *table, uint16_t listener, uint32_t from)
{
	while (from < LIMIT_CREDENTIALS && (table->slots[from].state == CREDS_FREE || table->slots[from].listener != listener))
		from++;
	return from;
}
