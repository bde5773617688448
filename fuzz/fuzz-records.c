/* SPDX-License-Identifier: Apache-2.0 */
/* Input: two bytes a step: a key, what is done with it. The reference is an array with a place for each key. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "rule/records.h"

#define KEYS 48
#define NEAR_END (2 * RECORDS_WAYS) /* all keys have a bucket among the last two, which are too small for them */
#define STEPS_MAX 128
#define CAPACITY (LIMIT_RECORDS / 4 * 3) /* fuller it would probe for long */

static const struct owner none = { OWNER_NONE, OWNER_NONE };
static struct records table;
static struct record_key keys[KEYS];
static struct owner model[KEYS];

static bool is_unused(uint32_t slot)
{
	static const struct record zero;

	return memcmp(&table.slots[slot], &zero, sizeof(zero)) == 0;
}

/* Keys that are alike but for one of the three numbers, by where a record goes in an empty table. */
static void choose_keys(void)
{
	uint64_t bits = 88172645463325252U;

	for (size_t n = 0; n < KEYS;) {
		/* one that differs in its file system alone has the home of the one before */
		struct record_key key = n % 3 == 1 ? keys[n - 1] : (struct record_key){ 7, 8, 9 };

		bits = bits * 6364136223846793005U + 1442695040888963407U;
		*(n % 3 == 1 ? &key.fs : n % 3 == 0 ? &key.ino : &key.born) = 10 + (bits >> 1);
		if (records_set(&table, &key, (struct owner){ 1, 1 }) != 1)
			abort();
		for (uint32_t i = LIMIT_RECORDS - NEAR_END; i < LIMIT_RECORDS; i++)
			if (!is_unused(i))
				keys[n++] = key;
		if (records_set(&table, &key, none) != -1)
			abort();
	}
}

/* Once: it is full at a number, says so, and is as usable as before. */
static void check_full(void)
{
	struct record_key key = { 1, 0, 1 };
	struct owner got = { 3, 4 };

	CHECK(records_set(&table, &key, (struct owner){ 1, 2 }) == -EINVAL && records_set(&table, &key, none) == -EINVAL);
	for (key.ino = 1; key.ino <= CAPACITY; key.ino++)
		CHECK(records_set(&table, &key, (struct owner){ (uint32_t)key.ino, 2 }) == 1);
	CHECK(records_set(&table, &key, (struct owner){ 1, 2 }) == -ENOSPC && records_set(&table, &key, none) == 0);
	CHECK(table.count == CAPACITY && records_find(&table, &key, &got) == 0 && got.cuid == 3 && got.cgid == 4);
	key.ino = 5;
	CHECK(records_find(&table, &key, &got) == 1 && got.cuid == 5);
	CHECK(records_may_know(&table, 5, 1) && !records_may_know(&table, 5, 2));
	CHECK(records_set(&table, &key, (struct owner){ 6, 6 }) == 0 && records_set(&table, &key, none) == -1);
	memset(&table, 0, sizeof(table));
	CHECK(!records_may_know(&table, 5, 1));
}

static void check_found(size_t key)
{
	struct owner got = { 0x11111111, 0x22222222 };
	int r = records_find(&table, &keys[key], &got);

	CHECK(r == !owner_is_none(model[key]));
	CHECK(r == 0 || records_may_know(&table, keys[key].ino, keys[key].born));
	CHECK(owner_equal(got, r == 1 ? model[key] : (struct owner){ 0x11111111, 0x22222222 }));
}

static void step(size_t key, uint8_t what, uint32_t *count)
{
	/* a half may be none, both are no owner */
	struct owner want = { what & 8 ? OWNER_NONE : what, what & 4 ? OWNER_NONE : what * 3U };
	int there = !owner_is_none(model[key]);
	uint32_t before = table.sequence;
	int r = records_set(&table, &keys[key], want);

	CHECK(r == !owner_is_none(want) - there);
	CHECK((table.sequence != before) == (there || r != 0) && table.sequence % 2 == 0);
	model[key] = want;
	*count += (uint32_t)r;
	CHECK(table.count == *count && records_are_empty(&table) == (*count == 0));
	/* a removal takes no other with it */
	for (size_t i = r < 0 ? 0 : key; i < (r < 0 ? KEYS : key + 1); i++)
		check_found(i);
}

/* A reader gives up on a writer that stopped half-way. */
static void check_stopped(void)
{
	struct owner got = { 7, 8 };

	table.sequence++;
	CHECK(!owner_is_none(model[0]) || records_may_know(&table, keys[0].ino, keys[0].born));
	CHECK(records_find(&table, &keys[0], &got) == -EAGAIN && got.cuid == 7 && got.cgid == 8);
	table.sequence++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	uint32_t count = 0;

	if (!ready) {
		choose_keys();
		check_full();
	}
	ready = true;
	for (size_t i = 0; i < KEYS; i++)
		model[i] = none;
	for (size_t i = 0; i + 1 < size && i < 2 * STEPS_MAX; i += 2)
		step(data[i] % KEYS, data[i + 1], &count);
	if (size % 64 == 63)
		check_stopped();
	for (size_t i = 0; i < KEYS; i++)
		CHECK(records_set(&table, &keys[i], none) == (owner_is_none(model[i]) ? 0 : -1));
	CHECK(records_are_empty(&table));
	for (size_t i = 0; i < KEYS; i++)
		CHECK(!records_may_know(&table, keys[i].ino, keys[i].born));
	for (uint32_t i = 0; i < NEAR_END; i++)
		CHECK(is_unused(LIMIT_RECORDS - NEAR_END + i));
	/* what a broken table left behind shall not be seen in the next run */
	table.count = table.sequence = 0;
	return 0;
}
