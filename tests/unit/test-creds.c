/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/creds.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static struct creds table;

static int empty_table(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	return 0;
}

/* Different for each number, in more than one word. */
static struct cred numbered(uint32_t n)
{
	struct cred c = cred_root(0, n, n, ~0U, 0);

	c.ruid = c.euid = c.suid = c.fsuid = n;
	c.n_groups = 1;
	c.groups[0] = n;
	return c;
}

static int32_t add(uint32_t n)
{
	struct cred c = numbered(n);

	return creds_add(&table, 1, &c, true);
}

static int32_t find(uint32_t n)
{
	struct cred c = numbered(n);

	return creds_find(&table, 1, &c);
}

static void assert_entry(uint32_t index, uint32_t n)
{
	struct cred want = numbered(n), got;

	assert_true(creds_get(&table, index, &got));
	assert_true(cred_equal(&got, &want));
}

static void an_empty_table_has_none(void **state)
{
	struct cred c;

	(void)state;
	assert_int_equal(creds_count(&table), 0);
	assert_int_equal(find(1), -ENOENT);
	assert_false(creds_get(&table, 0, &c));
}

static void each_stands_there_once(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint32_t n = 0; n < 100; n++) {
			assert_int_equal(find(n), round ? (int32_t)n : -ENOENT);
			assert_int_equal(add(n), n);
			assert_int_equal(creds_count(&table), round ? 100 : n + 1);
		}
	}
	for (uint32_t n = 0; n < 100; n++)
		assert_entry(n, n);
	assert_int_equal(find(100), -ENOENT);
}

static void every_field_counts(void **state)
{
	const struct cred c = numbered(7);

	(void)state;
	assert_int_equal(creds_add(&table, 1, &c, true), 0);
	/* one bit of each word, where the result could be somebody's */
	for (size_t at = 0, next = 1; at < sizeof(c); at += sizeof(uint32_t)) {
		struct cred other = c, got;
		uint32_t word;

		memcpy(&word, (char *)&other + at, sizeof(word));
		word ^= at == offsetof(struct cred, n_groups) ? 2 : 1;
		memcpy((char *)&other + at, &word, sizeof(word));
		if (!cred_is_valid(&other))
			continue;
		assert_int_equal(creds_find(&table, 1, &other), -ENOENT);
		assert_int_equal(creds_add(&table, 1, &other, true), next);
		assert_true(creds_get(&table, (uint32_t)next, &got) && cred_equal(&got, &other));
		next++;
	}
	/* eight ids, bounding, securebits, groups: not what would have to be a subset of another set, nor a group in no order */
	assert_true(creds_count(&table) >= 12);
	assert_int_equal(creds_find(&table, 1, &c), 0);
}

static void what_nobody_can_have_is_refused(void **state)
{
	struct cred id = numbered(1), order = numbered(2), set = numbered(3), behind = numbered(4), many = numbered(5);

	(void)state;
	id.suid = CRED_KEEP;
	order.n_groups = 2;
	set.effective = 1 << 4;
	behind.groups[1] = 9;
	many.n_groups = LIMIT_GROUPS + 1;
	assert_int_equal(creds_add(&table, 1, &id, true), -EINVAL);
	assert_int_equal(creds_add(&table, 1, &order, true), -EINVAL);
	assert_int_equal(creds_add(&table, 1, &set, true), -EINVAL);
	assert_int_equal(creds_add(&table, 1, &behind, true), -EINVAL);
	assert_int_equal(creds_add(&table, 1, &many, true), -EINVAL);
	assert_int_equal(creds_count(&table), 0);
	assert_int_equal(creds_find(&table, 1, &id), -ENOENT);
	assert_int_equal(add(1), 0);
}

static void indexes_out_of_range(void **state)
{
	static const uint32_t beyond[] = { 3, 4, LIMIT_CREDENTIALS - 1, LIMIT_CREDENTIALS, INT32_MAX, 1U << 31, UINT32_MAX };
	struct cred c, before;

	(void)state;
	for (uint32_t n = 0; n < 3; n++)
		assert_int_equal(add(n), n);
	memset(&before, 0x5a, sizeof(before));
	c = before;
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		assert_false(creds_get(&table, beyond[i], &c));
		assert_true(cred_equal(&c, &before));
	}
	assert_true(creds_get(&table, 2, &c));
}

static void is_full_at_its_limit(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < LIMIT_CREDENTIALS; n++)
		assert_int_equal(add(n), n);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(add(LIMIT_CREDENTIALS), -ENOSPC);
		assert_int_equal(creds_count(&table), LIMIT_CREDENTIALS);
	}
	assert_int_equal(find(LIMIT_CREDENTIALS), -ENOENT);
	/* those that are there are found still, and added as often as one likes */
	for (uint32_t n = 0; n < LIMIT_CREDENTIALS; n++) {
		assert_int_equal(find(n), n);
		assert_entry(n, n);
	}
	assert_int_equal(add(LIMIT_CREDENTIALS - 1), LIMIT_CREDENTIALS - 1);
}

