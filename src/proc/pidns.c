/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/pidns.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "proc/task.h"

/* Linux 6.11 */
#ifndef NS_GET_PID_FROM_PIDNS
#define NS_GET_PID_FROM_PIDNS _IOR(0xb7, 0x6, int)
#define NS_GET_TGID_IN_PIDNS _IOR(0xb7, 0x9, int)
#endif

static pid_t translate(const struct task *t, unsigned long how, pid_t pid)
{
	auto_fd ns = task_open_pidns(t);
	int r = ns < 0 ? ns : ioctl(ns, how, pid);

	if (r >= 0 || ns < 0)
		return r;
	return errno == ENOTTY ? -ENOSYS : -errno;
}

pid_t pidns_outside(const struct task *t, pid_t pid)
{
	return pid == task_number(t) ? t->tid : translate(t, NS_GET_PID_FROM_PIDNS, pid);
}

/* What the process calls itself, when it is in the task's own namespace; else 0. */
static pid_t ask_process(const struct task *t, pid_t pid)
{
	struct task process = *t;
	int shared;

	process.tid = pid;
	shared = task_shares_pidns(t, &process);
	return shared > 0 ? task_number(&process) : shared == -ENOENT ? -ESRCH : shared;
}

pid_t pidns_inside(const struct task *t, pid_t pid)
{
	pid_t r = translate(t, NS_GET_TGID_IN_PIDNS, pid);

	if (r == -ENOSYS)
		r = ask_process(t, pid);
	return r == -ESRCH ? 0 : r;
}
