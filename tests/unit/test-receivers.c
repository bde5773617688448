/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The number of receivers, driven by a machine that is simulated in steps: in each, every processor lets one caller compute or one receiver
 * serve, in turns; a caller that has computed long enough waits for a receiver to serve its call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/util.h"
#include "rule/receivers.h"

#define CALLERS 256
#define RECEIVERS 64
#define SERVICE 10 /* steps that a call takes, from half of it to one and a half */

struct machine {
	unsigned int cpus, callers, compute; /* steps between two calls of a caller */
	unsigned int n, lowest, highest;     /* receivers, and since a point in time */
	unsigned int left[CALLERS];          /* steps that it still computes; 0: it waits */
	unsigned int queue[CALLERS], first, waiting;
	struct {
		unsigned int caller, left, last; /* left 0: idle */
		struct load load;
	} receivers[RECEIVERS];
	unsigned int turn, random;
	uint64_t served;
	bool fixed;
};

static void start(struct machine *m, unsigned int callers, unsigned int compute)
{
	for (unsigned int i = m->callers; i < callers; i++)
		m->left[i] = 1 + i % (compute + 1);
	m->callers = callers;
	m->compute = compute;
}

static unsigned int busy_others(const struct machine *m, unsigned int r, unsigned int *looked)
{
	unsigned int busy = 0;

	for (unsigned int i = 0; i <= RECEIVERS_SAMPLE && i < m->n; i++) {
		unsigned int other = (m->receivers[r].load.calls + i) % m->n;

		*looked += other != r;
		busy += other != r && m->receivers[other].left > 0;
	}
	return busy;
}

static void receive(struct machine *m, unsigned int r)
{
	unsigned int caller = m->queue[m->first], looked = 0;
	struct load *load = &m->receivers[r].load;
	int change;

	m->first = (m->first + 1) % CALLERS;
	m->waiting--;
	m->random = m->random * 1103515245 + 12345;
	m->receivers[r].left = SERVICE / 2 + (m->random >> 16) % (SERVICE + 1);
	m->receivers[r].caller = caller;
	load->calls++;
	load->turns += m->receivers[r].last != caller;
	m->receivers[r].last = caller;
	load->busy += busy_others(m, r, &looked);
	load->looked += looked;
	if (load->calls < RECEIVERS_WINDOW)
		return;
	change = m->fixed ? 0 : receivers_change(m->n, m->cpus, load);
	*load = (struct load){ 0 };
	assert_in_range(m->n + (unsigned int)change, 1, m->cpus);
	m->n += (unsigned int)change;
	if (change > 0)
		memset(&m->receivers[m->n - 1].load, 0, sizeof(*load));
}

/* One processor, one step of whatever can run and is next. False: nothing can. */
static bool run_one(struct machine *m, unsigned char ran[CALLERS + RECEIVERS])
{
	for (unsigned int tried = 0; tried < m->callers + RECEIVERS; tried++) {
		unsigned int who = m->turn++ % (m->callers + RECEIVERS), r = who - m->callers;

		if (ran[who])
			continue;
		if (who < m->callers && m->left[who] > 0) {
			ran[who] = 1;
			if (--m->left[who] == 0)
				m->queue[(m->first + m->waiting++) % CALLERS] = who;
			return true;
		}
		if (who >= m->callers && m->receivers[r].left == 0 && r < m->n && m->waiting > 0)
			receive(m, r);
		if (who >= m->callers && m->receivers[r].left > 0) {
			ran[who] = 1;
			if (--m->receivers[r].left == 0) {
				m->served++;
				if (m->receivers[r].caller < m->callers)
					m->left[m->receivers[r].caller] = m->compute + 1;
			}
			return true;
		}
	}
	return false;
}

static uint64_t run(struct machine *m, unsigned int steps)
{
	uint64_t before = m->served;

	m->lowest = m->highest = m->n;
	while (steps--) {
		unsigned char ran[CALLERS + RECEIVERS] = { 0 };

		for (unsigned int cpu = 0; cpu < m->cpus && run_one(m, ran); cpu++)
			;
		m->lowest = m->n < m->lowest ? m->n : m->lowest;
		m->highest = m->n > m->highest ? m->n : m->highest;
	}
	return m->served - before;
}

