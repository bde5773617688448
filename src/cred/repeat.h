/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of credentials, each once for a process, though libc asks for it on each of its threads. */
#ifndef CRED_REPEAT_H
#define CRED_REPEAT_H

#include "base/limits.h"
#include "cred/credentials.h"

struct request;

/*
 * The last changes of some processes. libc repeats a change on each thread of a process, while we keep one for all of them: another
 * thread that asks for the same gets the same answer, and nothing changes again. Memory that outlives a worker.
 */
struct repeats {
	uint32_t next;
	struct repeat {
		pid_t tgid;          /* 0: unused */
		uint32_t n_threads;
		uint64_t id;         /* of the notification that made the change */
		uint64_t key;        /* of the call and its arguments */
		uint64_t cookie;     /* after the change */
		int64_t answer;
		pid_t threads[LIMIT_REPEATING_THREADS]; /* that have got it */
	} repeats[LIMIT_REPEATED];
};

void repeat_init(struct repeats *repeats);

/* What a call makes of the credentials: its result or -errno. */
typedef int64_t credentials_change(struct cred *c, const struct request *req);

/* Carries out such a call for the calling task's process, once for all of its threads. Its result or -errno. */
int64_t repeat_apply(const struct task *t, const struct request *req, credentials_change *change) MUST_CHECK;

#endif
