/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/tmem.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "fake-tmem.h"

#define PAGE FAKE_PAGE
#define BASE 0x7f0000000000U /* a page boundary */
#define GUARD 0xa5

static char memory[4 * PAGE];
static char got[PATH_MAX + 16];

/* n letters, no two neighbours alike, then a NUL. */
static void put(char *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (char)('a' + i % 23);
	at[n] = '\0';
}

static struct task mapped(uint64_t t_addr, size_t n)
{
	return (struct task){ .areas = { { t_addr, memory, n } }, .beyond = -EFAULT };
}

/* Reads a string into what held this before. */
static int read_over(int before, const struct task *t, uint64_t t_addr, size_t size)
{
	int r;

	fake_forget();
	memset(got, before, sizeof(got));
	r = tmem_read_string(t, t_addr, got, size);
	for (size_t i = size; i < sizeof(got); i++)
		assert_int_equal((unsigned char)got[i], before);
	return r;
}

/* Reads a string, and checks the rules that hold with every outcome. */
static int read_string(const struct task *t, uint64_t t_addr, size_t size)
{
	int r = read_over(0, t, t_addr, size);

	assert_int_equal(read_over(GUARD, t, t_addr, size), r);
	for (size_t i = 0; i < fake_read_count; i++) {
		assert_int_not_equal(fake_reads[i].n, 0);
		assert_int_equal(fake_reads[i].t_addr / PAGE, (fake_reads[i].t_addr + fake_reads[i].n - 1) / PAGE);
	}
	return r;
}

static void expect_read(const struct task *t, uint64_t t_addr, size_t size, const char *text)
{
	assert_int_equal(read_string(t, t_addr, size), strlen(text));
	assert_string_equal(got, text);
}

static void ends_at_the_end_of_a_page(void **state)
{
	struct task t = mapped(BASE, PAGE);

	(void)state;
	for (size_t n = 0; n < PAGE; n += n < 40 || n > PAGE - 40 ? 1 : 37) {
		size_t start = PAGE - 1 - n;

		put(memory + start, n);
		expect_read(&t, BASE + start, PATH_MAX, memory + start);
		/* one for what most strings are shorter than, one for the rest */
		assert_int_equal(fake_read_count, n < 256 ? 1 : 2);
	}
}

static void crosses_pages(void **state)
{
	struct task t = mapped(BASE, 3 * PAGE);

	(void)state;
	for (size_t start = PAGE - 30; start <= PAGE + 30; start++) {
		static const size_t lengths[] = { 0, 1, 29, 30, 31, PAGE - 1 };

		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			uint64_t last = BASE + start + lengths[i];

			put(memory + start, lengths[i]);
			expect_read(&t, BASE + start, PATH_MAX, memory + start);
			/* nothing behind the page of the NUL */
			for (size_t k = 0; k < fake_read_count; k++)
				assert_true(fake_reads[k].t_addr / PAGE <= last / PAGE);
		}
	}
}

static void runs_into_unreadable_memory(void **state)
{
	static const int beyond[] = { -EFAULT, -EPERM, -ESRCH };

	(void)state;
	put(memory, sizeof(memory) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		struct task t = mapped(BASE, PAGE);

		t.beyond = beyond[i];
		assert_int_equal(read_string(&t, BASE + PAGE, PATH_MAX), beyond[i]);
		assert_int_equal(read_string(&t, BASE + PAGE - 1, PATH_MAX), beyond[i]);
		assert_int_equal(read_string(&t, BASE + 1, PATH_MAX), beyond[i]);
		assert_int_equal(read_string(&t, 0, PATH_MAX), beyond[i]);
		/* the bound comes first: the missing page does not matter */
		assert_int_equal(read_string(&t, BASE, PAGE), -ENAMETOOLONG);
	}
}

static void bounds_are_exact(void **state)
{
	struct task t = mapped(BASE, sizeof(memory));

	(void)state;
	put(memory + 100, PATH_MAX - 1);
	expect_read(&t, BASE + 100, PATH_MAX, memory + 100);
	put(memory + 100, PATH_MAX);
	assert_int_equal(read_string(&t, BASE + 100, PATH_MAX), -ENAMETOOLONG);
	put(memory + 100, 5);
	expect_read(&t, BASE + 100, 6, "abcde");
	assert_int_equal(read_string(&t, BASE + 100, 5), -ENAMETOOLONG);
	assert_int_equal(read_string(&t, BASE + 100, 1), -ENAMETOOLONG);
	expect_read(&t, BASE + 105, 1, "");
	assert_int_equal(read_string(&t, BASE + 100, 0), -ENAMETOOLONG);
	assert_int_equal(fake_read_count, 0);
}

