/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that admit calls of containers, or let them wait: none is lost, and never are too many admitted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "base/util.h"
#include "rule/guests.h"

#define THREADS 8U
#define CALLS 20000

static struct {
	struct guests guests;
	int calls[64]; /* what waits in a place */
	uint32_t served, refused, busy, most;
} all;

/* False: not now. */
static bool serve(void)
{
	uint32_t busy, most;

	if (!guests_admit(&all.guests))
		return false;
	busy = __atomic_add_fetch(&all.busy, 1, __ATOMIC_SEQ_CST);
	most = __atomic_load_n(&all.most, __ATOMIC_SEQ_CST);
	while (busy > most && !__atomic_compare_exchange_n(&all.most, &most, busy, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	sched_yield();
	__atomic_sub_fetch(&all.busy, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&all.served, 1, __ATOMIC_SEQ_CST);
	guests_leave(&all.guests);
	return true;
}

/* As serve/pool.c: serve_all(). */
static void one_call(int call)
{
	int place;

	if (!serve()) {
		place = guests_park(&all.guests);
		if (place < 0)
			__atomic_add_fetch(&all.refused, 1, __ATOMIC_SEQ_CST);
		else
			all.calls[place] = call;
		if (place >= 0)
			guests_put(&all.guests, place, true);
	}
	while ((place = guests_take(&all.guests)) >= 0) {
		bool served;

		if (all.calls[place] == 0)
			__atomic_store_n(&all.most, UINT32_MAX, __ATOMIC_SEQ_CST); /* there is none */
		served = serve();
		if (served)
			all.calls[place] = 0;
		guests_put(&all.guests, place, !served);
	}
}

static void *run(void *unused)
{
	for (int i = 1; i <= CALLS; i++)
		one_call(i);
	return unused;
}

static void none_is_lost(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	guests_init(&all.guests, THREADS, 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, NULL), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(all.served + all.refused, THREADS * CALLS);
	assert_in_range(all.most, 1, THREADS - 2);
	assert_int_equal(all.guests.waiting, 0);
	assert_int_equal(all.guests.busy, 0);
}

static void some_threads_are_the_engines(void **state)
{
	struct guests g;

	(void)state;
	guests_init(&g, 4, 0);
	assert_true(guests_admit(&g) && guests_admit(&g));
	assert_false(guests_admit(&g));
	guests_leave(&g);
	assert_true(guests_admit(&g));
	guests_init(&g, 1, 0);
	assert_true(guests_admit(&g));
	assert_false(guests_admit(&g));
}

static void places_are_no_threads(void **state)
{
	struct guests g;

	(void)state;
	guests_init(&g, 62, 0);
	assert_int_equal(guests_take(&g), -1);
	assert_int_equal(guests_park(&g), 62);
	assert_int_equal(guests_park(&g), 63);
	assert_int_equal(guests_park(&g), -1);
	guests_put(&g, 63, true);
	assert_int_equal(guests_park(&g), -1);
	assert_int_equal(guests_take(&g), 63);
	guests_put(&g, 63, false);
	assert_int_equal(guests_take(&g), -1);
	assert_int_equal(guests_park(&g), 63);
	guests_init(&g, 64, 0);
	assert_int_equal(guests_park(&g), -1);
}

/* A call that a worker had in a thread's own place is that thread's again. */
static void what_a_worker_leaves_waits_on(void **state)
{
	struct guests g;

	(void)state;
	guests_init(&g, 8, UINT64_C(1) << 3 | UINT64_C(1) << 20);
	assert_int_equal(guests_take(&g), 20);
	assert_int_equal(guests_take(&g), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_lost),
		cmocka_unit_test(some_threads_are_the_engines),
		cmocka_unit_test(places_are_no_threads),
		cmocka_unit_test(what_a_worker_leaves_waits_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
