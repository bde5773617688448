/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/clocks.h"

/* Times from 1970 to 2116 are learned, so that no sum of them overflows. */
#define TIME_MAX (INT64_MAX / 2)

/* Clocks run at different rates, and one that is adjusted (adjtimex(2)) differs by a tenth: what has passed here counts for less there. */
static int64_t slow(int64_t boot)
{
	return boot - boot / 8;
}

static unsigned int place_of(uint64_t device)
{
	return (unsigned int)(device ^ device >> 32) % CLOCKS;
}

/* Without the product, two pairs with the same difference would have the same sum, and times read at one moment have the same. */
static uint64_t check_of(uint64_t device, const struct moment *ahead)
{
	return device ^ (uint64_t)ahead->boot ^ (uint64_t)ahead->real * 0x9e3779b97f4a7c15;
}

static bool get(const struct clocks *clocks, uint64_t device, struct moment *ahead)
{
	unsigned int i = place_of(device);
	uint64_t check = __atomic_load_n(&clocks->of[i].check, __ATOMIC_RELAXED);

	ahead->boot = __atomic_load_n(&clocks->of[i].boot, __ATOMIC_RELAXED);
	ahead->real = __atomic_load_n(&clocks->of[i].real, __ATOMIC_RELAXED);
	return device && check == check_of(device, ahead);
}

static void put(struct clocks *clocks, uint64_t device, const struct moment *ahead)
{
	unsigned int i = place_of(device);

	__atomic_store_n(&clocks->of[i].check, check_of(device, ahead), __ATOMIC_RELAXED);
	__atomic_store_n(&clocks->of[i].boot, ahead->boot, __ATOMIC_RELAXED);
	__atomic_store_n(&clocks->of[i].real, ahead->real, __ATOMIC_RELAXED);
}

static struct moment ahead_of(const struct moment *m, int64_t time)
{
	return (struct moment){ time - slow(m->boot), time - m->real };
}

static bool is_sane(const struct moment *m, int64_t time)
{
	return m->boot >= 0 && m->boot <= TIME_MAX && m->real >= 0 && m->real <= TIME_MAX && time >= 0 && time <= TIME_MAX;
}

void clocks_set(struct clocks *clocks, const struct moment *after, uint64_t device, int64_t changed)
{
	struct moment ahead;

	if (!is_sane(after, changed))
		return;
	ahead = ahead_of(after, changed);
	put(clocks, device, &ahead);
}

void clocks_see(struct clocks *clocks, const struct moment *after, uint64_t device, int64_t changed)
{
	struct moment old, new;

	if (!is_sane(after, changed))
		return;
	new = ahead_of(after, changed < after->real ? changed : after->real);
	if (get(clocks, device, &old)) {
		if (new.boot <= old.boot && new.real <= old.real)
			return;
		new.boot = new.boot > old.boot ? new.boot : old.boot;
		new.real = new.real > old.real ? new.real : old.real;
	}
	put(clocks, device, &new);
}

bool clocks_passed(const struct clocks *clocks, const struct moment *then, uint64_t device, int64_t time)
{
	struct moment ahead;

	return is_sane(then, 0) && get(clocks, device, &ahead) && ahead.boot + slow(then->boot) > time && ahead.real + then->real > time;
}