static uint64_t best_fixed(unsigned int cpus, unsigned int callers, unsigned int compute)
{
	uint64_t best = 0;

	for (unsigned int n = 1; n <= cpus; n *= 2) {
		struct machine m = { .cpus = cpus, .n = n, .fixed = true };
		uint64_t served;

		start(&m, callers, compute);
		run(&m, 2000);
		served = run(&m, 5000);
		best = served > best ? served : best;
	}
	return best;
}

static void one_caller_has_one_receiver(void **state)
{
	(void)state;
	for (unsigned int cpus = 1; cpus <= 64; cpus *= 2) {
		struct machine m = { .cpus = cpus, .n = 1 };

		start(&m, 1, 0);
		run(&m, 20000);
		assert_int_equal(m.highest, 1);
	}
}

static void one_processor_has_one_receiver(void **state)
{
	struct machine m = { .cpus = 1, .n = 1 };

	(void)state;
	start(&m, 16, 5);
	run(&m, 20000);
	assert_int_equal(m.highest, 1);
}

/* Up to 64 processors are served as well as with the best number, and a load that stays makes it swing little. */
static void receivers_follow_the_load(void **state)
{
	static const unsigned int computes[] = { 0, SERVICE / 2, 2 * SERVICE, 10 * SERVICE };

	(void)state;
	for (unsigned int cpus = 2; cpus <= 64; cpus *= 2) {
		for (size_t i = 0; i < ARRAY_SIZE(computes); i++) {
			struct machine m = { .cpus = cpus, .n = 1 };
			uint64_t served, best = best_fixed(cpus, 2 * cpus, computes[i]);

			start(&m, 2 * cpus, computes[i]);
			run(&m, 20000);
			served = run(&m, 5000);
			if (served * 10 < best * 9 || m.highest > 3 * m.lowest)
				fail_msg("%u processors, %u steps between calls: %llu served by %u to %u, %llu at best", cpus, computes[i],
					 (unsigned long long)served, m.lowest, m.highest, (unsigned long long)best);
		}
	}
}

static void receivers_go_when_the_load_goes(void **state)
{
	(void)state;
	for (unsigned int cpus = 2; cpus <= 64; cpus *= 2) {
		struct machine m = { .cpus = cpus, .n = 1 };

		start(&m, 4 * cpus, 0);
		run(&m, 20000);
		assert_true(m.n * 2 >= cpus);
		start(&m, 1, 0);
		run(&m, 6000 * cpus);
		assert_int_equal(m.n, 1);
		/* and come again */
		start(&m, 4 * cpus, 0);
		run(&m, 20000);
		assert_true(m.n * 2 >= cpus);
	}
}

/* Windows as this rule saw them on two processors: a lone caller, two that take turns, four. */
static void recorded_loads(void **state)
{
	(void)state;
	assert_int_equal(receivers_change(1, 2, &(struct load){ .calls = 128, .turns = 1 }), 0);
	assert_int_equal(receivers_change(1, 2, &(struct load){ .calls = 128, .turns = 65 }), 1);
	assert_int_equal(receivers_change(1, 1, &(struct load){ .calls = 128, .turns = 128 }), 0);
	assert_int_equal(receivers_change(2, 2, &(struct load){ .calls = 128, .turns = 128, .looked = 128, .busy = 128 }), 0);
	assert_int_equal(receivers_change(2, 2, &(struct load){ .calls = 128, .turns = 60, .looked = 128, .busy = 16 }), 0);
	assert_int_equal(receivers_change(2, 2, &(struct load){ .calls = 128, .turns = 60, .looked = 128, .busy = 15 }), -1);
	assert_int_equal(receivers_change(2, 8, &(struct load){ .calls = 128, .turns = 128, .looked = 128, .busy = 97 }), 1);
	assert_int_equal(receivers_change(2, 8, &(struct load){ .calls = 128, .turns = 128, .looked = 128, .busy = 96 }), 0);
	assert_int_equal(receivers_change(8, 8, &(struct load){ .calls = 128, .turns = 128, .looked = 512, .busy = 512 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_caller_has_one_receiver),
		cmocka_unit_test(one_processor_has_one_receiver),
		cmocka_unit_test(receivers_follow_the_load),
		cmocka_unit_test(receivers_go_when_the_load_goes),
		cmocka_unit_test(recorded_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
