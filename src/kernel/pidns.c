/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pidns.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "kernel/task.h"

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

pid_t pidns_inside(const struct task *t, pid_t pid)
{
	pid_t r = translate(t, NS_GET_TGID_IN_PIDNS, pid);

	return r == -ESRCH ? 0 : r;
}
