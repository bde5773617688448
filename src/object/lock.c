/* SPDX-License-Identifier: Apache-2.0 */
#include "object/lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

#define LOCKS 1024

/* Two changes of one object at once are rare, and one takes some microseconds: polling is cheaper than a futex here. */
#define STEP_US 100

/* The holder: its pid, which has 22 bits at most, and in it the thread; or 0. */
#define THREAD_BITS 8
static uint32_t *locks;

static _Thread_local uint32_t own_thread;

int lock_open(void)
{
	locks = mmap(NULL, LOCKS * sizeof(*locks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return locks == MAP_FAILED ? -errno : 0;
}

static bool exchange(uint32_t *word, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static pid_t pid_of(uint32_t holder)
{
	return (pid_t)(holder >> THREAD_BITS);
}

bool lock_is_dead(uint32_t holder)
{
	return pid_of(holder) <= 0 || (kill(pid_of(holder), 0) < 0 && errno == ESRCH);
}

bool lock_is_of(uint32_t holder, pid_t pid)
{
	return pid_of(holder) == pid;
}

/* In a worker, which is never forked again. */
uint32_t lock_self(void)
{
	static _Thread_local uint32_t holder;

	if (holder == 0)
		holder = (uint32_t)getpid() << THREAD_BITS | own_thread;
	return holder;
}

void lock_init_thread(unsigned int index)
{
	own_thread = index;
}

unsigned int lock_take(const struct statx *stx)
{
	uint64_t h = hash_add(statx_device(stx), stx->stx_ino);
	unsigned int i = (unsigned int)(h >> 32) % LOCKS;
	const struct timespec step = { 0, STEP_US * 1000L };

	for (int waited = 0; waited < LOCK_WAIT_MS * 1000; waited += STEP_US) {
		uint32_t holder = __atomic_load_n(&locks[i], __ATOMIC_RELAXED);

		if ((holder == 0 || lock_is_dead(holder)) && exchange(&locks[i], holder, lock_self()))
			return i;
		nanosleep(&step, NULL);
	}
	/* the holder hangs: no one else shall have to wait for it */
	__atomic_store_n(&locks[i], lock_self(), __ATOMIC_RELEASE);
	return i;
}

void lock_release(unsigned int lock)
{
	/* it may be another's by now, if we waited in vain */
	exchange(&locks[lock], lock_self(), 0);
}

void lock_forget(pid_t pid)
{
	for (unsigned int i = 0; i < LOCKS; i++) {
		uint32_t holder = __atomic_load_n(&locks[i], __ATOMIC_RELAXED);

		if (holder && lock_is_of(holder, pid))
			exchange(&locks[i], holder, 0);
	}
}
