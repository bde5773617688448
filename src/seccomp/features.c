/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp/features.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "base/log.h"
#include "base/sys.h"
#include "seccomp/notif.h"

/* For how long RECV may take to tell that the last task has gone. */
#define PATIENCE_MS 50

struct features features = { true, false, true, true, true, true };

/*
 * A listener whose last task has gone: of a child that shares our descriptors, with a filter that has no effect. -1 where there is none,
 * as below a filter that has a listener.
 */
static int orphaned_listener(void)
{
	static struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { .len = 1, .filter = allow };
	int status;
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		int fd = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -1 :
			 (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);

		/* its number fits: it is the first one that is free */
		_exit(fd >= 0 && fd < 255 ? fd : 255);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 255)
		return -1;
	return WEXITSTATUS(status);
}

/* In a child, which can be ended where RECV sleeps on. */
static bool try_receive_ends(int listener)
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		struct seccomp_notif notif;

		notif_receive_ends(true);
		_exit(notif_receive(listener, &notif) != -ENOTCONN);
	}
	if (pid > 0) {
		auto_fd pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

		(void)!poll(&(struct pollfd){ .fd = pidfd, .events = POLLIN }, 1, PATIENCE_MS);
		kill(pid, SIGKILL);
		if (waitpid(pid, &status, 0) < 0)
			status = 1;
	}
	return status == 0;
}

bool features_wait_killable(void)
{
	/* flags are checked before the program is read; another error than this one says nothing about them */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, NULL) == 0 || errno != EINVAL;
}

static bool try_tmpfs_xattrs(void)
{
	auto_fd fd = memfd_create("subuidless-probe", MFD_CLOEXEC);

	return fd < 0 || fsetxattr(fd, "user.subuidless", "", 0, 0) == 0 || errno != EOPNOTSUPP;
}

static bool try_openat2(void)
{
	auto_fd fd = sys_openat2(AT_FDCWD, "/", O_PATH, 0, 0);

	return fd != -ENOSYS && fd != -EPERM;
}

void features_try(void)
{
	void (*on_child)(int) = signal(SIGCHLD, SIG_DFL); /* one that is ignored leaves nothing to wait for */
	auto_fd listener = orphaned_listener();

	features.sync_wake_up = listener < 0 || notif_sync_wake_up(listener) == 0;
	features.receive_ends = listener >= 0 && try_receive_ends(listener);
	notif_receive_ends(features.receive_ends);
	signal(SIGCHLD, on_child);
	features.wait_killable = features_wait_killable();
	features.tmpfs_xattrs = try_tmpfs_xattrs();
	features.openat2 = try_openat2();
	features.xattr_at = syscall(SYS_getxattrat, -1, ".", 0, "user.subuidless", NULL, 0) < 0 && errno != ENOSYS && errno != EPERM;
}

void features_report(void)
{
	if (!features.sync_wake_up)
		log_info("this kernel has no SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (Linux 6.6): each call costs about ten times as much");
	if (!features.wait_killable)
		log_info("this kernel has no SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (Linux 5.19): a signal can interrupt a call "
			 "that is being answered, and the profile has no \"flags\"");
	if (!features.tmpfs_xattrs)
		log_info("this kernel has no user xattrs on tmpfs (Linux 6.6): owners of files there last only as long as this daemon");
	if (!features.openat2)
		log_warnx("openat2(2) is refused, and with it each chown: Linux 5.6 or newer is needed, and a seccomp filter around this "
			  "process, as that of a container, has to allow it");
}
