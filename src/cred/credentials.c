/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/credentials.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "base/hash.h"
#include "base/log.h"
#include "decode/request.h"
#include "ipc/broker_call.h"
#include "proc/task.h"

#define INDEX_BITS 24
#define INDEX_MASK ((1ULL << INDEX_BITS) - 1)

_Static_assert(LIMIT_CREDENTIALS <= INDEX_MASK, "an index fits into a cookie");

static const int carriers[] = { RLIMIT_LOCKS, RLIMIT_RSS };

static uint64_t tag; /* above the bits of the index */
static const struct creds *shared;
static struct repeats *repeats;

int credentials_prepare(void)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -errno;
	/* neither RLIM_INFINITY nor a limit that somebody might choose */
	tag = (random | 1ULL << 62) & ~(1ULL << 63) & ~INDEX_MASK;
	return 0;
}

void credentials_init(const struct creds *table, struct repeats *memory)
{
	shared = table;
	repeats = memory;
}

bool credentials_in_use(void)
{
	return creds_count(shared) > 0;
}

static bool is_cookie(uint64_t value)
{
	return (value & ~INDEX_MASK) == tag && (value & INDEX_MASK) < creds_count(shared);
}

/* The cookie of a process, or 0. */
static uint64_t read_cookie(pid_t pid)
{
	struct rlimit limit;

	if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit) < 0)
		return 0;
	if (is_cookie(limit.rlim_cur))
		return limit.rlim_cur;
	if (limit.rlim_max != RLIM_INFINITY && prlimit(pid, RLIMIT_RSS, NULL, &limit) == 0 && is_cookie(limit.rlim_cur))
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

/* t: whose call has to be pending still, or NULL where the process is held still otherwise. 0; -ENOENT; -EAGAIN when no limit has room. */
static int write_cookie(pid_t pid, const struct task *t, uint64_t cookie)
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

bool credentials_of(pid_t pid, struct cred *c)
{
	uint64_t cookie = credentials_in_use() ? read_cookie(pid) : 0;

	return cookie && creds_get(shared, cookie & INDEX_MASK, c);
}

bool credentials_kept(const struct task *t, struct cred *c)
{
	return credentials_of(t->tid, c);
}

bool credentials_from(uint64_t limit, struct cred *c)
{
	return is_cookie(limit) && creds_get(shared, limit & INDEX_MASK, c);
}

int credentials_get(const struct task *t, struct cred *c)
{
	struct task_capabilities real;
	int r;

	if (credentials_of(t->tid, c))
		return 1;
	r = task_capabilities(t, &real);
	if (r == 0)
		*c = cred_root(real.inheritable, real.permitted, real.effective, real.bounding, real.ambient);
	return r;
}

/* The cookie for these credentials, which are appended to the table where they are new; 0 when that is full. */
static uint64_t cookie_for(const struct cred *c)
{
	static bool said;
	int32_t index = creds_find(shared, c);

	if (index < 0) {
		struct message message = { .kind = MESSAGE_CREDENTIALS, .cred = *c };

		index = broker_call(&message);
	}
	if (index >= 0)
		return tag | (uint32_t)index;
	if (!said)
		log_warn(index, "no more credentials can be kept: set*id calls that need new ones fail with EAGAIN");
	said = true;
	return 0;
}

int credentials_set(const struct task *t, const struct cred *c)
{
	uint64_t cookie = cookie_for(c);

	return cookie ? write_cookie(t->tid, t, cookie) : -EAGAIN;
}

/* Are these what the kernel itself says of the task, so that nothing needs to be kept? */
static bool is_kernels(const struct task *t, const struct cred *c)
{
	struct task_capabilities real = { 0 };
	struct cred first;

	/* there is no call that could be pending */
	if (c->ruid != 0 || c->euid != 0 || task_capabilities(t, &real) == -ESRCH)
		return false;
	first = cred_root(real.inheritable, real.permitted, real.effective, real.bounding, real.ambient);
	return cred_equal(c, &first);
}

static void drop_cookie(pid_t pid)
{
	struct rlimit limit;

	for (size_t i = 0; i < ARRAY_SIZE(carriers); i++) {
		if (prlimit(pid, carriers[i], NULL, &limit) < 0 || !is_cookie(limit.rlim_cur))
			continue;
		limit.rlim_cur = limit.rlim_max;
		prlimit(pid, carriers[i], &limit, NULL);
	}
}

int credentials_set_held(const struct task *t, const struct cred *c)
{
	uint64_t cookie;

	/* a runtime sets and clears PR_SET_KEEPCAPS: what its container starts with is still what every call is fastest for */
	if (is_kernels(t, c)) {
		drop_cookie(t->tid);
		return 0;
	}
	cookie = cookie_for(c);
	return cookie ? write_cookie(t->tid, NULL, cookie) : -EAGAIN;
}

