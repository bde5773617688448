/* SPDX-License-Identifier: Apache-2.0 */
/* Input: two bytes a step: a key, what is done with it. The reference is an array with a place for each key. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "rule/records.h"

#define KEYS 48
#define NEAR_END (2 * RECORDS_WAYS) /* all keys have a bucket among the last two, which are too small for them */
#define STEPS_MAX 128
#define SLOTS (RECORDS_FEWEST << 1) /* the table has grown once, and never does again */

static const struct owner none = { OWNER_NONE, OWNER_NONE };
static struct records table;
static struct record_key keys[KEYS];
static struct owner model[KEYS];
static bool has_xattrs[KEYS];

#define FIXED_FLAGS (RECORD_FLAGS & ~RECORD_XATTRS)

static int set(const struct record_key *key, struct owner owner)
{
	return records_set(&table, &(struct record){ .key = *key, .owner = owner, .flags = key->born & FIXED_FLAGS });
}

static int find(const struct record_key *key, struct owner *owner)
{
	struct record record = { .flags = ~0U };
	int r = records_find(&table, key, &record);

	CHECK(r == 1 ? (record.flags & ~RECORD_XATTRS) == (key->born & FIXED_FLAGS) : record.flags == ~0U);
	if (r == 1)
		*owner = record.owner;
	return r;
}

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
		if (set(&key, (struct owner){ 1, 1 }) != 1)
			abort();
		for (uint32_t i = SLOTS - NEAR_END; i < SLOTS; i++)
			if (!is_unused(i))
				keys[n++] = key;
		if (set(&key, none) != -1)
			abort();
	}
}

/* Once: it is full at a number, says so, and is as usable as before. */
static void check_full(void)
{
	struct record_key key = { 1, 0, 1 };
	struct owner got = { 3, 4 };

	CHECK(set(&key, (struct owner){ 1, 2 }) == -EINVAL && set(&key, none) == -EINVAL);
	for (key.ino = 1; key.ino <= RECORDS_MOST; key.ino++)
		CHECK(set(&key, (struct owner){ (uint32_t)key.ino, 2 }) == 1);
	CHECK(set(&key, (struct owner){ 1, 2 }) == -ENOSPC && set(&key, none) == 0);
	/* though the table has grown many times */
	for (struct record_key old = { 1, 1, 1 }; old.ino <= RECORDS_MOST; old.ino += 7)
		CHECK(find(&old, &got) == 1 && got.cuid == old.ino && records_may_know(&table, old.ino, 1));
	got = (struct owner){ 3, 4 };
	CHECK(table.count == RECORDS_MOST && find(&key, &got) == 0 && got.cuid == 3 && got.cgid == 4);
	key.ino = 5;
	CHECK(find(&key, &got) == 1 && got.cuid == 5);
	CHECK(records_may_know(&table, 5, 1) && !records_may_know(&table, 5, 2));
	CHECK(set(&key, (struct owner){ 6, 6 }) == 0 && set(&key, none) == -1);
	CHECK(records_set(&table, &(struct record){ .key = { 1, 5, 1 }, .owner = { 1, 1 }, .flags = RECORD_FLAGS + 1 }) == -EINVAL);
	CHECK(records_set(&table, &(struct record){ .key = { 1, 5, 1 }, .owner = { 1, 1 }, .reserved = 1 }) == -EINVAL);
	memset(&table, 0, sizeof(table));
	/* objects of one number and birth on many file systems fill two buckets, and more slots would not help */
	for (uint64_t fs = 0; fs <= 2 * RECORDS_WAYS; fs++)
		CHECK(set(&(struct record_key){ fs, 5, 1 }, (struct owner){ 1, 2 }) == (fs < 2 * RECORDS_WAYS ? 1 : -ENOSPC));
	CHECK(table.doublings == 0);
	memset(&table, 0, sizeof(table));
	CHECK(!records_may_know(&table, 5, 1));
}

/* On whatever file system: the owner of one of those that differ in that alone, if one has any. */
static void check_anywhere(size_t key)
{
	struct record record;
	int r = records_find_anywhere(&table, &(struct record_key){ 1, keys[key].ino, keys[key].born }, &record);
	bool there = false, found = false;

	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i].ino != keys[key].ino || keys[i].born != keys[key].born || owner_is_none(model[i]))
			continue;
		there = true;
		found |= r == 1 && owner_equal(record.owner, model[i]) && record.key.fs == keys[i].fs;
	}
	CHECK(r == there && found == there);
}

static void check_found(size_t key)
{
	struct owner got = { 0x11111111, 0x22222222 };
	int r = find(&keys[key], &got);

	CHECK(r == !owner_is_none(model[key]));
	CHECK(r == 0 || records_may_know(&table, keys[key].ino, keys[key].born));
	check_anywhere(key);
	CHECK(owner_equal(got, r == 1 ? model[key] : (struct owner){ 0x11111111, 0x22222222 }));
}

static void step(size_t key, uint8_t what, uint32_t *count)
{
	/* a half may be none, both are no owner */
	struct owner want = { what & 8 ? OWNER_NONE : what, what & 4 ? OWNER_NONE : what * 3U };
	int there = !owner_is_none(model[key]);
	uint32_t before = table.sequence, xattrs = what & 2 ? RECORD_XATTRS : 0, n = 0;
	struct record change = { .key = keys[key], .owner = want, .flags = (keys[key].born & FIXED_FLAGS) | xattrs };
	bool replays = what & 1;
	int r = replays ? records_replay(&table, &change) : records_set(&table, &change);
	struct record got;

	CHECK(r == !owner_is_none(want) - there);
	CHECK((table.sequence != before) == (there || r != 0) && table.sequence % 2 == 0);
	model[key] = want;
	/* for a change that was recorded, until it is removed */
	has_xattrs[key] = !owner_is_none(want) && (xattrs || (replays && there && has_xattrs[key]));
	CHECK(owner_is_none(want) || (records_find(&table, &keys[key], &got) == 1 && !(got.flags & RECORD_XATTRS) == !has_xattrs[key]));
	for (size_t i = 0; i < KEYS; i++)
		n += has_xattrs[i];
	CHECK(table.xattrs == n);
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
	CHECK(find(&keys[0], &got) == -EAGAIN && got.cuid == 7 && got.cgid == 8);
	table.sequence++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	uint32_t count = 0;

	if (!ready) {
		check_full();
		table.doublings = 1;
		choose_keys();
	}
	ready = true;
	for (size_t i = 0; i < KEYS; i++)
		model[i] = none;
	for (size_t i = 0; i + 1 < size && i < 2 * STEPS_MAX; i += 2)
		step(data[i] % KEYS, data[i + 1], &count);
	if (size % 64 == 63)
		check_stopped();
	for (size_t i = 0; i < KEYS; i++)
		CHECK(set(&keys[i], none) == (owner_is_none(model[i]) ? 0 : -1));
	CHECK(records_are_empty(&table) && table.xattrs == 0);
	memset(has_xattrs, 0, sizeof(has_xattrs));
	for (size_t i = 0; i < KEYS; i++)
		CHECK(!records_may_know(&table, keys[i].ino, keys[i].born));
	for (uint32_t i = 0; i < NEAR_END; i++)
		CHECK(is_unused(SLOTS - NEAR_END + i));
	/* what a broken table left behind shall not be seen in the next run */
	table.count = table.sequence = table.xattrs = 0;
	return 0;
}
