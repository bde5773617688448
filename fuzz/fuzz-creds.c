/* SPDX-License-Identifier: Apache-2.0 */
/* Input: two bytes a step: some credentials of a listener, and what is done with them. The reference is a list. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "rule/creds.h"

#define KINDS 64    /* the second half are those of the first, of another listener */
#define NEAR_END 8  /* all have one of these last buckets, of which some are too small for them */
#define STEPS_MAX 128

static struct creds table;
static struct kind {
	struct cred cred;
	uint16_t listener;
	int32_t number; /* -ENOENT: it has none */
	bool doubted;
} kinds[KINDS];
static uint32_t count;

static void empty(void)
{
	memset(table.buckets, 0, sizeof(table.buckets));
	memset(table.slots, 0, sizeof(table.slots));
	table.count = table.next = 0;
}

/* Credentials that are alike but for one field, by where they go in a table that is empty. */
static void choose_kinds(void)
{
	uint32_t bits = 0;

	for (size_t n = 0; n < KINDS;) {
		struct cred c = cred_root(0, 0xff, 0x0f, 0xffff, 0);
		uint16_t listener = n < KINDS / 2 ? 3 : 7;
		int32_t index;
		bool found = false;

		c.n_groups = LIMIT_GROUPS;
		*(n % 3 == 0 ? &c.ruid : n % 3 == 1 ? &c.fsgid : &c.groups[LIMIT_GROUPS - 1]) = ++bits;
		index = creds_add(&table, listener, &c, true);
		if (index < 0)
			abort();
		for (uint32_t i = 0; i < NEAR_END * CREDS_WAYS; i++)
			found |= table.buckets[CREDS_BUCKETS - NEAR_END + i / CREDS_WAYS][i % CREDS_WAYS] != 0;
		if (found)
			kinds[n++] = (struct kind){ .cred = c, .listener = listener };
		creds_free(&table, (uint32_t)index);
	}
	CHECK(table.count == 0);
	empty();
}

/* Once: it is full at a number, says so, and what was there stays. */
static void check_full(void)
{
	struct cred c = cred_root(0, 0, 0, 0, 0), got;

	c.ruid = CRED_KEEP;
	CHECK(creds_add(&table, 1, &c, true) == -EINVAL && table.count == 0);
	for (uint32_t i = 0; i < LIMIT_CREDENTIALS; i++) {
		c.ruid = i;
		CHECK((i % 8 || creds_find(&table, 1, &c) == -ENOENT) && creds_add(&table, 1, &c, true) == (int32_t)i);
	}
	c.ruid = LIMIT_CREDENTIALS;
	CHECK(creds_add(&table, 1, &c, true) == -ENOSPC && creds_find(&table, 1, &c) == -ENOENT && creds_count(&table) == LIMIT_CREDENTIALS);
	CHECK(!creds_get(&table, LIMIT_CREDENTIALS, &got));
	for (uint32_t i = 0; i < LIMIT_CREDENTIALS; i += 77) {
		c.ruid = i;
		CHECK(creds_find(&table, 2, &c) == -ENOENT);
		CHECK(creds_add(&table, 1, &c, true) == (int32_t)i && creds_get(&table, i, &got) && cred_equal(&got, &c));
	}
	/* the one place that becomes free is found, also before the last one */
	creds_free(&table, LIMIT_CREDENTIALS - 10);
	c.ruid = LIMIT_CREDENTIALS + 1;
	CHECK(creds_add(&table, 3, &c, true) == 2 * LIMIT_CREDENTIALS - 10);
	/* who carries the number of the one before has nothing of this one */
	CHECK(!creds_get(&table, LIMIT_CREDENTIALS - 10, &got) && !creds_is_sure(&table, LIMIT_CREDENTIALS - 10));
	creds_free(&table, 4711);
	CHECK(!creds_get(&table, 4711, &got) && creds_next(&table, 1, 4711) == 4712);
	CHECK(creds_add(&table, 2, &c, true) == LIMIT_CREDENTIALS + 4711 && creds_count(&table) == LIMIT_CREDENTIALS);
	empty();
}

static struct kind *kind_at(uint32_t number)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].number == (int32_t)number)
			return &kinds[i];
	return NULL;
}

static void check_number(uint32_t number)
{
	const struct kind *kind = number <= INT32_MAX ? kind_at(number) : NULL;
	struct cred got, before;

	memset(&before, 0x5a, sizeof(before));
	got = before;
	CHECK(creds_get(&table, number, &got) == (kind != NULL));
	CHECK(cred_equal(&got, kind ? &kind->cred : &before));
	CHECK(creds_is_sure(&table, number) == (kind && !kind->doubted));
}

static void check_add(struct kind *kind, bool new_ones)
{
	int32_t r = creds_add(&table, kind->listener, &kind->cred, new_ones);

	kind->doubted = false;
	if (kind->number < 0 && r == -ENOSPC) {
		/* both buckets may be full, of which one is too small for all */
		CHECK(!new_ones || count >= CREDS_WAYS);
		return;
	}
	if (kind->number < 0) {
		CHECK(new_ones && r >= 0 && !kind_at((uint32_t)r));
		kind->number = r;
		count++;
	}
	CHECK(r == kind->number);
}

static void step(struct kind *kind, uint8_t what)
{
	if (what % 8 < 4)
		check_add(kind, what % 8 != 3);
	if (what % 8 > 4 && kind->number >= 0) {
		if (what % 8 == 5)
			creds_doubt(&table, (uint32_t)kind->number % LIMIT_CREDENTIALS);
		else if (what % 8 == 6)
			creds_keep(&table, (uint32_t)kind->number % LIMIT_CREDENTIALS);
		else
			creds_free(&table, (uint32_t)kind->number % LIMIT_CREDENTIALS);
		kind->doubted = what % 8 == 5;
		if (what % 8 == 7) {
			count--;
			kind->number = -ENOENT;
		}
	}
	CHECK(creds_find(&table, kind->listener, &kind->cred) == (kind->doubted ? -ENOENT : kind->number));
	CHECK(creds_count(&table) == count);
	check_number(what);
	check_number(0U - what);
}

/* What each listener has, in the order of the indexes. */
static void check_next(uint16_t listener)
{
	uint32_t n = 0, want = 0;

	for (uint32_t i = 0; i < KINDS; i++) {
		if (kinds[i].number < 0 || kinds[i].listener != listener)
			continue;
		want++;
		CHECK(creds_next(&table, listener, (uint32_t)kinds[i].number % LIMIT_CREDENTIALS) == (uint32_t)kinds[i].number % LIMIT_CREDENTIALS);
	}
	for (uint32_t i = 0; n <= want && (i = creds_next(&table, listener, i)) < LIMIT_CREDENTIALS; i++)
		n++;
	CHECK(n == want);
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
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i].number = -ENOENT;
		kinds[i].doubted = false;
	}
	for (size_t i = 0; i + 1 < size && i < 2 * STEPS_MAX; i += 2)
		step(&kinds[data[i] % KINDS], data[i + 1]);
	for (size_t i = 0; i < KINDS; i++)
		CHECK(creds_find(&table, kinds[i].listener, &kinds[i].cred) == (kinds[i].doubted ? -ENOENT : kinds[i].number));
	if (size % 16 == 0) {
		check_next(3);
		check_next(7);
	}
	empty();
	return 0;
}
