/* SPDX-License-Identifier: Apache-2.0 */
/* A task's own descriptors, by a pidfd of it that is cached: faster than through /proc. */
#ifndef PROC_TASK_FD_H
#define PROC_TASK_FD_H

#include "base/util.h"

struct task;

/*
 * A duplicate of the task's descriptor, to be closed soon: -EBADF when it has none of this number, other errors where this way
 * does not lead to it, which is not the caller's errno: try another way. A cached pidfd is of one task for ever, whoever gets its number later. To close the last
 * duplicate can take as long as the file's server likes.
 */
int task_fd_dup(const struct task *t, int t_fd) MUST_CHECK;

/* The same, of a socket for one, which has no name by which it could be opened: errors are the kernel's. */
int task_fd_dup_surely(const struct task *t, int t_fd) MUST_CHECK;

/* Closes all that this thread keeps, which receives no calls for now. */
void task_fd_forget(void);

/* Before the first call: how many threads may cache some at once. One that hangs keeps its own. */
void task_fd_share(unsigned int threads);

#endif
