/* SPDX-License-Identifier: Apache-2.0 */
#include "object/pending.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "object/fsclock.h"
#include "object/lock.h"

/* A bit each in a word. Who finds none free goes without. */
#define PENDING_MAX 64
#define NO_PLACE PENDING_MAX

#define STEP_US 100

static struct {
	uint64_t under_way;       /* a bit each */
	uint32_t ended;           /* how many */
	uint32_t makers[PENDING_MAX]; /* who makes it: see lock_self(); 0: nobody */
	uint32_t turns[PENDING_MAX];  /* changes with each object */
	uint64_t devs[PENDING_MAX], mounts[PENDING_MAX];
} *pending;

int pending_open(void)
{
	pending = mmap(NULL, sizeof(*pending), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return pending == MAP_FAILED ? -errno : 0;
}

static bool is_under_way(unsigned int i)
{
	return __atomic_load_n(&pending->under_way, __ATOMIC_SEQ_CST) & 1ULL << i;
}

/* Safe to be done twice: what a dead worker left half done the broker does again. */
static void clear(unsigned int i)
{
	__atomic_add_fetch(&pending->ended, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&pending->under_way, ~(1ULL << i), __ATOMIC_SEQ_CST);
}

unsigned int pending_begin(const struct statx *dir)
{
	for (unsigned int i = 0; i < PENDING_MAX; i++) {
		uint32_t nobody = 0;

		if (!__atomic_compare_exchange_n(&pending->makers[i], &nobody, lock_self(), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			continue;
		__atomic_store_n(&pending->devs[i], statx_device(dir), __ATOMIC_RELAXED);
		__atomic_store_n(&pending->mounts[i], dir->stx_mnt_id, __ATOMIC_RELAXED);
		__atomic_add_fetch(&pending->turns[i], 1, __ATOMIC_RELAXED);
		__atomic_fetch_or(&pending->under_way, 1ULL << i, __ATOMIC_SEQ_CST);
		return i;
	}
	return NO_PLACE;
}

void pending_end(unsigned int place)
{
	uint32_t maker = lock_self();

	if (place == NO_PLACE)
		return;
	/* it may be another's by now, if it was given up */
	if (__atomic_load_n(&pending->makers[place], __ATOMIC_RELAXED) == maker)
		clear(place);
	__atomic_compare_exchange_n(&pending->makers[place], &maker, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

uint32_t pending_before(void)
{
	return __atomic_load_n(&pending->ended, __ATOMIC_SEQ_CST);
}

bool pending_is_under_way(void)
{
	return __atomic_load_n(&pending->under_way, __ATOMIC_SEQ_CST) != 0;
}

bool pending_was_quiet(uint32_t before)
{
	return !pending_is_under_way() && pending_before() == before;
}

bool pending_is_fresh(const struct statx *stx)
{
	const struct moment now = fsclock_moment();

	return !fsclock_passed(&now, stx, NS_PER_S) && !fsclock_outlived(&now, stx, NS_PER_S);
}

static void give_up(unsigned int i, uint32_t maker)
{
	clear(i);
	__atomic_compare_exchange_n(&pending->makers[i], &maker, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Until it has ended, or has hung longer than anyone shall wait, maybe on purpose. */
static void wait_for(unsigned int i, uint32_t turn, int *waited)
{
	const struct timespec step = { 0, STEP_US * 1000L };

	while (is_under_way(i) && __atomic_load_n(&pending->turns[i], __ATOMIC_RELAXED) == turn) {
		if (*waited >= PENDING_WAIT_MS * 1000)
			return give_up(i, __atomic_load_n(&pending->makers[i], __ATOMIC_RELAXED));
		nanosleep(&step, NULL);
		*waited += STEP_US;
	}
}

/* A file system on others shows devices of these, but the object is where its directory is mounted. */
static bool is_near(unsigned int i, const struct statx *stx)
{
	return __atomic_load_n(&pending->devs[i], __ATOMIC_RELAXED) == statx_device(stx) ||
	       __atomic_load_n(&pending->mounts[i], __ATOMIC_RELAXED) == stx->stx_mnt_id;
}

void pending_await(const struct statx *stx)
{
	uint64_t under_way = __atomic_load_n(&pending->under_way, __ATOMIC_SEQ_CST);
	uint32_t turns[PENDING_MAX];
	int waited = 0;

	if (!under_way || !pending_is_fresh(stx))
		return;
	for (unsigned int i = 0; i < PENDING_MAX; i++)
		turns[i] = __atomic_load_n(&pending->turns[i], __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < PENDING_MAX; i++)
		if (under_way & 1ULL << i && is_near(i, stx))
			wait_for(i, turns[i], &waited);
}

void pending_forget(pid_t pid)
{
	for (unsigned int i = 0; i < PENDING_MAX; i++) {
		uint32_t maker = __atomic_load_n(&pending->makers[i], __ATOMIC_RELAXED);

		if (maker != 0 && lock_is_of(maker, pid))
			give_up(i, maker);
	}
}
