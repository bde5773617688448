/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/records.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define CLUSTER 40
#define NEAR_END (2 * RECORDS_WAYS) /* all go first to the two last buckets, which are too small for them */
#define LOOKUPS 300000

static struct records table;
static const struct owner none = { OWNER_NONE, OWNER_NONE };
static uint64_t seed = 88172645463325252U;

static uint64_t random_bits(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* As the calls, of an owner alone. */
static int set(struct records *to, const struct record_key *key, struct owner owner)
{
	return records_set(to, &(struct record){ .key = *key, .owner = owner });
}

static int find(const struct records *from, const struct record_key *key, struct owner *owner)
{
	struct record record;
	int r = records_find(from, key, &record);

	if (r == 1)
		*owner = record.owner;
	return r;
}

static int empty_table(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	return 0;
}

static struct owner owner_of(uint64_t n)
{
	return (struct owner){ (uint32_t)n & 0x7fffffff, (uint32_t)(n >> 32) & 0x7fffffff };
}

static void assert_found(const struct record_key *key, struct owner want)
{
	struct owner got = { 0x11111111, 0x22222222 };

	assert_int_equal(find(&table, key, &got), 1);
	assert_true(owner_equal(got, want));
}

static void assert_absent(const struct record_key *key)
{
	struct owner got = { 0x11111111, 0x22222222 };

	assert_int_equal(find(&table, key, &got), 0);
	assert_true(owner_equal(got, (struct owner){ 0x11111111, 0x22222222 }));
}

static void assert_unused(void)
{
	static const struct record zero;

	assert_int_equal(table.count, 0);
	for (size_t i = 0; i < LIMIT_RECORDS; i++)
		if (memcmp(&table.slots[i], &zero, sizeof(zero)) != 0)
			fail_msg("slot %zu is not empty", i);
}

static void sets_finds_removes(void **state)
{
	struct record_key key = { 1, 2, 3 };

	(void)state;
	assert_true(records_are_empty(&table));
	assert_absent(&key);
	assert_int_equal(set(&table, &key, none), 0);
	assert_int_equal(set(&table, &key, (struct owner){ 5, OWNER_NONE }), 1);
	assert_false(records_are_empty(&table));
	assert_found(&key, (struct owner){ 5, OWNER_NONE });
	assert_int_equal(set(&table, &key, (struct owner){ 0, 0 }), 0);
	assert_found(&key, (struct owner){ 0, 0 });
	assert_int_equal(set(&table, &key, none), -1);
	assert_absent(&key);
	assert_int_equal(set(&table, &key, none), 0);
	assert_true(records_are_empty(&table));
	assert_unused();
}

static void all_of_the_key_counts(void **state)
{
	const struct record_key keys[] = { { 1, 2, 3 }, { 2, 2, 3 }, { 1, 3, 3 }, { 1, 2, 4 }, { 0, 2, 0 }, { 1ULL << 32, 2, 3 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		assert_absent(&keys[i]);
		assert_int_equal(set(&table, &keys[i], owner_of(i)), 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_found(&keys[i], owner_of(i));
}

static void refuses_bad_keys(void **state)
{
	struct record_key key = { 1, 0, 3 };
	struct record flag = { .key = { 1, 2, 3 }, .owner = { 1, 1 }, .flags = RECORD_FLAGS + 1 };

	(void)state;
	assert_int_equal(records_set(&table, &flag), -EINVAL);
	assert_int_equal(set(&table, &key, (struct owner){ 1, 1 }), -EINVAL);
	assert_int_equal(set(&table, &key, none), -EINVAL);
	assert_unused();
	assert_absent(&key);
}

/* Keys with a bucket among the last two, found by where a record goes in an empty table. */
static void find_cluster(struct record_key keys[static CLUSTER])
{
	size_t n = 0;

	while (n < CLUSTER) {
		/* alike but for one of the three; the file system says nothing about the home */
		struct record_key key = n % 3 == 1 ? keys[n - 1] : (struct record_key){ 7, 8, 9 };

		*(n % 3 == 1 ? &key.fs : n % 3 == 0 ? &key.ino : &key.born) = 10 + (random_bits() >> 1);

		assert_int_equal(set(&table, &key, (struct owner){ 1, 1 }), 1);
		for (size_t i = RECORDS_FEWEST - NEAR_END; i < RECORDS_FEWEST; i++) {
			if (table.slots[i].key.ino != 0) {
				keys[n++] = key;
				break;
			}
		}
		assert_int_equal(set(&table, &key, none), -1);
	}
	assert_unused();
}

/* A removal takes none of the others with it. */
static void colliding_homes(void **state)
{
	struct record_key keys[CLUSTER];
	bool there[CLUSTER] = { false };
	uint32_t count = 0;

	(void)state;
	find_cluster(keys);
	for (unsigned int step = 0; step < 20000; step++) {
		size_t i = random_bits() % CLUSTER;

		if (there[i]) {
			assert_int_equal(set(&table, &keys[i], none), -1);
			count--;
		} else {
			assert_int_equal(set(&table, &keys[i], owner_of(i)), 1);
			count++;
		}
		there[i] = !there[i];
		assert_int_equal(table.count, count);
		for (size_t k = 0; k < CLUSTER; k++) {
			if (there[k])
				assert_found(&keys[k], owner_of(k));
			else
				assert_absent(&keys[k]);
		}
	}
	for (size_t k = 0; k < CLUSTER; k++)
		assert_int_equal(set(&table, &keys[k], none), there[k] ? -1 : 0);
	assert_unused();
}

#define KEYS (1U << 18)

/* An array with one place for each key is the reference: filled, while the table grows, changed at random, emptied. */
static void is_like_an_array(void **state)
{
	static struct owner owners[KEYS];
	uint32_t count = 0;

	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		owners[i] = none;
	for (unsigned int step = 0; step < 10 * KEYS; step++) {
		uint64_t bits = random_bits();
		/* first more and more records, later fewer and fewer */
		bool removes = bits % 8 < (step < 7 * KEYS ? 1U : 7U);
		uint32_t i = (uint32_t)(bits >> 8) % KEYS;
		struct record_key key = { i % 3, 1 + i / 4, i };
		struct owner want = removes ? none : owner_of(bits);
		int r = set(&table, &key, want);

		assert_int_equal(r, !removes - !owner_is_none(owners[i]));
		owners[i] = want;
		count += (uint32_t)r;
		assert_int_equal(table.count, count);
		assert_in_range(records_slots(&table), RECORDS_FEWEST, 2 * KEYS);
	}
	for (uint32_t i = 0; i < KEYS; i++) {
		struct record_key key = { i % 3, 1 + i / 4, i };

		if (owner_is_none(owners[i])) {
			assert_absent(&key);
			continue;
		}
		assert_found(&key, owners[i]);
		assert_true(records_may_know(&table, key.ino, key.born));
		assert_int_equal(set(&table, &key, none), -1);
	}
	assert_unused();
}

/* Objects of one number and birth on many file systems: more slots would not help. */
static void does_not_grow_in_vain(void **state)
{
	struct record_key key = { 1, 2, 3 };

	(void)state;
	for (key.fs = 1; key.fs <= 2 * RECORDS_WAYS; key.fs++)
		if (set(&table, &key, (struct owner){ 1, 2 }) == -ENOSPC)
			break;
	/* one bucket or two */
	assert_true(key.fs == RECORDS_WAYS + 1 || key.fs == 2 * RECORDS_WAYS + 1);
	assert_int_equal(set(&table, &key, (struct owner){ 1, 2 }), -ENOSPC);
	assert_int_equal(records_slots(&table), RECORDS_FEWEST);
}

static void keeps_flags(void **state)
{
	struct record record = { .key = { 1, 2, 3 }, .owner = { 4, 5 }, .flags = RECORD_SOLE | RECORD_WATCHED }, got;

	(void)state;
	assert_int_equal(records_set(&table, &record), 1);
	assert_int_equal(records_find(&table, &record.key, &got), 1);
	assert_memory_equal(&got, &record, sizeof(got));
	record.flags = 0;
	assert_int_equal(records_set(&table, &record), 0);
	assert_int_equal(records_find(&table, &record.key, &got), 1);
	assert_int_equal(got.flags, 0);
}

static void is_full_at_its_capacity(void **state)
{
	struct record_key key = { 1, 0, 1 };
	uint32_t count = 0;
	int r;

	(void)state;
	do {
		key.ino++;
		r = set(&table, &key, (struct owner){ 1, 2 });
		count += r == 1;
	} while (r == 1 && count < LIMIT_RECORDS);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(table.count, count);
	assert_int_equal(count, RECORDS_MOST);
	assert_int_equal(table.sequence % 2, 0);
	assert_absent(&key);
	/* what is there can still be changed and removed, which makes room */
	key.ino = 1;
	assert_int_equal(set(&table, &key, (struct owner){ 3, 4 }), 0);
	assert_found(&key, (struct owner){ 3, 4 });
	assert_int_equal(set(&table, &key, none), -1);
	key.ino = 1ULL << 40;
	assert_int_equal(set(&table, &key, (struct owner){ 5, 6 }), 1);
	assert_found(&key, (struct owner){ 5, 6 });
}

static void sees_a_writer_that_stopped(void **state)
{
	struct record_key key = { 1, 2, 3 };
	struct owner got = { 7, 8 };

	(void)state;
	assert_int_equal(set(&table, &key, (struct owner){ 5, 6 }), 1);
	assert_int_equal(table.sequence, 2);
	table.sequence++;
	assert_int_equal(find(&table, &key, &got), -EAGAIN);
	assert_true(owner_equal(got, (struct owner){ 7, 8 }));
}

/* Says of each record which key it belongs to, so that halves of two records cannot pass as one. */
static struct owner versioned(size_t key, uint32_t version)
{
	uint32_t id = ((uint32_t)key << 24 | (version & 0xffffff)) & 0x7fffffff;

	return (struct owner){ id, ~id & 0x7fffffff };
}

static void write_for_ever(struct records *shared, const struct record_key *keys)
{
	for (uint32_t version = 0;; version++) {
		/* now and then the table grows */
		struct record_key more = { 1, version + 1, 1 };

		if (version < RECORDS_FEWEST * 16 && set(shared, &more, (struct owner){ 1, 1 }) < 0)
			_exit(1);
		/* the even keys always stay, and are moved when odd ones before them go */
		for (size_t k = 0; k < CLUSTER; k++)
			if (set(shared, &keys[k], versioned(k, version)) < 0)
				_exit(1);
		for (size_t k = 1; k < CLUSTER; k += 2)
			if (set(shared, &keys[k], none) < 0 && shared->count < CLUSTER / 2)
				_exit(1);
	}
}

static void reads_beside_a_writer(void **state)
{
	struct records *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct record_key keys[CLUSTER];
	unsigned int changes = 0, last = 0, bad = 0, found = 0, absent = 0;
	pid_t writer;

	(void)state;
	assert_true(shared != MAP_FAILED);
	find_cluster(keys);
	for (size_t k = 0; k < CLUSTER; k += 2)
		assert_int_equal(set(shared, &keys[k], versioned(k, 0)), 1);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0)
		write_for_ever(shared, keys);
	for (unsigned int i = 0; i < LOOKUPS || (changes < 10 && i < 100 * LOOKUPS); i++) {
		size_t k = i % CLUSTER;
		struct owner got = { 0, 0 };
		int r = find(shared, &keys[k], &got);

		if (r == -EAGAIN)
			continue; /* the writer had to wait for a CPU half-way */
		found += r == 1;
		absent += r == 0;
		bad += r == 0 ? k % 2 == 0 : got.cuid >> 24 != k || (got.cuid ^ got.cgid) != 0x7fffffff;
		changes += r == 1 && got.cuid != last;
		last = r == 1 ? got.cuid : last;
	}
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	assert_int_equal(munmap(shared, sizeof(*shared)), 0);
	assert_int_equal(bad, 0);
	assert_true(changes >= 10 && found > 0 && absent > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sets_finds_removes, empty_table),
		cmocka_unit_test_setup(all_of_the_key_counts, empty_table),
		cmocka_unit_test_setup(refuses_bad_keys, empty_table),
		cmocka_unit_test_setup(colliding_homes, empty_table),
		cmocka_unit_test_setup(is_like_an_array, empty_table),
		cmocka_unit_test_setup(does_not_grow_in_vain, empty_table),
		cmocka_unit_test_setup(keeps_flags, empty_table),
		cmocka_unit_test_setup(is_full_at_its_capacity, empty_table),
		cmocka_unit_test_setup(sees_a_writer_that_stopped, empty_table),
		cmocka_unit_test_setup(reads_beside_a_writer, empty_table),
	};

	return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
