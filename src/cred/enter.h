/* SPDX-License-Identifier: Apache-2.0 */
/* How a worker gets into its container, and with which of its capabilities it works there. */
#ifndef CRED_ENTER_H
#define CRED_ENTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct container;
struct task;

/*
 * An O_PATH descriptor of /proc, from which no ".." leads to the rest of this system: a detached copy of its mount, made
 * in a user namespace of a child. Where that is refused, /proc itself, with a logged line. Or -errno.
 */
int enter_open_host_proc(void) MUST_CHECK;

/*
 * Makes this process unreadable for the container. From here on the current directory is the /proc of outside, and
 * names that task.h and object.h make are relative to it.
 */
int enter_prepare(int host_proc) MUST_CHECK;

/* Joins the container's user and mount namespace, which are closed then, and makes its root ours. One thread only. 0 or -errno. */
int enter_container(struct container *c) MUST_CHECK;

/* From here on this thread, and those that it makes, have only what their work needs, and what the container's tasks may have. */
int enter_limit_capabilities(uint64_t bounding) MUST_CHECK;

/*
 * Does a procfs in the container's mounts, or where this thread has settled in the task's, show this process, so that its "self" would be ours?
 * 1, 0, or -1 while this task cannot be asked.
 */
int enter_is_visible(const struct task *t, bool settled);

#endif
