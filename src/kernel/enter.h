/* SPDX-License-Identifier: Apache-2.0 */
/* How a worker gets into its container, and with which of its capabilities it works there. */
#ifndef KERNEL_ENTER_H
#define KERNEL_ENTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct container;
struct task;

/*
 * An O_PATH descriptor of /proc, from which no ".." leads to the rest of this system: a detached copy of its mount, made
 * in a user namespace of a child. Where that is refused, /proc itself, with a logged line. Or -errno.
 */
int enter_keep_proc(void) MUST_CHECK;

/*
 * Makes this process unreadable for the container. From here on the current directory is the /proc of outside, and
 * every name that task.h and inode.h make is relative to it.
 */
int enter_prepare(int kept_proc) MUST_CHECK;

/* Joins the container's user and mount namespace, which are closed then, and makes its root ours. One thread only. 0 or -errno. */
int enter_container(struct container *c) MUST_CHECK;

/* From here on this thread, and those that it makes, have only what their work needs, and what the container's tasks may have. */
int enter_limit_capabilities(uint64_t bounding) MUST_CHECK;

/* Does a procfs in the container's mounts show this process, so that its "self" would be ours? 1, 0, or -1 while this task cannot be asked. */
int enter_is_visible(const struct task *t);

/* Has the task another root than the container's, or another mount namespace? Yes, where it cannot be told. Asked once for a call. */
bool enter_root_differs(const struct task *t);

/*
 * Makes the task's root, where it is another than the container's, ours too: 1; 0 where they are the same; -errno.
 * After a 1, enter_leave_root() must follow.
 */
int enter_task_root(const struct task *t) MUST_CHECK;
void enter_leave_root(void);

/* A descriptor of a directory becomes the working one, with which relative names are the caller's; enter_leave_directory() must follow. 0 or -errno. */
int enter_directory(int fd) MUST_CHECK;
void enter_leave_directory(void);

/*
 * From here to enter_resume_capabilities(), this process has no capability over files that the task has not: what is opened or
 * changed in between succeeds only if the task itself might do it. 0, or -errno with nothing changed.
 */
int enter_assume_capabilities(const struct task *t) MUST_CHECK;

/* The same with no capability at all that the task has not. */
int enter_assume_all_capabilities(const struct task *t) MUST_CHECK;

void enter_resume_capabilities(void);

#endif
