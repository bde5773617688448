/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/guests.h"

#define PLACES 64

void guests_init(struct guests *g, uint32_t threads, uint64_t waiting)
{
	uint64_t own = threads < PLACES ? (UINT64_C(1) << threads) - 1 : UINT64_MAX;

	g->busy = 0;
	g->max = threads > 2 ? threads - 2 : 1;
	/* a thread's place is claimed for ever */
	g->claimed = own;
	g->waiting = waiting & ~own;
}

bool guests_admit(struct guests *g)
{
	uint32_t busy = __atomic_load_n(&g->busy, __ATOMIC_SEQ_CST);

	/* never more than max, not even for a moment: who is refused has to see who leaves, or to be seen */
	while (busy < g->max)
		if (__atomic_compare_exchange_n(&g->busy, &busy, busy + 1, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

void guests_leave(struct guests *g)
{
	__atomic_sub_fetch(&g->busy, 1, __ATOMIC_SEQ_CST);
}

/* Claims one where a call waits, or none does. */
static int claim(struct guests *g, bool waits)
{
	uint64_t claimed = __atomic_load_n(&g->claimed, __ATOMIC_SEQ_CST);

	for (;;) {
		uint64_t waiting = __atomic_load_n(&g->waiting, __ATOMIC_SEQ_CST), free = ~claimed & (waits ? waiting : ~waiting);
		int place = free ? __builtin_ctzll(free) : -1;

		if (place < 0)
			return -1;
		if (!__atomic_compare_exchange_n(&g->claimed, &claimed, claimed | UINT64_C(1) << place, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		/* it may have changed hands since */
		if (((__atomic_load_n(&g->waiting, __ATOMIC_SEQ_CST) >> place) & 1) == waits)
			return place;
		claimed = __atomic_and_fetch(&g->claimed, ~(UINT64_C(1) << place), __ATOMIC_SEQ_CST);
	}
}

int guests_park(struct guests *g)
{
	return claim(g, false);
}

int guests_take(struct guests *g)
{
	return __atomic_load_n(&g->busy, __ATOMIC_SEQ_CST) < g->max ? claim(g, true) : -1;
}

void guests_put(struct guests *g, int place, bool waits)
{
	uint64_t bit = UINT64_C(1) << place;

	if (waits)
		__atomic_or_fetch(&g->waiting, bit, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(&g->waiting, ~bit, __ATOMIC_SEQ_CST);
	__atomic_and_fetch(&g->claimed, ~bit, __ATOMIC_SEQ_CST);
}
