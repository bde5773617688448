/* SPDX-License-Identifier: Apache-2.0 */
#include "object/fsclock.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include "base/util.h"

static struct clocks *clocks;

int fsclock_open(void)
{
	clocks = mmap(NULL, sizeof(*clocks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return clocks == MAP_FAILED ? -errno : 0;
}

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static struct moment now(void)
{
	return (struct moment){ read_clock(CLOCK_BOOTTIME), read_clock(CLOCK_REALTIME) };
}

int64_t fsclock_now(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

struct moment fsclock_moment(void)
{
	struct moment m = now();
	int64_t coarse = read_clock(CLOCK_MONOTONIC_COARSE), behind = read_clock(CLOCK_MONOTONIC) - coarse;

	return (struct moment){ m.boot - behind, m.real - behind };
}

void fsclock_learn(const struct statx *stx)
{
	const struct moment after = now();

	clocks_set(clocks, &after, statx_device(stx), fsclock_time(&stx->stx_ctime));
}

bool fsclock_passed(const struct moment *then, const struct statx *stx, int64_t by)
{
	int64_t changed = fsclock_time(&stx->stx_ctime), time;
	struct moment after;

	if (__builtin_add_overflow(changed, by, &time))
		return false;
	if (clocks_passed(clocks, then, statx_device(stx), time))
		return true;
	after = now();
	clocks_see(clocks, &after, statx_device(stx), changed);
	return clocks_passed(clocks, then, statx_device(stx), time);
}

bool fsclock_outlived(const struct moment *then, const struct statx *stx, int64_t by)
{
	int64_t time;

	return stx->stx_mask & STATX_BTIME && stx->stx_dev_major != 0 && !__builtin_add_overflow(fsclock_time(&stx->stx_btime), by, &time) &&
	       clocks_passed(clocks, then, statx_device(stx), time);
}