/* Those of another listener are others, and end by themselves. */
static void each_listener_has_its_own(void **state)
{
	struct cred c = numbered(5);
	uint32_t index = 0, n = 0;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(add(i), i);
	assert_int_equal(creds_find(&table, 2, &c), -ENOENT);
	assert_int_equal(creds_add(&table, 2, &c, true), 100);
	assert_int_equal(creds_find(&table, 2, &c), 100);
	assert_int_equal(find(5), 5);
	assert_int_equal(creds_next(&table, 2, 0), 100);
	assert_int_equal(creds_next(&table, 2, 101), LIMIT_CREDENTIALS);
	for (; (index = creds_next(&table, 1, index)) < LIMIT_CREDENTIALS; n++)
		creds_free(&table, index);
	assert_int_equal(n, 100);
	assert_int_equal(creds_count(&table), 1);
	assert_int_equal(find(5), -ENOENT);
	assert_int_equal(creds_find(&table, 2, &c), 100);
	assert_entry(100, 5);
	assert_false(creds_get(&table, 5, &c));
}

static void a_doubt(void **state)
{
	struct cred c = numbered(1);

	(void)state;
	assert_int_equal(add(1), 0);
	assert_true(creds_is_sure(&table, 0));
	assert_false(creds_is_sure(&table, 1));
	assert_false(creds_is_sure(&table, UINT32_MAX));
	creds_doubt(&table, 0);
	/* a process may have them; who wants to give them asks */
	assert_entry(0, 1);
	assert_false(creds_is_sure(&table, 0));
	assert_int_equal(find(1), -ENOENT);
	assert_int_equal(creds_add(&table, 1, &c, false), 0);
	assert_true(creds_is_sure(&table, 0));
	assert_int_equal(find(1), 0);
	creds_doubt(&table, 0);
	creds_keep(&table, 0);
	assert_int_equal(find(1), 0);
	creds_free(&table, 0);
	assert_false(creds_is_sure(&table, 0));
	assert_int_equal(creds_add(&table, 1, &c, false), -ENOSPC);
	/* an index is used again late, and then its number is another one */
	assert_int_equal(add(1), 1);
	table.next = 0;
	assert_int_equal(add(2), LIMIT_CREDENTIALS);
	assert_entry(LIMIT_CREDENTIALS, 2);
	assert_false(creds_get(&table, 0, &c));
	assert_false(creds_is_sure(&table, 0));
}

#define WRITTEN 8000U

static void *write_all(void *unused)
{
	(void)unused;
	for (uint32_t n = 0; n < WRITTEN; n++)
		if (add(n) != (int32_t)n)
			return (void *)1;
	return NULL;
}

/* What a reader is told is there is whole, and stays. */
static void reads_beside_a_writer(void **state)
{
	pthread_t writer;
	uint32_t count = 0;
	void *failed;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_all, NULL), 0);
	while (count < WRITTEN) {
		uint32_t now = creds_count(&table);
		int32_t r = find(now);

		assert_true(now >= count);
		count = now;
		/* it may have come meanwhile */
		assert_true(r == -ENOENT || r == (int32_t)now);
		if (count == 0)
			continue;
		assert_entry(count - 1, count - 1);
		assert_entry(count / 2, count / 2);
		/* the one before the last that is counted is in its bucket as well */
		assert_true(count < 2 || find(count - 2) == (int32_t)count - 2);
	}
	assert_int_equal(pthread_join(writer, &failed), 0);
	assert_null(failed);
}

static bool stop;

static void *free_and_add(void *unused)
{
	(void)unused;
	for (uint32_t n = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); n++) {
		int32_t index = add(n % 64);

		if (index < 0)
			return (void *)1;
		/* so that the same index is used */
		table.next = (uint32_t)index % LIMIT_CREDENTIALS;
		creds_free(&table, (uint32_t)index % LIMIT_CREDENTIALS);
	}
	return NULL;
}

/* What is read of an entry that is freed and used again is one or the other. */
static void reads_beside_one_who_frees(void **state)
{
	uint32_t there = 0, gone = 0;
	pthread_t writer;
	void *failed;

	(void)state;
	stop = false;
	assert_int_equal(pthread_create(&writer, NULL, free_and_add, NULL), 0);
	for (uint32_t i = 0; i < 400000 || (i < 40000000 && (there < 100 || gone < 100)); i++) {
		struct cred got;
		int32_t index = find(i % 64);

		assert_true(index == -ENOENT || index % (int32_t)LIMIT_CREDENTIALS == 0);
		if (!creds_get(&table, i % 256 * LIMIT_CREDENTIALS, &got)) {
			gone++;
			continue;
		}
		there++;
		assert_in_range(got.ruid, 0, 63);
		assert_true(got.euid == got.ruid && got.n_groups == 1 && got.groups[0] == got.ruid && got.effective == got.ruid);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(writer, &failed), 0);
	assert_null(failed);
	assert_true(there > 0 && gone > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_table_has_none, empty_table),
		cmocka_unit_test_setup(each_stands_there_once, empty_table),
		cmocka_unit_test_setup(every_field_counts, empty_table),
		cmocka_unit_test_setup(what_nobody_can_have_is_refused, empty_table),
		cmocka_unit_test_setup(indexes_out_of_range, empty_table),
		cmocka_unit_test_setup(is_full_at_its_limit, empty_table),
		cmocka_unit_test_setup(each_listener_has_its_own, empty_table),
		cmocka_unit_test_setup(a_doubt, empty_table),
		cmocka_unit_test_setup(reads_beside_a_writer, empty_table),
		cmocka_unit_test_setup(reads_beside_one_who_frees, empty_table),
	};

	return cmocka_run_group_tests_name("creds", tests, NULL, NULL);
}
