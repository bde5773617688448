/* SPDX-License-Identifier: Apache-2.0 */
/* Process ids between the pid namespace of a task and ours; pid_namespaces(7). */
#ifndef PROC_PIDNS_H
#define PROC_PIDNS_H

#include <sys/types.h>

#include "base/util.h"

struct task;

/* What is pid to the task: the same in our pid namespace; -ESRCH; -ENOSYS where it is another than the task's own, before Linux 6.11. */
pid_t pidns_outside(const struct task *t, pid_t pid) MUST_CHECK;

/* What the process pid of our pid namespace is to the task: 0 when it is not in the task's, nor, before Linux 6.11, in one below. */
pid_t pidns_inside(const struct task *t, pid_t pid) MUST_CHECK;

#endif
