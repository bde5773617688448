/* SPDX-License-Identifier: Apache-2.0 */
/* The credentials of tasks, as the kernel and the broker keep them. */
#include "fake-process.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>

#include "fake-kernel.h"
#include "fuzz.h"
#include "kernel/ask.h"
#include "kernel/pidns.h"
#include "kernel/task.h"

#define ALL ((1ULL << (CAP_LAST_CAP + 1)) - 1)
#define FIRST_LIMIT 4096 /* what a soft limit is at first */

int __wrap_prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *new, struct rlimit *old);
int __real_prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *new, struct rlimit *old);

static struct creds table;
static struct repeats *repeats;
static struct rlimit limits[FAKE_PROCESSES][2];

void fake_processes_start(bool limited, bool all_limited, struct repeats *memory)
{
	for (int i = 0; i < FAKE_PROCESSES; i++) {
		limits[i][0] = (struct rlimit){ FIRST_LIMIT, limited || all_limited ? FIRST_LIMIT : RLIM_INFINITY };
		limits[i][1] = (struct rlimit){ FIRST_LIMIT, all_limited ? FIRST_LIMIT : RLIM_INFINITY };
	}
	if (table.count > 0) {
		memset(table.entries, 0, table.count * sizeof(table.entries[0]));
		memset(table.buckets, 0, sizeof(table.buckets));
		table.count = 0;
	}
	repeats = memory;
	credentials_init(&table, repeats);
}

bool fake_has_room(void)
{
	return limits[0][1].rlim_max == RLIM_INFINITY;
}

void fake_forget_changes(void)
{
	memset(repeats, 0, sizeof(*repeats));
}

int fake_process(pid_t pid)
{
	return (pid - FAKE_TIDS) & 8 ? 1 : 0;
}

struct cred fake_first_credentials(void)
{
	return cred_root(0, ALL, fake.capable ? ALL : 0, ALL, 0);
}

/* A limit is set for a call that is pending, and taken back when it was not. */
int __wrap_prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *new, struct rlimit *old)
{
	struct rlimit *limit = &limits[fake_process(pid)][resource == RLIMIT_RSS];
	int r;

	if (pid < FAKE_TIDS)
		return __real_prlimit(pid, resource, new, old);
	CHECK(resource == RLIMIT_LOCKS || resource == RLIMIT_RSS);
	r = fake.gone ? -ESRCH : FAKE_FAILS(prlimit, -ESRCH);
	fake.gone |= r < 0;
	errno = -r;
	if (r < 0) {
		/* nothing is left of what was to be taken back */
		limit->rlim_cur = fake.limited ? fake.limit_before : limit->rlim_cur;
		fake.limited = false;
		return -1;
	}
	if (new) {
		CHECK(new->rlim_max == limit->rlim_max && new->rlim_cur <= new->rlim_max);
		if (fake.limited)
			CHECK(fake.dead && new->rlim_cur == fake.limit_before);
		else
			fake_act();
		fake.limited = !fake.limited;
		fake.limit_before = limit->rlim_cur;
	}
	if (old)
		*old = *limit;
	if (new)
		*limit = *new;
	return 0;
}

/* The broker. */
int32_t ask(const struct message *message)
{
	int r = FAKE_FAILS(ask, -ENOSPC, -EIO);
	int32_t index;

	CHECK(message->kind == MESSAGE_CREDENTIALS && creds_find(&table, &message->cred) == -ENOENT);
	if (r < 0)
		return r;
	index = creds_add(&table, &message->cred);
	CHECK(index >= 0);
	return index;
}

int task_capabilities(const struct task *t, struct task_capabilities *sets)
{
	struct cred c = fake_first_credentials();
	int r = FAKE_FAILS(capget, -ESRCH, -EPERM);

	fake_check_task(t);
	fake.confirmed = false; /* allowed with a lock */
	if (r)
		return r;
	*sets = (struct task_capabilities){ c.inheritable, c.permitted, c.effective, c.bounding, c.ambient };
	return task_confirm(t);
}

int task_effective(const struct task *t, uint64_t *effective)
{
	struct task_capabilities sets = { 0 };
	int r = task_capabilities(t, &sets);

	*effective = sets.effective;
	return r;
}

pid_t task_group(const struct task *t)
{
	int r = FAKE_FAILS(group, -ESRCH);

	fake_check_task(t);
	return r < 0 ? r : FAKE_TIDS + 8 * fake_process(t->tid);
}

pid_t pidns_outside(const struct task *t, pid_t pid)
{
	int r = FAKE_FAILS(pidns, -ENOSYS, -ESRCH);

	fake_check_task(t);
	if (r < 0)
		return r;
	return pid == FAKE_OWN_PID ? t->tid : pid == FAKE_OTHER_PID ? FAKE_TIDS + 8 * !fake_process(t->tid) : -ESRCH;
}
