/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/PID/setgroups, user_namespaces(7): in a user namespace with one id it says "deny", though setgroups(2) is emulated there. Runtimes leave out
 * the groups of a container where it says so: crun, runc and buildah open it, ask for its status, and read it. So who asks for the status of
 * a descriptor of it gets another file in its place, which says "allow".
 */
#ifndef OBJECT_SETGROUPS_H
#define OBJECT_SETGROUPS_H

#include <stdbool.h>

#include "base/util.h"

struct statx;
struct task;

/* Makes the other file, which setgroups_file() has in workers, too. 0 or -errno. */
int setgroups_open(void) MUST_CHECK;
int setgroups_file(void);

/*
 * fd: a duplicate of the descriptor t_fd of the task, whose status is stx. Gives the task the other file where it is to have that. 1: it has it;
 * 0: its descriptor is of something else, or has been read from; -ENOENT when the call is no longer pending; -errno.
 */
int setgroups_show(const struct task *t, int t_fd, int fd, const struct statx *stx) MUST_CHECK;

#endif
