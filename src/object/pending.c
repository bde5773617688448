/* SPDX-License-Identifier: Apache-2.0 */
#include "object/pending.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "object/fsclock.h"
#include "object/lock.h"

/* A bit each in a word. Who finds none free goes without. */
#define BIRTHS 64
#define NO_BIRTH BIRTHS

#define STEP_US 100

static struct {
	uint64_t under_way;       /* a bit a birth */
	uint32_t ended;           /* how many */
	uint32_t parents[BIRTHS]; /* whose it is: see lock_self(); 0: nobody's */
	uint32_t turns[BIRTHS];   /* changes with each birth */
	uint64_t devs[BIRTHS], mounts[BIRTHS];
} *births;

int pending_open(void)
{
	births = mmap(NULL, sizeof(*births), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return births == MAP_FAILED ? -errno : 0;
}

static bool is_under_way(unsigned int i)
{
	return __atomic_load_n(&births->under_way, __ATOMIC_SEQ_CST) & 1ULL << i;
}

/* Safe to be done twice: what a dead worker left half done the broker does again. */
static void clear(unsigned int i)
{
	__atomic_add_fetch(&births->ended, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&births->under_way, ~(1ULL << i), __ATOMIC_SEQ_CST);
}

unsigned int pending_begin(const struct statx *dir)
{
	for (unsigned int i = 0; i < BIRTHS; i++) {
		uint32_t nobody = 0;

		if (!__atomic_compare_exchange_n(&births->parents[i], &nobody, lock_self(), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			continue;
		__atomic_store_n(&births->devs[i], statx_device(dir), __ATOMIC_RELAXED);
		__atomic_store_n(&births->mounts[i], dir->stx_mnt_id, __ATOMIC_RELAXED);
		__atomic_add_fetch(&births->turns[i], 1, __ATOMIC_RELAXED);
		__atomic_fetch_or(&births->under_way, 1ULL << i, __ATOMIC_SEQ_CST);
		return i;
	}
	return NO_BIRTH;
}

void pending_end(unsigned int birth)
{
	uint32_t parent = lock_self();

	if (birth == NO_BIRTH)
		return;
	/* it may be another's by now, if it was given up */
	if (__atomic_load_n(&births->parents[birth], __ATOMIC_RELAXED) == parent)
		clear(birth);
	__atomic_compare_exchange_n(&births->parents[birth], &parent, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

uint32_t pending_before(void)
{
	return __atomic_load_n(&births->ended, __ATOMIC_SEQ_CST);
}

bool pending_is_under_way(void)
{
	return __atomic_load_n(&births->under_way, __ATOMIC_SEQ_CST) != 0;
}

bool pending_was_quiet(uint32_t before)
{
	return !pending_is_under_way() && pending_before() == before;
}

bool pending_is_fresh(const struct statx *stx)
{
	const struct moment now = fsclock_moment();

	return !fsclock_passed(&now, stx, NS_PER_S);
}

static void give_up(unsigned int i, uint32_t parent)
{
	clear(i);
	__atomic_compare_exchange_n(&births->parents[i], &parent, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Until it has ended, or has hung longer than anyone shall wait, maybe on purpose. */
static void wait_for(unsigned int i, uint32_t turn, int *waited)
{
	const struct timespec step = { 0, STEP_US * 1000L };

	while (is_under_way(i) && __atomic_load_n(&births->turns[i], __ATOMIC_RELAXED) == turn) {
		if (*waited >= BIRTH_WAIT_MS * 1000)
			return give_up(i, __atomic_load_n(&births->parents[i], __ATOMIC_RELAXED));
		nanosleep(&step, NULL);
		*waited += STEP_US;
	}
}

/* A file system on others shows devices of these, but the object is where its directory is mounted. */
static bool is_near(unsigned int i, const struct statx *stx)
{
	return __atomic_load_n(&births->devs[i], __ATOMIC_RELAXED) == statx_device(stx) ||
	       __atomic_load_n(&births->mounts[i], __ATOMIC_RELAXED) == stx->stx_mnt_id;
}

void pending_await(const struct statx *stx)
{
	uint64_t under_way = __atomic_load_n(&births->under_way, __ATOMIC_SEQ_CST);
	uint32_t turns[BIRTHS];
	int waited = 0;

	if (!under_way || !pending_is_fresh(stx))
		return;
	for (unsigned int i = 0; i < BIRTHS; i++)
		turns[i] = __atomic_load_n(&births->turns[i], __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < BIRTHS; i++)
		if (under_way & 1ULL << i && is_near(i, stx))
			wait_for(i, turns[i], &waited);
}

void pending_forget(pid_t pid)
{
	for (unsigned int i = 0; i < BIRTHS; i++) {
		uint32_t parent = __atomic_load_n(&births->parents[i], __ATOMIC_RELAXED);

		if (parent != 0 && lock_is_of(parent, pid))
			give_up(i, parent);
	}
}
