/* SPDX-License-Identifier: Apache-2.0 */
/* One notification from its arrival to its answer. */
#ifndef SERVE_JOB_H
#define SERVE_JOB_H

#include <linux/seccomp.h>
#include <stdbool.h>

#include "decode/request.h"
#include "proc/task.h"
#include "reply/verdict.h"

struct worker;

/* What a thread needs for one notification; too large for a stack. */
struct job {
	struct seccomp_notif *notif; /* in the worker's slot ... */
	uint32_t *deaths;            /* ... like this */
	struct intent *intent;       /* ... and this */
	struct known known;
	struct hints hints;          /* from one call to the next */
	struct request request;
	struct verdict verdict;
};

extern bool job_trace; /* print each call */

/* The task that made the call in j->notif. */
struct task job_begin(const struct worker *w, struct job *j);

/* Shall it be answered without a look at it, as j->verdict then says? A task that our pid namespace does not show, or a call that kills. */
bool job_is_hopeless(struct job *j, const struct task *t);

/* Is it one by which a runtime finds out and gives up what the container is not to have? The caller's bounding set is not the container's yet. */
bool job_is_early(struct job *j, const struct task *t);

/* Decides, for a worker that has not entered the container, without a look at the task's memory or files. */
void job_decide_outside(struct worker *w, struct job *j, struct task *t);

/* Sends what j->verdict says. */
void job_answer(struct worker *w, const struct job *j, const struct task *t);

/* All of it: decides, carries out and answers. False: not now, since too many calls of containers hang, see rule/guests.h. */
bool job_serve(struct worker *w, struct job *j) MUST_CHECK;

/* Answers one for which there will be no thread. */
void job_refuse(struct worker *w, struct job *j);

#endif