static void short_reads_are_continued(void **state)
{
	static const size_t schedules[][4] = { { 1, 1, 1, 1 }, { 3, 1, 2, 7 }, { 1000, 1, 4096, 2 }, { 4095, 1, 1, 4095 } };

	(void)state;
	put(memory + 50, PATH_MAX - 1);
	for (size_t i = 0; i < ARRAY_SIZE(schedules); i++) {
		struct task t = mapped(BASE, sizeof(memory));

		t.most = schedules[i];
		t.most_count = ARRAY_SIZE(schedules[i]);
		expect_read(&t, BASE + 50, PATH_MAX, memory + 50);
		assert_true(fake_read_count > 2);
		assert_int_equal(read_string(&t, BASE + 50, PATH_MAX - 1), -ENAMETOOLONG);
	}
}

/* A source that reads nothing, or claims more than there was room for. */
static void impossible_reads_are_faults(void **state)
{
	static const size_t nothing[] = { 5, 0 };
	struct task t = mapped(BASE, sizeof(memory));

	(void)state;
	put(memory, 300);
	t.most = nothing;
	t.most_count = ARRAY_SIZE(nothing);
	assert_int_equal(read_string(&t, BASE, PATH_MAX), -EFAULT);
	fake_forget();
	assert_int_equal(tmem_read(&t, BASE, got, 20), -EFAULT);
	t = mapped(BASE, sizeof(memory));
	t.excess = 1;
	assert_int_equal(read_string(&t, BASE, PATH_MAX), -EFAULT);
	assert_int_equal(tmem_read(&t, BASE, got, 20), -EFAULT);
}

/* The address space has an end: nothing is read at its start instead. */
static void addresses_do_not_wrap(void **state)
{
	struct task t = {
		.areas = { { UINT64_MAX - PAGE + 1, memory, PAGE }, { 0, memory + PAGE, PAGE } },
		.beyond = -EFAULT,
	};

	(void)state;
	put(memory, 2 * PAGE - 1);
	for (uint64_t below = 0; below < PAGE; below++) {
		assert_int_equal(read_string(&t, UINT64_MAX - below, PATH_MAX), -EFAULT);
		for (size_t i = 0; i < fake_read_count; i++)
			assert_true(fake_reads[i].t_addr >= UINT64_MAX - below);
	}
	fake_forget();
	for (uint64_t below = 0; below < 8; below++)
		assert_int_equal(tmem_read(&t, UINT64_MAX - below, got, 8 + below), -EFAULT);
	assert_int_equal(tmem_read(&t, 1, got, SIZE_MAX), -EFAULT);
	assert_int_equal(fake_read_count, 0);
	assert_int_equal(tmem_read(&t, UINT64_MAX - 8, got, 8), 0);
	assert_memory_equal(got, memory + PAGE - 9, 8);
}

static void reads_all_or_fails(void **state)
{
	static const size_t most[] = { 3, 1, 100 };
	struct task t = mapped(BASE, PAGE + 10);

	(void)state;
	put(memory, 2 * PAGE);
	t.most = most;
	t.most_count = ARRAY_SIZE(most);
	memset(got, GUARD, sizeof(got));
	fake_forget();
	assert_int_equal(tmem_read(&t, BASE + PAGE - 5, got, 15), 0);
	assert_memory_equal(got, memory + PAGE - 5, 15);
	assert_int_equal((unsigned char)got[15], GUARD);
	assert_int_equal(fake_read_count, 3);
	assert_int_equal(tmem_read(&t, BASE + PAGE - 5, got, 16), -EFAULT);
	t.beyond = -EPERM;
	assert_int_equal(tmem_read(&t, BASE + PAGE - 5, got, 16), -EPERM);
	assert_int_equal(tmem_read(&t, BASE + PAGE + 10, got, 1), -EPERM);
	fake_forget();
	assert_int_equal(tmem_read(&t, BASE, got, 0), 0);
	assert_int_equal(fake_read_count, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_at_the_end_of_a_page),
		cmocka_unit_test(crosses_pages),
		cmocka_unit_test(runs_into_unreadable_memory),
		cmocka_unit_test(bounds_are_exact),
		cmocka_unit_test(short_reads_are_continued),
		cmocka_unit_test(impossible_reads_are_faults),
		cmocka_unit_test(addresses_do_not_wrap),
		cmocka_unit_test(reads_all_or_fails),
	};

	return cmocka_run_group_tests_name("tmem", tests, NULL, NULL);
}
