/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials of a process as the container sees them. The kernel carries them for us: RLIMIT_LOCKS has had no effect
 * since Linux 2.4, fork(2) copies it, execve(2) keeps it, and prlimit(2) sets it from outside. Its soft limit is a cookie: a random tag
 * of this daemon, and an index into the table of credentials. Where its hard limit leaves no room, RLIMIT_RSS is used, which has
 * no effect either. A process without a cookie has the ids 0 and the capabilities that the kernel knows of.
 */
#ifndef CRED_CREDENTIALS_H
#define CRED_CREDENTIALS_H

#include <sys/types.h>

#include "base/limits.h"
#include "decode/metadata.h"
#include "rule/creds.h"

struct request;
struct task;

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

/* Chooses the tag, for all children. 0 or -errno. */
int credentials_prepare(void) MUST_CHECK;

/* table: mapped read-only. */
void credentials_init(const struct creds *table, struct repeats *repeats);

/* Has any process of this daemon's containers other credentials than its first ones? */
bool credentials_in_use(void);

/* The kept ones of a process, by the id that any of its tasks has in our pid namespace. False: it has none of ours. */
bool credentials_of(pid_t pid, struct cred *c) MUST_CHECK;

/* The same of the calling task's process. */
bool credentials_kept(const struct task *t, struct cred *c) MUST_CHECK;

/* The same of a process of which this is the soft limit of a carrier. */
bool credentials_from(uint64_t limit, struct cred *c) MUST_CHECK;

/* Those of the calling task, kept or not. 1: kept; 0: not; -errno: they cannot be told. */
int credentials_get(const struct task *t, struct cred *c) MUST_CHECK;

/* Keeps these for the process of the calling task. 0; -ENOENT when the call is no longer pending; -EAGAIN when there is no room. */
int credentials_set(const struct task *t, const struct cred *c) MUST_CHECK;

/* Makes room for these, so that they can be set later. 0; -EAGAIN. */
int credentials_reserve(const struct cred *c) MUST_CHECK;

/* As credentials_set(), of a task that is held still: see proc/exec_trace.h. */
int credentials_set_held(const struct task *t, const struct cred *c) MUST_CHECK;

/* Gives the calling task's process these ids, as a privileged program would. 0; -EPERM without the capabilities; -EAGAIN, -ENOENT as above. */
int credentials_start(const struct task *t, const struct first_user *user) MUST_CHECK;

/*
 * The calling task, which cannot be read yet, goes on to execute a file that is not seen: it is taken to have no set-id bits, and the call
 * not to fail. The kernel has made the task's other changes of its sets itself.
 */
int credentials_exec_unseen(const struct task *t) MUST_CHECK;

/* What a call makes of the credentials: its result or -errno. */
typedef int64_t credentials_change(struct cred *c, const struct request *req);

/* Carries out such a call for the calling task's process, once for all of its threads. Its result or -errno. */
int64_t credentials_apply(const struct task *t, const struct request *req, credentials_change *change) MUST_CHECK;

/*
 * Those by which the calling task acts on files: of one without kept credentials the effective capabilities alone, which is faster than
 * credentials_get(). Asked once for a call; to be confirmed with task_confirm() before anything is done with them. 0 or -errno.
 */
int credentials_actor(const struct task *t, struct cred *c) MUST_CHECK;

/* Their effective capabilities: as above. */
int credentials_effective(const struct task *t, uint64_t *effective) MUST_CHECK;

#endif
