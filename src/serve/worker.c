/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "decode/decode.h"
#include "handle/handle.h"
#include "kernel/enter.h"
#include "kernel/notif.h"
#include "kernel/special.h"
#include "reply/reply.h"
#include "reply/verdict.h"
#include "serve/trace.h"

bool worker_trace;

typedef void handle(struct task *t, const struct request *req, struct verdict *v);

static handle *const handlers[HANDLE_COUNT] = {
	[HANDLE_chown] = handle_chown,
	[HANDLE_stat] = handle_stat,
	[HANDLE_xattr_name] = handle_xattr_name,
	[HANDLE_xattr_list] = handle_xattr_list,
	[HANDLE_hint] = handle_hint,
	[HANDLE_refuse] = handle_refuse,
};

/* What one notification needs; too large for a stack, and one is served at a time. */
static struct request request;
static struct verdict verdict;

static bool entered, visible, many_ids;

static void join(struct worker *w, const struct task *t)
{
	int r = enter_container(&w->container);

	if (r < 0) {
		log_warn(r, "cannot enter the container");
		exit(EXIT_FAILURE);
	}
	entered = true;
	visible = enter_is_visible(t);
}

/*
 * Joins the container of the first task that can be reached: where the runtime makes the user namespace itself, its
 * own process cannot before its execve(2).
 */
static bool enter(struct worker *w, const struct task *t)
{
	int64_t ids = w->container.userns >= 0 || entered || many_ids ? 1 : task_mapped_ids(t);
	int r;

	if (entered)
		return true;
	if (ids > 1 && task_confirm(t) == 0) {
		many_ids = true;
		log_warnx("a caller's user namespace maps %lld ids: it needs no emulation and gets none", (long long)ids);
	}
	if (many_ids)
		verdict_continue(&verdict, WHY_many_ids);
	else
		verdict_continue(&verdict, WHY_not_entered);
	if (ids != 1 || many_ids)
		return false;
	if (w->container.userns < 0) {
		if (task_open_container(t, &w->container) < 0)
			return false;
		r = special_hand_over(MESSAGE_CONTAINER, (int[]){ w->container.userns, w->container.mntns, w->container.root }, 3);
		if (r < 0)
			log_warn(r, "cannot reach the daemon: this container will not survive the death of its worker");
	}
	join(w, t);
	return true;
}

/* The result in the caller's memory, while the call is still pending. */
static int write_back(const struct task *t)
{
	int r;

	if (verdict.kernel || verdict.error || verdict.length == 0)
		return 0;
	r = task_confirm(t);
	if (r < 0)
		return r;
	r = task_write(t, verdict.t_buf, verdict.bytes, verdict.length);
	if (r < 0)
		verdict_errno(&verdict, WHY_bad_buffer, -EFAULT);
	return 0;
}

/* Decides and carries out. -ENOENT: the call is no longer pending. */
static int decide(struct worker *w, struct task *t, const struct seccomp_notif *notif)
{
	int r;

	if (!enter(w, t))
		return 0;
	t->sees_us = visible;
	r = decode(&notif->data, t, &request);
	if (task_confirm(t) < 0)
		return -ENOENT;
	if (r > 0)
		verdict_continue(&verdict, (enum why)r);
	else if (r < 0)
		verdict_errno(&verdict, r == -ENOSYS ? WHY_unknown_call : WHY_bad_argument, r);
	else
		handlers[request.row->handler](t, &request, &verdict);
	w->slot->roots_differ = t->roots_differ;
	return write_back(t);
}

static void serve(struct worker *w)
{
	struct slot *slot = w->slot;
	struct seccomp_notif_resp resp;
	struct task t = {
		.listener = w->listener,
		.id = slot->notif.id,
		.tid = (pid_t)slot->notif.pid,
		.roots_differ = slot->roots_differ,
	};

	request.row = NULL;
	verdict.length = 0;
	if (slot->deaths >= LIMIT_DEATHS_PER_NOTIFICATION) {
		log_warnx("a call that ended its worker %u times is answered with EIO", slot->deaths);
		verdict_errno(&verdict, WHY_worker_died, -EIO);
	} else if (t.tid <= 0) {
		verdict_errno(&verdict, WHY_unknown_call, -ENOSYS); /* a task that our pid namespace does not show */
	} else if (decide(w, &t, &slot->notif) < 0) {
		return;
	}
	if (worker_trace)
		trace_call(&slot->notif.data, &t, request.row ? &request : NULL, &verdict);
	reply_encode(&verdict, t.id, &resp);
	if (notif_send(w->listener, &resp) < 0)
		return;
	slot->whys[verdict.why]++;
	if (verdict.why == WHY_answered)
		slot->answers[request.call]++;
}

void worker_run(struct worker *w)
{
	struct slot *slot = w->slot;
	int r = enter_prepare(w->kept_proc);

	if (r < 0) {
		log_warn(r, "cannot become unreadable for the container");
		exit(EXIT_FAILURE);
	}
	r = notif_sync_wake_up(w->listener);
	if (r < 0)
		log_debug("no SYNC_WAKE_UP: each call costs ten times as much");
	if (slot->notif.id != 0) {
		slot->deaths++;
		serve(w);
	}
	for (;;) {
		slot->notif.id = 0;
		slot->deaths = 0;
		r = notif_receive(w->listener, &slot->notif);
		if (r == -ENOTCONN)
			exit(EXIT_SUCCESS);
		if (r == 0)
			serve(w);
		else if (r != -ENOENT && r != -EINTR) {
			log_warn(r, "cannot receive notifications");
			exit(EXIT_FAILURE);
		}
	}
}
