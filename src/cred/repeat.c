/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/repeat.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include "base/hash.h"
#include "base/util.h"
#include "cred/cookie.h"
#include "decode/request.h"
#include "proc/task.h"

static struct repeats *repeats;

void repeat_init(struct repeats *memory)
{
	repeats = memory;
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

	if (!repeat || repeat->key != key || repeat->cookie != cookie_read(t->tid))
		return false;
	if (has_got(repeat, t->tid) && repeat->id != t->id)
		return false;
	if (repeat->n_threads < LIMIT_REPEATING_THREADS)
		repeat->threads[repeat->n_threads++] = t->tid;
	*answer = repeat->answer;
	return true;
}

/* One that is unused or whose process has gone; else one after another, though threads of its process may still ask. */
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

/* Before the cookie is written: if this worker dies then, the next one knows that the change was made. */
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

	/* groups that could not be read are still those of an earlier call */
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
	cookie = credentials_cookie(&new);
	if (!cookie)
		return -EAGAIN;
	remember(t, tgid, key, cookie, answer);
	r = cookie_write(t->tid, t, cookie);
	return r < 0 ? r : answer;
}

int64_t repeat_apply(const struct task *t, const struct request *req, credentials_change *change)
{
	/* the threads of one process take turns; nothing here waits for anything of a container's */
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	int64_t r;

	pthread_mutex_lock(&turn);
	r = apply(t, req, change);
	pthread_mutex_unlock(&turn);
	return r;
}
