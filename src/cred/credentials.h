/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials of a process as the container sees them. One that has changed them has a cookie, see cookie.h; one without has the ids 0
 * and the capabilities that the kernel knows of.
 */
#ifndef CRED_CREDENTIALS_H
#define CRED_CREDENTIALS_H

#include <sys/types.h>

#include "decode/metadata.h"
#include "rule/creds.h"

struct task;

/* table: mapped read-only; listener: its number there. */
void credentials_init(const struct creds *table, uint16_t listener);

/* Has any process of this daemon's containers other credentials than its first ones? */
bool credentials_in_use(void);

/* The recorded ones of a process, by the id that any of its tasks has in our pid namespace. False: it has no cookie. */
bool credentials_of(pid_t pid, struct cred *c) MUST_CHECK;

/* The same of the calling task's process. */
bool credentials_recorded(const struct task *t, struct cred *c) MUST_CHECK;

/* The same of a process of which this is the soft limit of a carrier. */
bool credentials_from(uint64_t limit, struct cred *c) MUST_CHECK;

/* Those of the calling task, recorded or not. 1: recorded; 0: not; -errno: they cannot be told. */
int credentials_get(const struct task *t, struct cred *c) MUST_CHECK;

/* Records these for the process of the calling task. 0; -ENOENT when the call is no longer pending; -EAGAIN when there is no room. */
int credentials_set(const struct task *t, const struct cred *c) MUST_CHECK;

/* The cookie for these credentials, which are appended to the table where they are new; 0 when that is full. */
uint64_t credentials_cookie(const struct cred *c) MUST_CHECK;

/* As credentials_set(), of a task that is held still: see proc/exec_trace.h. */
int credentials_set_held(const struct task *t, const struct cred *c) MUST_CHECK;

/* Gives the calling task's process these ids, as a privileged program would. 0; -EPERM without the capabilities; -EAGAIN, -ENOENT as above. */
int credentials_start(const struct task *t, const struct first_user *user) MUST_CHECK;

/*
 * The calling task, which cannot be read yet, goes on to execute a file that is not seen: it is taken to have no set-id bits, and the call
 * not to fail. The kernel has made the task's other changes of its sets itself.
 */
int credentials_exec_unseen(const struct task *t) MUST_CHECK;

/*
 * Those by which the calling task acts on files: of one without recorded credentials the effective capabilities alone, which is faster than
 * credentials_get(). Asked once for a call; to be confirmed with task_confirm() before anything is done with them. 0 or -errno.
 */
int credentials_actor(const struct task *t, struct cred *c) MUST_CHECK;

/* Their effective capabilities: as above. */
int credentials_effective(const struct task *t, uint64_t *effective) MUST_CHECK;

#endif
