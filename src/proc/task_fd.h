/* SPDX-License-Identifier: Apache-2.0 */
/* A task's own descriptors, by a pidfd of it that is cached: faster than through /proc. */
#ifndef PROC_TASK_FD_H
#define PROC_TASK_FD_H

#include <stdbool.h>

#include "base/util.h"

struct task;

/*
 * A duplicate of the task's descriptor, to be closed soon. -EBADF: the task has none of this number. Other errors are not those of the call:
 * try another way. A cached pidfd stays that of its task when another task gets the number. To close the last duplicate of a file can take as
 * long as the file's server likes.
 */
int task_fd_dup(const struct task *t, int t_fd) MUST_CHECK;

/* The same where there is no other way, as for a socket, which no path leads to: also if the pidfd has to be that of the thread group's leader. */
int task_fd_dup_surely(const struct task *t, int t_fd) MUST_CHECK;

/* Is the descriptor one opened with O_PATH, with which most calls are refused? */
bool task_fd_is_path(const struct task *t, int t_fd);

/* Answers the call with a duplicate of fd: its number in the task, or -errno as notif_send_fd() has it. */
int task_answer_fd(const struct task *t, int fd, bool cloexec) MUST_CHECK;

/* Puts a duplicate of fd in the place of a descriptor of the task, before the call is answered. 0 or -errno. */
int task_replace_fd(const struct task *t, int t_fd, int fd, bool cloexec) MUST_CHECK;

/* Closes all that this thread keeps, which receives no calls for now. */
void task_fd_forget(void);

/* Divides LIMIT_PIDFDS among so many threads, before the first call. A thread that hangs keeps what it has. */
void task_fd_share(unsigned int threads);

#endif
