/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/cookie.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/util.h"
#include "proc/task.h"
#include "rule/creds.h"

#define NUMBER_MASK (CREDS_NUMBERS - 1ULL)

static const int carriers[] = { RLIMIT_LOCKS, RLIMIT_RSS };

static uint64_t tag; /* above the bits of the number */

int cookie_prepare(void)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -errno;
	/* neither RLIM_INFINITY nor a limit that somebody might choose */
	tag = (random | 1ULL << 62) & ~(1ULL << 63) & ~NUMBER_MASK;
	return 0;
}

uint64_t cookie_of(int32_t number)
{
	return tag | (uint32_t)number;
}

int32_t cookie_number(uint64_t limit)
{
	return (limit & ~NUMBER_MASK) == tag ? (int32_t)(limit & NUMBER_MASK) : -1;
}

uint64_t cookie_read(pid_t pid)
{
	struct rlimit limit;

	if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit) < 0)
		return 0;
	if (cookie_number(limit.rlim_cur) >= 0)
		return limit.rlim_cur;
	if (limit.rlim_max != RLIM_INFINITY && prlimit(pid, RLIMIT_RSS, NULL, &limit) == 0 && cookie_number(limit.rlim_cur) >= 0)
		return limit.rlim_cur;
	return 0;
}

/* Sets the soft limit where the hard one leaves room. 0; -ENOSPC; -errno. */
static int write_limit(pid_t pid, int resource, uint64_t cookie, struct rlimit *old)
{
	struct rlimit new;

	if (prlimit(pid, resource, NULL, old) < 0)
		return -errno;
	if (old->rlim_max < cookie)
		return -ENOSPC;
	new = (struct rlimit){ cookie, old->rlim_max };
	return prlimit(pid, resource, &new, old) < 0 ? -errno : 0;
}

int cookie_write(pid_t pid, const struct task *t, uint64_t cookie)
{
	static bool said;
	int r = -ENOSPC;

	for (size_t i = 0; r == -ENOSPC && i < ARRAY_SIZE(carriers); i++) {
		struct rlimit old;

		r = t ? task_confirm(t) : 0;
		if (r == 0)
			r = write_limit(pid, carriers[i], cookie, &old);
		/* the task may have died after the check, and its id gone to another one, whose limit this was */
		if (r == 0 && t && task_confirm(t) < 0) {
			prlimit(pid, carriers[i], &old, NULL);
			r = -ENOENT;
		}
	}
	if (r == -ENOSPC && !said) {
		log_warnx("a process has hard limits for both RLIMIT_LOCKS and RLIMIT_RSS, so that it cannot change its ids");
		said = true;
	}
	return r == -ENOSPC ? -EAGAIN : r == -ESRCH ? -ENOENT : r;
}

void cookie_drop(pid_t pid)
{
	struct rlimit limit;

	for (size_t i = 0; i < ARRAY_SIZE(carriers); i++) {
		if (prlimit(pid, carriers[i], NULL, &limit) < 0 || cookie_number(limit.rlim_cur) < 0)
			continue;
		limit.rlim_cur = limit.rlim_max;
		prlimit(pid, carriers[i], &limit, NULL);
	}
}
