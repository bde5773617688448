/* SPDX-License-Identifier: Apache-2.0 */
/* The credentials of tasks, as the kernel and the broker keep them. */
#include "fake-process.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>

#include "fake-kernel.h"
#include "cred/as_caller.h"
#include "fuzz.h"
#include "ipc/broker_call.h"
#include "object/process.h"
#include "object/setgroups.h"
#include "proc/exec_trace.h"
#include "proc/task.h"

#define ALL ((1ULL << (CAP_LAST_CAP + 1)) - 1)
#define FIRST_LIMIT 4096 /* what a soft limit is at first */

int __wrap_prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *new, struct rlimit *old);
int __real_prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *new, struct rlimit *old);

#define LISTENER 5

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
		memset(table.slots, 0, table.count * sizeof(table.slots[0]));
		memset(table.entries, 0, table.count * sizeof(table.entries[0]));
		memset(table.buckets, 0, sizeof(table.buckets));
		table.count = table.next = 0;
	}
	repeats = memory;
	credentials_init(&table, LISTENER);
	repeat_init(repeats);
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
int32_t broker_call(const struct message *message)
{
	int r = FAKE_FAILS(ask, -ENOSPC, -EIO);
	int32_t index;

	CHECK(message->kind == MESSAGE_CREDENTIALS && creds_find(&table, LISTENER, &message->cred) == -ENOENT);
	if (r < 0)
		return r;
	index = creds_add(&table, LISTENER, &message->cred, true);
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
	fake_check_task(t);
	fake.confirmed = false;
	*effective = fake_first_credentials().effective;
	return FAKE_FAILS(capget, -ESRCH, -EPERM);
}

pid_t task_group(const struct task *t)
{
	int r = FAKE_FAILS(group, -ESRCH);

	fake_check_task(t);
	return r < 0 ? r : FAKE_TIDS + 8 * fake_process(t->tid);
}

static enum other look_at(int process, struct cred *c)
{
	if (credentials_of(FAKE_TIDS + 8 * process, c))
		return PROCESS_RECORDED;
	*c = cred_root(0, 0, 0, 0, 0);
	return PROCESS_FIRST;
}

int process_by_number(const struct task *t, int32_t number, struct cred *c)
{
	int r = FAKE_FAILS(other, -ENOSYS, -ESRCH, -EPERM);

	fake_check_task(t);
	if (r < 0)
		return r;
	if (number == FAKE_OWN_PID)
		return PROCESS_SELF;
	return number == FAKE_OTHER_PID ? (int)look_at(!fake_process(t->tid), c) : -ESRCH;
}

int process_by_socket(const struct task *t, int t_fd, struct peer *peer)
{
	int r = FAKE_FAILS(other, -ENOSYS, -ENOTSOCK, -EPERM);

	fake_check_task(t);
	if (r < 0 || t_fd < 0)
		return r < 0 ? r : -EBADF;
	memset(peer, 0, sizeof(*peer));
	peer->number = t_fd == FAKE_OTHER_SOCKET ? FAKE_OTHER_PID : FAKE_OWN_PID;
	peer->other = look_at(fake_process(t->tid) ^ (t_fd == FAKE_OTHER_SOCKET), &peer->cred);
	if (t_fd == FAKE_ENDED_SOCKET)
		peer->other = PROCESS_GONE;
	return 0;
}

/* No object of the fake procfs belongs to a process. */
bool process_owner(int fd, const struct statx *stx, struct owner *owner)
{
	(void)fd;
	(void)stx;
	(void)owner;
	return false;
}

int setgroups_show(const struct task *t, int t_fd, int fd, const struct statx *stx)
{
	(void)stx;
	fake_check_task(t);
	CHECK(t_fd >= 0 && fd >= FAKE_FIRST_FD);
	return 0;
}

int task_status(const struct task *t, const char *field)
{
	fake_check_task(t);
	CHECK(strcmp(field, "\nNoNewPrivs:") == 0);
	return FAKE_FAILS(status, -ESRCH, 1);
}

/* All tasks are traced by somebody else. */
int exec_trace_open(const struct task *t)
{
	fake_check_task(t);
	return FAKE_FAILS(window, -EALREADY) ? -EALREADY : -EPERM;
}

bool exec_trace_watch(const struct task *t, struct task *program)
{
	(void)t;
	(void)program;
	abort();
}

int exec_trace_show(const struct task *program, const struct cred *c, bool secure)
{
	(void)program;
	(void)c;
	(void)secure;
	abort();
}

void exec_trace_close(const struct task *program, bool begins)
{
	(void)program;
	(void)begins;
	abort();
}

int task_open_program(const struct task *t)
{
	(void)t;
	abort();
}

/* Of a listener that is an engine's, which this one is not. */
int as_caller_locate(const struct task *t)
{
	(void)t;
	abort();
}

int as_caller_settle(const struct task *t)
{
	(void)t;
	abort();
}

uint64_t as_caller_place(void)
{
	abort();
}

void as_caller_unsettle(void)
{
	abort();
}
