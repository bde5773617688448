/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/task_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/limits.h"
#include "proc/task.h"
#include "seccomp/notif.h"

/* Linux 6.9: threads that do not lead their group have one too, and before this flag is EINVAL */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* Pidfds that a thread of ours may cache. */
#define CACHED_MAX 64

static unsigned int share = CACHED_MAX;

/* Of this thread, by the number of the task. */
static _Thread_local struct cached {
	pid_t tid; /* 0: none */
	int pidfd;
} cached[CACHED_MAX];

static void forget(struct cached *k)
{
	/* nothing is written, so that a thread that never receives has no page of its own here */
	if (!k->tid)
		return;
	cleanup_fd(&k->pidfd);
	k->tid = 0;
}

/* At a task's first call: it pays from its second one on. */
static int cache(struct cached *k, const struct task *t)
{
	auto_fd pidfd = -1;
	int r;

	forget(k);
	pidfd = (int)syscall(SYS_pidfd_open, t->tid, PIDFD_THREAD);
	if (pidfd < 0 && errno == EINVAL)
		pidfd = (int)syscall(SYS_pidfd_open, t->tid, 0);
	if (pidfd < 0)
		return -errno;
	r = task_confirm(t);
	if (r < 0)
		return r;
	*k = (struct cached){ t->tid, steal_fd(&pidfd) };
	return 0;
}

void task_fd_share(unsigned int threads)
{
	if (threads > LIMIT_PIDFDS / CACHED_MAX)
		share = LIMIT_PIDFDS / threads;
}

void task_fd_forget(void)
{
	for (size_t i = 0; i < CACHED_MAX; i++)
		forget(&cached[i]);
}

int task_fd_dup(const struct task *t, int t_fd)
{
	struct cached *k = &cached[(unsigned int)t->tid % share];
	int r = k->tid == t->tid ? 0 : cache(k, t);
	int fd = r < 0 ? r : (int)syscall(SYS_pidfd_getfd, k->pidfd, t_fd, 0);

	if (r < 0 || fd >= 0)
		return fd;
	r = -errno;
	if (r == -ESRCH) /* its number is another's now */
		forget(k);
	return r;
}

int task_fd_dup_surely(const struct task *t, int t_fd)
{
	int fd = task_fd_dup(t, t_fd), r;
	auto_fd pidfd = -1;

	if (fd != -EINVAL)
		return fd;
	/* of the leader, whose descriptors are those of all its threads */
	pidfd = (int)syscall(SYS_pidfd_open, task_group(t), 0);
	r = pidfd < 0 ? -errno : task_confirm(t);
	if (r < 0)
		return r;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, t_fd, 0);
	return fd < 0 ? -errno : fd;
}

bool task_fd_is_path(const struct task *t, int t_fd)
{
	char name[TASK_NAME_MAX];
	struct stat st;

	/* the link's own mode tells how the descriptor may be used: proc_pid_fd(5) */
	task_name(t, t_fd, name);
	return lstat(name, &st) == 0 && !(st.st_mode & 0600);
}

int task_answer_fd(const struct task *t, int fd, bool cloexec)
{
	return notif_send_fd(t->listener, t->id, fd, cloexec);
}

int task_replace_fd(const struct task *t, int t_fd, int fd, bool cloexec)
{
	return notif_replace_fd(t->listener, t->id, t_fd, fd, cloexec);
}