int credentials_reserve(const struct cred *c)
{
	return cookie_for(c) ? 0 : -EAGAIN;
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

static uint64_t key_of(const struct request *req)
{
	uint64_t key = hash_add(req->call, (uint32_t)req->count);

	key = hash_add(key, req->option);
	for (size_t i = 0; i < ARRAY_SIZE(req->ids); i++)
		key = hash_add(key, req->ids[i]);
	for (size_t i = 0; i < ARRAY_SIZE(req->values); i++)
		key = hash_add(key, req->values[i]);
	for (size_t i = 0; i < ARRAY_SIZE(req->caps); i++)
		key = hash_add(key, req->caps[i]);
	for (int32_t i = 0; i < req->count && i < LIMIT_GROUPS; i++)
		key = hash_add(key, req->groups[i]);
	return key;
}

static struct repeat *repeat_of(pid_t tgid)
{
	for (size_t i = 0; i < LIMIT_REPEATED; i++)
		if (repeats->repeats[i].tgid == tgid)
			return &repeats->repeats[i];
	return NULL;
}

static bool has_got(const struct repeat *repeat, pid_t tid)
{
	for (uint32_t i = 0; i < repeat->n_threads && i < LIMIT_REPEATING_THREADS; i++)
		if (repeat->threads[i] == tid)
			return true;
	return false;
}

/* Is this call of the task the repetition of its process's last change, or that very call, whose worker died before it answered? */
static bool repeats_last(const struct task *t, pid_t tgid, uint64_t key, int64_t *answer)
{
	struct repeat *repeat = repeat_of(tgid);

	if (!repeat || repeat->key != key || repeat->cookie != read_cookie(t->tid))
		return false;
	if (has_got(repeat, t->tid) && repeat->id != t->id)
		return false;
	if (repeat->n_threads < LIMIT_REPEATING_THREADS)
		repeat->threads[repeat->n_threads++] = t->tid;
	*answer = repeat->answer;
	return true;
}

/* One that is unused, or of a process that has gone, before that of one whose other threads may still ask. */
static struct repeat *repeat_new(void)
{
	struct rlimit limit;

	for (size_t i = 0; i < LIMIT_REPEATED; i++) {
		struct repeat *repeat = &repeats->repeats[i];

		if (repeat->tgid == 0 || (prlimit(repeat->tgid, RLIMIT_LOCKS, NULL, &limit) < 0 && errno == ESRCH))
			return repeat;
	}
	return &repeats->repeats[repeats->next++ % LIMIT_REPEATED];
}

/* Before it is made, so that one that was made is known. */
static void remember(const struct task *t, pid_t tgid, uint64_t key, uint64_t cookie, int64_t answer)
{
	struct repeat *repeat = repeat_of(tgid);

	if (!repeat)
		repeat = repeat_new();
	repeat->tgid = 0;
	repeat->id = t->id;
	repeat->key = key;
	repeat->cookie = cookie;
	repeat->answer = answer;
	repeat->threads[0] = t->tid;
	repeat->n_threads = 1;
	__atomic_store_n(&repeat->tgid, tgid, __ATOMIC_RELEASE);
}

static int64_t apply(const struct task *t, const struct request *req, credentials_change *change)
{
	pid_t tgid = task_group(t);
	uint64_t key = key_of(req), cookie;
	struct cred old, new;
	int64_t answer;
	int r = tgid < 0 ? tgid : 0;

	/* what could not be read is what an earlier call left there */
	if (r == 0 && req->memory_error == 0 && repeats_last(t, tgid, key, &answer))
		return answer;
	if (r == 0)
		r = credentials_get(t, &old);
	if (r < 0)
		return r;
	new = old;
	answer = change(&new, req);
	if (answer < 0 || cred_equal(&old, &new))
		return answer;
	cookie = cookie_for(&new);
	if (!cookie)
		return -EAGAIN;
	remember(t, tgid, key, cookie, answer);
	r = write_cookie(t->tid, t, cookie);
	return r < 0 ? r : answer;
}

int64_t credentials_apply(const struct task *t, const struct request *req, credentials_change *change)
{
	/* the threads of one process take turns; nothing here waits for anything of a container's */
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	int64_t r;

	pthread_mutex_lock(&turn);
	r = apply(t, req, change);
	pthread_mutex_unlock(&turn);
	return r;
}

int credentials_actor(const struct task *t, struct cred *c)
{
	struct known *known = t->known;
	int r = 0;

	if (known->has_effective && !known->has_kept) {
		*c = cred_root(0, known->effective, known->effective, 0, 0);
		return 0;
	}
	known->has_kept = credentials_of(t->tid, c);
	if (known->has_kept) {
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
