/* SPDX-License-Identifier: Apache-2.0 */
/* For the time of a few calls, a thread of the worker has the caller's root, a directory of its choice, or no more capabilities than the caller. */
#ifndef CRED_AS_CALLER_H
#define CRED_AS_CALLER_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct task;

/* The capabilities that decide about files; capabilities(7). */
#define FILE_CAPABILITIES \
	(1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH | 1U << CAP_FOWNER | 1U << CAP_FSETID)

/* proc: the host's /proc, the working directory otherwise; root: the container's. Descriptors that stay open. 0 or -errno. */
int as_caller_init(int proc, int root) MUST_CHECK;

/* Has the task another root than the container's, or another mount namespace? Yes, where it cannot be told. Asked once for a call. */
bool as_caller_root_differs(const struct task *t);

/*
 * Makes the task's root, where it is another than the container's, ours too: 1; 0 where they are the same; -errno.
 * After a 1, as_caller_leave_root() must follow.
 */
int as_caller_enter_root(const struct task *t) MUST_CHECK;
void as_caller_leave_root(void);

/*
 * For a listener whose tasks live in several containers. Is the task's root another than the container's? 1, 0 or -errno, without a look at
 * any file system. Then as_caller_settle() makes it the thread's instead of the container's, so that the kernel leads no path out of it,
 * whatever we do: 0, or -errno with the container's root. Until as_caller_unsettle(), or another call.
 */
int as_caller_locate(const struct task *t) MUST_CHECK;
int as_caller_settle(const struct task *t) MUST_CHECK;
void as_caller_unsettle(void);

/* The number, for ever its own, of the root in which the thread has settled; 0: none, or one in which it must not stay after a call. */
uint64_t as_caller_place(void);

/* Is the root of this thread another than the container's, since as_caller_settle()? */
bool as_caller_is_guest(void);

/*
 * The task's mount namespace becomes this thread's, with the topmost directory of it as root, from which no path must be looked up. 0; or -errno with
 * nothing changed. After a 0, as_caller_leave_mounts() must follow.
 */
int as_caller_enter_mounts(const struct task *t) MUST_CHECK;
void as_caller_leave_mounts(void);

/* A descriptor of a directory becomes the working one, with which relative names are the caller's; as_caller_leave_directory() must follow. 0 or -errno. */
int as_caller_enter_directory(int fd) MUST_CHECK;
void as_caller_leave_directory(void);

/*
 * From here to as_caller_resume_capabilities(), this process has no capability over files that the task has not: what is opened or
 * changed in between succeeds only if the task itself might do it. 0, or -errno with nothing changed.
 */
int as_caller_drop_file_capabilities(const struct task *t) MUST_CHECK;

/* The same with no capability at all that the task has not. */
int as_caller_drop_capabilities(const struct task *t) MUST_CHECK;

void as_caller_resume_capabilities(void);

#endif
