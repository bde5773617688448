/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/counters.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/limits.h"
#include "base/log.h"
#include "decode/decode.h"

#define SLOT_SIZE 98304U

union shared_slot {
	struct slot slot;
	char size[SLOT_SIZE]; /* pages, so that a child can unmap all but its own */
};

_Static_assert(sizeof(union shared_slot) == SLOT_SIZE, "a slot fits into its pages");

static union shared_slot *slots;
static bool taken[LIMIT_LISTENERS];

/* Of listeners that have ended. */
static struct slot ended;

int counters_open(void)
{
	slots = mmap(NULL, sizeof(*slots) * LIMIT_LISTENERS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return slots == MAP_FAILED ? -errno : 0;
}

struct slot *counters_take(void)
{
	for (size_t i = 0; i < LIMIT_LISTENERS; i++) {
		if (taken[i])
			continue;
		taken[i] = true;
		/* zeros, and no memory yet */
		if (madvise(&slots[i], sizeof(slots[i]), MADV_REMOVE) < 0)
			memset(&slots[i], 0, sizeof(slots[i]));
		return &slots[i].slot;
	}
	return NULL;
}

static void add(struct slot *sum, const struct slot *slot)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		sum->answers[i] += slot->answers[i];
	for (size_t i = 0; i < REASON_COUNT; i++)
		sum->reasons[i] += slot->reasons[i];
}

void counters_release(struct slot *slot)
{
	add(&ended, slot);
	taken[(union shared_slot *)slot - slots] = false;
}

void counters_keep_only(const struct slot *slot)
{
	union shared_slot *own = &slots[(const union shared_slot *)slot - slots], *end = slots + LIMIT_LISTENERS;

	if (own > slots)
		munmap(slots, (size_t)((char *)own - (char *)slots));
	if (own + 1 < end)
		munmap(own + 1, (size_t)((char *)end - (char *)(own + 1)));
}

uint64_t counters_answered(const struct slot *slot)
{
	uint64_t n = 0;

	for (size_t i = 0; i < REASON_COUNT; i++)
		n += slot->reasons[i];
	return n;
}

void counters_log(void)
{
	struct slot sum = ended;

	for (size_t i = 0; i < LIMIT_LISTENERS; i++)
		if (taken[i])
			add(&sum, &slots[i].slot);
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (sum.answers[i])
			log_line(LOG_LEVEL_ERROR, "counter answer %s %llu", syscall_rows[i].name,
				 (unsigned long long)sum.answers[i]);
	for (size_t i = 1; i < REASON_COUNT; i++)
		if (sum.reasons[i] && i != REASON_answered)
			log_line(LOG_LEVEL_ERROR, "counter %s %s %llu", reason_kinds[reason_infos[i].kind], reason_infos[i].name,
				 (unsigned long long)sum.reasons[i]);
	log_line(LOG_LEVEL_ERROR, "counters end");
}
