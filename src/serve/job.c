/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/job.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "base/groups.h"
#include "base/limits.h"
#include "base/log.h"
#include "cred/as_caller.h"
#include "cred/credentials.h"
#include "cred/enter.h"
#include "decode/decode.h"
#include "handle/handle.h"
#include "object/lost.h"
#include "proc/task.h"
#include "reply/reply.h"
#include "seccomp/notif.h"
#include "serve/trace.h"
#include "serve/slot.h"

bool job_trace;

typedef void handle(struct task *t, const struct request *req, struct verdict *v);

static handle *const handlers[HANDLE_COUNT] = {
#define HANDLER(name, ...) handle_##name,
#include "decode/handlers.def"
#undef HANDLER
};

struct task job_begin(const struct worker *w, struct job *j)
{
	j->request.row = NULL;
	j->known = (struct known){ 0 };
	j->verdict.sent = false;
	j->verdict.n_places = j->verdict.length = 0;
	return (struct task){
		.listener = w->listener,
		.id = j->notif->id,
		.known = &j->known,
		.hints = &j->hints,
		.intent = j->intent,
		.tid = (pid_t)j->notif->pid,
		.isolation = __atomic_load_n(&w->slot->isolation, __ATOMIC_RELAXED),
	};
}

bool job_is_hopeless(struct job *j, const struct task *t)
{
	if (*j->deaths >= LIMIT_DEATHS_PER_NOTIFICATION) {
		log_warnx("a call that ended its worker %u times is answered with EIO", *j->deaths);
		verdict_errno(&j->verdict, REASON_worker_died, -EIO);
		return true;
	}
	if (t->tid <= 0)
		verdict_errno(&j->verdict, REASON_unknown_call, -ENOSYS);
	return t->tid <= 0;
}

