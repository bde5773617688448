/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: three bytes a step: what happens, to which file system, and by how much. The reference is the same table without bits: of which
 * device each place is, and how far ahead it is, without a bound of the numbers. Beside it run the clocks of the file systems themselves,
 * and what tells the truth about them must never lead to a time that one of them has not reached.
 */
#include "fuzz.h"

#include <string.h>

#include "base/util.h"
#include "rule/clocks.h"

#define STEPS_MAX 256
#define START (INT64_C(1700000000) * NS_PER_S)
#define BEGAN (INT64_C(3600) * NS_PER_S)

/* A clock of a server goes on by itself, at its own rate; that of a local file system is CLOCK_REALTIME, or off by a number. */
static const struct file_system {
	uint64_t device;
	int64_t off;
	bool remote;
	int tenths;
} files[] = {
	{ 1, 0, false, 0 },
	{ 1 + CLOCKS, -3 * NS_PER_S, true, 10 },       /* at the same place as the first */
	{ UINT64_C(7) << 32 | 6, NS_PER_S, true, 9 },  /* and so is this one */
	{ UINT64_C(8) << 32 | 1, -START, true, 11 },
	{ 5, 90000 * NS_PER_S, false, 0 },
	{ UINT64_MAX, -START / 2, false, 0 },
	{ 0, 0, false, 0 },                             /* nobody's */
	{ 3 * CLOCKS, 5 * NS_PER_S, true, 10 },         /* at the place of nobody */
};

/* What a file system lies, and moments that never were. */
static const int64_t odd[] = { INT64_MIN, -1, 0, 1, NS_PER_S, START, INT64_MAX / 2 - 1, INT64_MAX / 2, INT64_MAX / 2 + 1, INT64_MAX };

static struct clocks table;
static struct {
	bool known;
	uint64_t device;
	__int128 boot, real;
	bool true_;
} reference[CLOCKS];
static struct moment now;

static unsigned int place(uint64_t device)
{
	return (uint32_t)(device ^ device >> 32) % CLOCKS;
}

static __int128 seven_eighths(int64_t x)
{
	return (__int128)x - x / 8;
}

static int64_t clock_of(const struct file_system *f)
{
	return f->remote ? START + f->off + now.boot / 10 * f->tenths : now.real + f->off;
}

static bool is_time(int64_t x)
{
	return x >= 0 && x <= INT64_MAX / 2;
}

static void learn(const struct file_system *f, const struct moment *at, int64_t changed, bool just_now, bool is_true)
{
	unsigned int i = place(f->device);
	bool known = reference[i].known && reference[i].device == f->device;
	__int128 time = just_now || changed < at->real ? changed : at->real, boot = time - seven_eighths(at->boot), real = time - at->real;

	(just_now ? clocks_set : clocks_see)(&table, at, f->device, changed);
	if (!is_time(changed) || !is_time(at->boot) || !is_time(at->real))
		return;
	if (known && !just_now) {
		boot = boot > reference[i].boot ? boot : reference[i].boot;
		real = real > reference[i].real ? real : reference[i].real;
		is_true &= reference[i].true_;
	}
	reference[i].known = true;
	reference[i].device = f->device;
	reference[i].boot = boot;
	reference[i].real = real;
	reference[i].true_ = is_true;
}

static void broker_call(const struct file_system *f, const struct moment *then, int64_t time)
{
	unsigned int i = place(f->device);
	bool known = reference[i].known && reference[i].device == f->device && f->device != 0 && is_time(then->boot) && is_time(then->real);

	CHECK(clocks_passed(&table, then, f->device, time) ==
	      (known && reference[i].boot + seven_eighths(then->boot) > time && reference[i].real + then->real > time));
}

static void check_true(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct file_system *f = &files[i];

		broker_call(f, &now, clock_of(f));
		if (reference[place(f->device)].true_)
			CHECK(!clocks_passed(&table, &now, f->device, clock_of(f)));
	}
}

/* Up to two days, in steps of eighths of a power of two. */
static int64_t span(uint8_t by)
{
	return (int64_t)(8 + by % 8) << (by / 8 + 13);
}

static void step(uint8_t what, const struct file_system *f, uint8_t by)
{
	struct moment m = now;
	int64_t time = odd[by % ARRAY_SIZE(odd)];

	switch (what % 9) {
	case 0: /* time passes */
		now.boot += span(by);
		now.real += span(by);
		break;
	case 1: /* somebody sets the clock */
		now.real += by & 1 ? span(by) : -span(by);
		break;
	case 2:
		learn(f, &now, clock_of(f), true, true);
		break;
	case 3: /* an old file, but not older than CLOCK_REALTIME, were it set back */
		learn(f, &now, clock_of(f) - span(by), false, true);
		break;
	case 4:
		learn(f, &now, clock_of(f) + span(by), what & 16, false);
		break;
	case 5:
		learn(f, &now, time, what & 16, false);
		break;
	case 6:
		*(what & 16 ? &m.boot : &m.real) = time;
		learn(f, &m, clock_of(f), what & 32, false);
		broker_call(f, &m, clock_of(f));
		break;
	case 7:
		broker_call(f, &now, time);
		break;
	case 8: /* and of a moment before */
		m = (struct moment){ now.boot - span(by), now.real - span(by) };
		broker_call(f, &m, clock_of(f) - (what & 16 ? span(by) : 0));
		break;
	}
	check_true();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&table, 0, sizeof(table));
	memset(reference, 0, sizeof(reference));
	now = (struct moment){ BEGAN, START + BEGAN };
	for (size_t i = 0; i + 2 < size && i < 3 * STEPS_MAX; i += 3)
		step(data[i], &files[data[i + 1] % ARRAY_SIZE(files)], data[i + 2]);
	return 0;
}
