/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/clocks.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "base/util.h"

#define HOUR (3600 * NS_PER_S)
#define REAL (INT64_C(1700000000) * NS_PER_S) /* when this machine was started */
#define DEVICE (UINT64_C(8) << 32 | 1)
#define ROUNDS 200000

static struct clocks clocks;

static int forget(void **state)
{
	(void)state;
	memset(&clocks, 0, sizeof(clocks));
	return 0;
}

static struct moment at(int64_t boot)
{
	return (struct moment){ boot, REAL + boot };
}

static bool passed(struct moment then, int64_t time)
{
	return clocks_passed(&clocks, &then, DEVICE, time);
}

static void set(struct moment after, int64_t changed)
{
	clocks_set(&clocks, &after, DEVICE, changed);
}

static void see(struct moment after, int64_t changed)
{
	clocks_see(&clocks, &after, DEVICE, changed);
}

static void test_unknown(void **state)
{
	(void)state;
	assert_false(passed(at(HOUR), 0));
	assert_false(passed(at(HOUR), INT64_MIN));
	clocks_set(&clocks, &(struct moment){ HOUR, REAL }, DEVICE + 1, REAL);
	assert_false(passed(at(HOUR), 0));
	/* at the same place of the table */
	clocks_set(&clocks, &(struct moment){ HOUR, REAL }, DEVICE + CLOCKS, REAL);
	assert_false(passed(at(HOUR), 0));
	/* an empty place is that of no device */
	assert_false(clocks_passed(&clocks, &(struct moment){ HOUR, REAL }, 0, 0));
}

/* Whatever the difference is, the bound is never later than the clock, and not much earlier. */
static void test_differences(void **state)
{
	const int64_t ahead[] = { 0, 3 * NS_PER_S, -3 * NS_PER_S, HOUR, -HOUR, 30000 * HOUR, -REAL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ahead); i++) {
		int64_t time = REAL + HOUR + ahead[i];

		set(at(HOUR), time);
		assert_false(passed(at(HOUR), time));
		assert_true(passed(at(HOUR), time - 1));
		assert_false(passed(at(HOUR + NS_PER_S), time + NS_PER_S));
		assert_true(passed(at(HOUR + NS_PER_S), time + NS_PER_S / 2));
		/* before it was learned, too */
		assert_false(passed(at(HOUR - NS_PER_S), time - NS_PER_S));
		assert_true(passed(at(HOUR - NS_PER_S), time - 2 * NS_PER_S));
	}
}

static void test_seen(void **state)
{
	(void)state;
	see(at(HOUR), REAL);
	assert_true(passed(at(HOUR), REAL - 1));
	assert_false(passed(at(HOUR), REAL));
	/* what is older tells nothing, what is younger does */
	see(at(HOUR), REAL - HOUR);
	assert_true(passed(at(HOUR), REAL - 1));
	see(at(HOUR), REAL + HOUR / 2);
	assert_true(passed(at(HOUR), REAL + HOUR / 2 - 1));
	assert_false(passed(at(HOUR), REAL + HOUR / 2));
	/* time has passed there, too */
	assert_true(passed(at(2 * HOUR), REAL + HOUR));
	assert_false(passed(at(2 * HOUR), REAL + HOUR + HOUR / 2));
}

/* Files may be older than a clock that was set back. */
static void test_seen_in_the_future(void **state)
{
	(void)state;
	see(at(HOUR), REAL + 5 * HOUR);
	assert_false(passed(at(HOUR), REAL + HOUR));
	assert_true(passed(at(HOUR), REAL + HOUR - 1));
	/* but what was changed just now tells the time */
	set(at(HOUR), REAL + 5 * HOUR);
	assert_true(passed(at(HOUR), REAL + 5 * HOUR - 1));
	see(at(HOUR), REAL + HOUR);
	assert_true(passed(at(HOUR), REAL + 5 * HOUR - 1));
	set(at(HOUR), REAL);
	assert_false(passed(at(HOUR), REAL));
}

/* Our clock is set while that of a server is not, and is set together with that of a local file system. */
static void test_steps(void **state)
{
	const struct moment forward = { HOUR + 1, REAL + 2 * HOUR }, back = { HOUR + 1, REAL };

	(void)state;
	set(at(HOUR), REAL + HOUR);
	assert_false(passed(forward, REAL + HOUR + NS_PER_S));
	assert_true(passed(forward, REAL + HOUR - NS_PER_S));
	assert_false(passed(back, REAL));
	assert_true(passed(back, REAL - NS_PER_S));
}

/* A clock that runs slower by a tenth. */
static void test_rates(void **state)
{
	(void)state;
	set(at(0), REAL);
	for (int64_t t = NS_PER_S; t < 100 * HOUR; t += t / 2)
		assert_false(passed(at(t), REAL + t - t / 10));
}

static void test_nonsense(void **state)
{
	const int64_t times[] = { INT64_MAX, INT64_MIN, -1, INT64_MAX / 2 + 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		set(at(HOUR), times[i]);
		see(at(HOUR), times[i]);
		set((struct moment){ times[i], REAL }, REAL);
		see((struct moment){ HOUR, times[i] }, REAL);
		assert_false(passed(at(HOUR), 0));
	}
	set(at(INT64_MAX / 2 - REAL), INT64_MAX / 2);
	assert_true(passed(at(INT64_MAX / 2 - REAL), INT64_MAX / 2 - 1));
	assert_false(passed(at(INT64_MAX / 2 - REAL), INT64_MAX));
	assert_false(passed((struct moment){ INT64_MAX, INT64_MAX }, INT64_MIN));
}

/* Two devices at one place of the table, of which one's clock is an hour behind. */
static void *write_other(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
		clocks_set(&clocks, &(struct moment){ HOUR, REAL + HOUR }, DEVICE + CLOCKS, REAL + HOUR);
		clocks_set(&clocks, &(struct moment){ HOUR, REAL + HOUR }, DEVICE, REAL);
	}
	return NULL;
}

static void test_writers(void **state)
{
	bool stop = false;
	unsigned int known = 0;
	pthread_t other;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, write_other, &stop), 0);
	for (int i = 0; i < ROUNDS || known < ROUNDS / 100; i++) {
		assert_false(passed(at(HOUR), REAL + 1));
		known += passed(at(HOUR), REAL - 1);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(other, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_unknown, forget),  cmocka_unit_test_setup(test_differences, forget),
		cmocka_unit_test_setup(test_seen, forget),     cmocka_unit_test_setup(test_seen_in_the_future, forget),
		cmocka_unit_test_setup(test_steps, forget),    cmocka_unit_test_setup(test_rates, forget),
		cmocka_unit_test_setup(test_nonsense, forget), cmocka_unit_test_setup(test_writers, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