/* One thread finds out, which can take long; until then yes, which costs time and nothing else. A task before its first execve(2) cannot be asked. */
static bool worker_visible(struct worker *w, const struct task *t)
{
	static const enum visible found[] = { VISIBLE_UNKNOWN, INVISIBLE, VISIBLE };
	uint32_t unknown = VISIBLE_UNKNOWN;

	if (__atomic_load_n(&w->visible, __ATOMIC_RELAXED) == VISIBLE_UNKNOWN &&
	    __atomic_compare_exchange_n(&w->visible, &unknown, VISIBLE_MAYBE, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		__atomic_store_n(&w->visible, found[enter_is_visible(t, false) + 1], __ATOMIC_RELAXED);
	return __atomic_load_n(&w->visible, __ATOMIC_RELAXED) != INVISIBLE;
}

/* The same of the root in which this thread has settled: found out once for each. An engine sees all processes of its user. */
static bool settled_visible(const struct task *t)
{
	static uint64_t places[LIMIT_PLACES]; /* twice the number of a place, and one more where it shows us */
	static uint32_t asks;
	uint64_t place = as_caller_place(), *known = &places[place % ARRAY_SIZE(places)], found = __atomic_load_n(known, __ATOMIC_RELAXED);
	int r;

	if (place == 0)
		return true;
	if (found >> 1 == place)
		return found & 1;
	if (__atomic_exchange_n(&asks, 1, __ATOMIC_ACQUIRE))
		return true;
	r = enter_is_visible(t, true);
	if (r >= 0)
		__atomic_store_n(known, place << 1 | (r == 1), __ATOMIC_RELAXED);
	__atomic_store_n(&asks, 0, __ATOMIC_RELEASE);
	return r != 0;
}

/* Needs the call any object, or only what is known of processes? */
static bool looks_at_files(enum handler handler)
{
	switch (handler) {
	case HANDLE_isolation: case HANDLE_set_ids: case HANDLE_set_groups: case HANDLE_get_ids: case HANDLE_capget: case HANDLE_capset:
	case HANDLE_prctl: case HANDLE_limit: case HANDLE_refuse:
		return false;
	default:
		return true;
	}
}

/* Goes where the task is. 0, or the reason for which the kernel shall answer. */
static int go_to(const struct worker *w, const struct job *j, struct task *t)
{
	if (w->slot->attached && looks_at_files(j->request.row->handler) && as_caller_settle(t) < 0)
		return REASON_not_entered;
	return 0;
}

/* The result in the caller's memory, which some errors have too, while the call is still pending. */
static int write_back(const struct task *t, struct verdict *v)
{
	int r;

	if (v->kernel || v->length == 0)
		return 0;
	r = task_confirm(t);
	if (r < 0)
		return r;
	r = task_write(t, v);
	if (r < 0)
		verdict_errno(v, REASON_bad_buffer, -EFAULT);
	return 0;
}

/*
 * What an exec needs before its handler: the ids of the container's first program, where the runtime's payload says so; and, where
 * the task cannot be read yet, all that there is to do.
 */
static int prepare_exec(struct worker *w, const struct task *t, bool unseen)
{
	int r = 0;

	if (w->slot->user.given) {
		r = credentials_start(t, &w->slot->user);
		/* one that could not become the user must not try again as root */
		w->slot->user.given = r < 0;
	}
	return r == 0 && unseen ? credentials_exec_unseen(t) : r;
}

/* As decode(). */
static int decode_and_prepare(struct worker *w, struct job *j, const struct task *t)
{
	int r = decode(&j->notif->data, t, &j->request);
	int error = 0;

	if (j->request.row && j->request.row->handler == HANDLE_exec && (r == 0 || r == REASON_not_entered))
		error = prepare_exec(w, t, r != 0);
	return error < 0 ? error : r;
}

static void refuse(struct verdict *v, int r)
{
	verdict_errno(v, r == -ENOSYS ? REASON_unknown_call : REASON_bad_argument, r);
}

/* May the call make an object, and has the task made it before? That is then as if a worker had died after it made one for this very call. */
static void know_again(const struct worker *w, struct job *j)
{
	enum handler handler = j->request.row->handler;
	const struct slot *slot = w->slot;

	if (HAS_CREATE && (handler == HANDLE_create || handler == HANDLE_socket_call) &&
	    lost_find(slot->notifs, slot->intents, LIMIT_THREADS, j->notif, j->intent))
		j->intent->id = j->notif->id;
}

/* Decides and carries out. -ENOENT: the call is no longer pending. */
static int decide(struct worker *w, struct job *j, struct task *t)
{
	struct verdict *v = &j->verdict;
	handle *handler;
	int r;

	r = decode_and_prepare(w, j, t);
	if (r == 0)
		r = go_to(w, j, t);
	t->worker_visible = w->slot->attached ? settled_visible(t) : worker_visible(w, t);
	/*
	 * Whether the call was pending while its memory was read is checked before anything is done for it, by resolve_open() and
	 * write_back(), and otherwise by SEND.
	 */
	if (r > 0) {
		verdict_continue(v, (enum reason)r);
	} else if (r < 0) {
		refuse(v, r);
	} else {
		know_again(w, j);
		handler = handlers[j->request.row->handler];
		handler(t, &j->request, v);
		/* a thread that was just told to stand by was interrupted; see pool.c */
		if (!v->kernel && v->error == EINTR)
			handler(t, &j->request, v);
	}
	/* other threads may have noted more meanwhile */
	if (t->isolation)
		__atomic_fetch_or(&w->slot->isolation, t->isolation, __ATOMIC_RELAXED);
	return write_back(t, v);
}

bool job_is_early(struct job *j, const struct task *t)
{
	enum handler handler;

	if (decode(&j->notif->data, t, &j->request) != 0)
		return false;
	handler = j->request.row->handler;
	return handler == HANDLE_capget || (handler == HANDLE_prctl && j->request.option == PR_CAPBSET_DROP);
}

void job_decide_outside(struct worker *w, struct job *j, struct task *t)
{
	int r = decode_and_prepare(w, j, t);

	if (r < 0)
		return refuse(&j->verdict, r);
	if (r == 0 && (j->request.row->handler == HANDLE_set_ids || j->request.row->handler == HANDLE_get_ids))
		handlers[j->request.row->handler](t, &j->request, &j->verdict);
	else
		verdict_continue(&j->verdict, REASON_not_entered);
	if (write_back(t, &j->verdict) < 0)
		verdict_continue(&j->verdict, REASON_not_entered); /* it is gone */
}

void job_answer(struct worker *w, const struct job *j, const struct task *t)
{
	struct slot *slot = w->slot;
	struct seccomp_notif_resp resp;

	if (job_trace)
		trace_call(&j->notif->data, t, j->request.row ? &j->request : NULL, &j->verdict);
	if (!j->verdict.sent) {
		reply_encode(&j->verdict, t->id, &resp);
		if (notif_send(w->listener, &resp) < 0) {
			/* a descriptor, too, could not be handed over then: ESRCH, where ADDFD was waiting for the task */
			if (j->intent->id == t->id && !j->verdict.kernel &&
			    (j->verdict.error == 0 || j->verdict.error == ENOENT || j->verdict.error == ESRCH))
				lost_keep(j->notif, j->intent);
			return;
		}
	}
	__atomic_fetch_add(&slot->reasons[j->verdict.reason], 1, __ATOMIC_RELAXED);
	if (j->verdict.reason == REASON_answered)
		__atomic_fetch_add(&slot->answers[j->request.call], 1, __ATOMIC_RELAXED);
}

static void decide_and_answer(struct worker *w, struct job *j, struct task *t)
{
	int r = job_is_hopeless(j, t) ? 0 : decide(w, j, t);

	/* before the answer, after which the root may be unmounted */
	if (w->slot->attached && as_caller_place() == 0)
		as_caller_unsettle();
	if (r == 0)
		job_answer(w, j, t);
}

bool job_serve(struct worker *w, struct job *j)
{
	struct task t = job_begin(w, j);
	bool guest = w->slot->attached && as_caller_locate(&t) != 0;

	if (guest && !guests_admit(&w->guests))
		return false;
	decide_and_answer(w, j, &t);
	if (guest)
		guests_leave(&w->guests);
	return true;
}

void job_refuse(struct worker *w, struct job *j)
{
	struct task t = job_begin(w, j);

	verdict_errno(&j->verdict, REASON_no_thread, -ENOMEM);
	job_answer(w, j, &t);
}
