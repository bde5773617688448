/* SPDX-License-Identifier: Apache-2.0 */
/* Input: two bytes a step: some credentials, and what is done with them. The reference is a list. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "rule/creds.h"

#define KINDS 32
#define NEAR_END 16/* the buckets of all of them are these last ones, so that they collide, and go on at the first */
#define STEPS_MAX 128

static struct creds table;
static struct cred kinds[KINDS];
static size_t list[KINDS]; /* what stands at each index */
static int32_t index_of[KINDS];
static uint32_t count;

static void empty(void)
{
	memset(table.buckets, 0, sizeof(table.buckets));
	memset(table.entries, 0, table.count * sizeof(table.entries[0]));
	table.count = 0;
}

/* Credentials that are alike but for one field, by where they go in a table that is all but empty. */
static void choose_kinds(void)
{
	uint32_t bits = 0;

	for (size_t n = 0; n < KINDS;) {
		struct cred c = cred_root(0, 0xff, 0x0f, 0xffff, 0);
		bool found = false;

		c.n_groups = LIMIT_GROUPS;
		*(n % 3 == 0 ? &c.ruid : n % 3 == 1 ? &c.fsgid : &c.groups[LIMIT_GROUPS - 1]) = ++bits;
		if (creds_add(&table, &c) < 0)
			abort();
		for (uint32_t i = CREDS_BUCKETS - NEAR_END; i < CREDS_BUCKETS; i++)
			found |= table.buckets[i] != 0;
		if (found)
			kinds[n++] = c;
		if (found || table.count == CREDS_BUCKETS / 64)
			empty();
	}
}

/* Once: it is full at a number, says so, and what was there stays. */
static void check_full(void)
{
	struct cred c = cred_root(0, 0, 0, 0, 0), got;

	c.ruid = CRED_KEEP;
	CHECK(creds_add(&table, &c) == -EINVAL && table.count == 0);
	for (uint32_t i = 0; i < LIMIT_CREDENTIALS; i++) {
		c.ruid = i;
		CHECK(creds_find(&table, &c) == -ENOENT && creds_add(&table, &c) == (int32_t)i);
	}
	c.ruid = LIMIT_CREDENTIALS;
	CHECK(creds_add(&table, &c) == -ENOSPC && creds_find(&table, &c) == -ENOENT && creds_count(&table) == LIMIT_CREDENTIALS);
	CHECK(!creds_get(&table, LIMIT_CREDENTIALS, &got));
	for (uint32_t i = 0; i < LIMIT_CREDENTIALS; i += 7) {
		c.ruid = i;
		CHECK(creds_add(&table, &c) == (int32_t)i && creds_get(&table, i, &got) && cred_equal(&got, &c));
	}
	empty();
}

static void check_index(uint32_t index)
{
	struct cred got, before;

	memset(&before, 0x5a, sizeof(before));
	got = before;
	if (creds_get(&table, index, &got))
		CHECK(index < count && cred_equal(&got, &kinds[list[index]]));
	else
		CHECK(index >= count && cred_equal(&got, &before));
}

static void step(size_t kind, uint8_t what)
{
	int32_t r = what & 1 ? creds_add(&table, &kinds[kind]) : creds_find(&table, &kinds[kind]);

	if (what & 1 && index_of[kind] < 0) {
		list[count] = kind;
		index_of[kind] = (int32_t)count++;
	}
	CHECK(r == index_of[kind] && creds_count(&table) == count);
	check_index(what >> 1);
	check_index(0U - what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;

	if (!ready) {
		choose_kinds();
		check_full();
	}
	ready = true;
	count = 0;
	for (size_t i = 0; i < KINDS; i++)
		index_of[i] = -ENOENT;
	for (size_t i = 0; i + 1 < size && i < 2 * STEPS_MAX; i += 2)
		step(data[i] % KINDS, data[i + 1]);
	for (size_t i = 0; i < KINDS; i++)
		CHECK(creds_find(&table, &kinds[i]) == index_of[i]);
	empty();
	return 0;
}
