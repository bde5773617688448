/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/credentials.h"

#include <errno.h>

#include "base/log.h"
#include "cred/cookie.h"
#include "ipc/broker_call.h"
#include "proc/task.h"

#define CARRY_TRIES 3

static const struct creds *shared;
static uint16_t own; /* the listener's number */

void credentials_init(const struct creds *table, uint16_t listener)
{
	shared = table;
	own = listener;
}

bool credentials_in_use(void)
{
	return creds_count(shared) > 0;
}

static struct cred nobody(void)
{
	struct cred c = cred_root(0, 0, 0, 0, 0);

	c.ruid = c.euid = c.suid = c.fsuid = c.rgid = c.egid = c.sgid = c.fsgid = OVERFLOW_ID;
	return c;
}

bool credentials_from(uint64_t limit, struct cred *c)
{
	int32_t number = cookie_number(limit);

	if (number < 0)
		return false;
	/* it had some, which are not known any more: see store/cred_store.c */
	if (!creds_get(shared, (uint32_t)number, c))
		*c = nobody();
	return true;
}

bool credentials_of(pid_t pid, struct cred *c)
{
	return credentials_in_use() && credentials_from(cookie_read(pid), c);
}

bool credentials_recorded(const struct task *t, struct cred *c)
{
	return credentials_of(t->tid, c);
}

/* Those of a process that has changed nothing. */
static struct cred first(const struct task_capabilities *real)
{
	return cred_root(real->inheritable, real->permitted, real->effective, real->bounding, real->ambient);
}

int credentials_get(const struct task *t, struct cred *c)
{
	struct task_capabilities real;
	int r;

	if (credentials_of(t->tid, c))
		return 1;
	r = task_capabilities(t, &real);
	if (r == 0)
		*c = first(&real);
	return r;
}

uint64_t credentials_cookie(const struct cred *c)
{
	static bool said;
	int32_t number = creds_find(shared, own, c);

	if (number < 0) {
		struct message message = { .kind = MESSAGE_CREDENTIALS, .cred = *c };

		number = broker_call(&message);
	}
	if (number >= 0)
		return cookie_of(number);
	if (!said)
		log_warn(number, "the table of credentials is full: set*id calls that need new ones fail with EAGAIN");
	said = true;
	return 0;
}

/*
 * Gives a process these, by its id. What nobody has had for a while the broker may take from the table meanwhile, but not without a doubt that
 * is seen here: see store/cred_store.c.
 */
static int carry(pid_t tid, const struct task *t, const struct cred *c)
{
	for (int tries = 0; tries < CARRY_TRIES; tries++) {
		uint64_t cookie = credentials_cookie(c);
		int r = cookie ? cookie_write(tid, t, cookie) : -EAGAIN;

		if (r < 0 || creds_is_sure(shared, (uint32_t)cookie_number(cookie)))
			return r;
	}
	return -EAGAIN;
}

int credentials_set(const struct task *t, const struct cred *c)
{
	return carry(t->tid, t, c);
}

/* Are these what the kernel itself says of the task, so that nothing needs to be recorded? */
static bool is_kernels(const struct task *t, const struct cred *c)
{
	struct task_capabilities real = { 0 };
	struct cred kernels;

	/* there is no call that could be pending */
	if (c->ruid != 0 || c->euid != 0 || task_capabilities(t, &real) == -ESRCH)
		return false;
	kernels = first(&real);
	return cred_equal(c, &kernels);
}

int credentials_set_held(const struct task *t, const struct cred *c)
{
	/* a runtime sets and clears PR_SET_KEEPCAPS: what its container starts with is still what every call is fastest for */
	if (is_kernels(t, c)) {
		cookie_drop(t->tid);
		return 0;
	}
	return carry(t->tid, NULL, c);
}

int credentials_start(const struct task *t, const struct first_user *user)
{
	struct cred c;
	int64_t r = credentials_get(t, &c);

	if (r >= 0)
		r = cred_setgroups(&c, user->groups, user->n_groups);
	if (r == 0)
		r = cred_set_ids(&c, CRED_SETRESGID, (uint32_t[]){ user->gid, user->gid, user->gid });
	if (r == 0)
		r = cred_set_ids(&c, CRED_SETRESUID, (uint32_t[]){ user->uid, user->uid, user->uid });
	return r < 0 ? (int)r : credentials_set(t, &c);
}

int credentials_exec_unseen(const struct task *t)
{
	const struct cred_file file = { 0 };
	struct task_capabilities real;
	struct cred c;
	int r = credentials_get(t, &c);

	if (r <= 0)
		return r;
	r = task_capabilities(t, &real);
	if (r < 0)
		return r;
	c.inheritable = real.inheritable;
	c.bounding = real.bounding;
	c.ambient = real.ambient;
	r = cred_exec(&c, &file);
	return r < 0 ? r : credentials_set(t, &c);
}

int credentials_actor(const struct task *t, struct cred *c)
{
	struct known *known = t->known;
	int r = 0;

	if (known->has_effective && !known->is_recorded) {
		*c = cred_root(0, known->effective, known->effective, 0, 0);
		return 0;
	}
	known->is_recorded = credentials_of(t->tid, c);
	if (known->is_recorded) {
		known->effective = c->effective;
	} else {
		r = task_effective(t, &known->effective);
		*c = cred_root(0, known->effective, known->effective, 0, 0);
	}
	known->has_effective = r == 0;
	return r;
}

int credentials_effective(const struct task *t, uint64_t *effective)
{
	struct cred c;
	int r = t->known->has_effective ? 0 : credentials_actor(t, &c);

	*effective = t->known->effective;
	return r;
}
