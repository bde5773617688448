/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/groups.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "create/host_device.h"
#include "cred/enter.h"
#include "ipc/broker_call.h"
#include "object/identity.h"
#include "object/object.h"
#include "reply/verdict.h"
#include "seccomp/notif.h"
#include "seccomp/sandbox.h"
#include "serve/job.h"
#include "serve/pool.h"
#include "serve/slot.h"

/* The thread's, while there is one. */
static struct job job;

static void check(int r, const char *what)
{
	if (r == 0)
		return;
	log_warn(r, "%s", what);
	exit(EXIT_FAILURE);
}

/*
 * Finds the container of the first task that can be reached: where the runtime makes the user namespace itself, its
 * own process cannot before its execve(2). False: job.verdict says what to answer.
 */
static bool enter(struct worker *w, struct task *t)
{
	static bool many_ids;
	int64_t ids = many_ids ? 0 : task_mapped_ids(t);
	int r;

	if (ids > 1 && task_confirm(t) == 0) {
		many_ids = true;
		log_warnx("a caller's user namespace maps %lld ids: it needs no emulation and gets none", (long long)ids);
	}
	verdict_continue(&job.verdict, many_ids ? REASON_many_ids : REASON_not_entered);
	if (ids != 1)
		return false;
	if (job_is_early(&job, t) || task_bounding_capabilities(t, &w->slot->capabilities) < 0 || task_open_container(t, &w->container) < 0) {
		job_decide_outside(w, &job, t);
		return false;
	}
	r = broker_call_give(MESSAGE_CONTAINER, (int[]){ w->container.userns, w->container.mntns, w->container.root }, 3);
	if (r < 0)
		log_warn(r, "cannot reach the daemon: this container will not survive the death of its worker");
	return true;
}

/* Until it has entered, a worker is one thread, which answers without a look at memory or files. */
static void serve_outside(struct worker *w)
{
	for (;;) {
		int r = job.notif->id != 0 ? 0 : notif_receive(w->listener, job.notif);
		struct task t;

		if (r == -ENOTCONN)
			exit(EXIT_SUCCESS);
		if (r < 0 && r != -ENOENT && r != -EINTR) {
			log_warn(r, "cannot receive notifications");
			exit(EXIT_FAILURE);
		}
		if (r < 0)
			continue;
		t = job_begin(w, &job);
		if (!job_is_hopeless(&job, &t) && enter(w, &t))
			return;
		job_answer(w, &job, &t);
		job.notif->id = 0;
		*job.deaths = 0;
	}
}

/* Of its namespaces, whose numbers are no other ones' as long as they are. */
static uint64_t container_number(const struct container *c)
{
	struct stat userns = { 0 }, mntns = { 0 };

	if (fstat(c->userns, &userns) < 0 || fstat(c->mntns, &mntns) < 0)
		log_debug("the container's namespaces have no numbers");
	return hash_add(hash_add(0, userns.st_ino), mntns.st_ino);
}

void worker_run(struct worker *w)
{
	struct slot *slot = w->slot;
	uint64_t number;

	check(enter_prepare(w->host_proc), "cannot become unreadable for the container");
	if (HAS_DEVICE)
		host_device_init();
	if (notif_sync_wake_up(w->listener) < 0)
		log_debug("no SYNC_WAKE_UP: each call costs ten times as much");
	for (size_t i = 0; i < LIMIT_THREADS; i++)
		slot->deaths[i] = slot->notifs[i].id ? slot->deaths[i] + 1 : 0;
	job.notif = &slot->notifs[0];
	job.deaths = &slot->deaths[0];
	job.intent = &slot->intents[0];
	if (w->container.userns < 0)
		serve_outside(w);
	number = container_number(&w->container);
	check(enter_container(&w->container), "cannot enter the container");
	object_init();
	identity_init(number);
	check(enter_limit_capabilities(slot->capabilities), "cannot give up capabilities");
	pool_start(w);
	check(sandbox_enter(SANDBOX_WORKER), "cannot limit the system calls of this process");
	pool_run();
}
