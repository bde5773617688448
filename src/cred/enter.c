/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/sys.h"
#include "cred/as_caller.h"
#include "proc/task.h"

static int proc_fd = -1;

/* In a child that shares this process's descriptors: puts a copy in the place of that of /proc. */
static void copy_proc(int proc)
{
	int fd = unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -1 :
		 (int)syscall(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (fd < 0 || dup3(fd, proc, O_CLOEXEC) < 0)
		log_info("no detached copy of /proc (user namespaces are restricted): workers keep /proc itself");
	cleanup_fd(&fd);
	_exit(0);
}

int enter_open_host_proc(void)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid_t pid;

	if (proc < 0)
		return -errno;
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		copy_proc(proc);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return proc;
}

int enter_prepare(int host_proc)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || fchdir(host_proc) < 0)
		return -errno;
	proc_fd = host_proc;
	return 0;
}

/* Joins the namespace unless this process is already in it. setns(2) refuses that for a user namespace. */
static int join(int ns, int type, const char *own)
{
	struct stat theirs, ours;

	if (fstat(ns, &theirs) < 0 || stat(own, &ours) < 0)
		return -errno;
	if (stat_same(&theirs, &ours))
		return 0;
	return setns(ns, type) < 0 ? -errno : 0;
}

int enter_container(struct container *c)
{
	int r = join(c->userns, CLONE_NEWUSER, "self/ns/user");

	if (r == 0)
		r = join(c->mntns, CLONE_NEWNS, "self/ns/mnt");
	if (r < 0)
		return r;
	if (fchdir(c->root) < 0 || chroot(".") < 0 || fchdir(proc_fd) < 0)
		return -errno;
	/* new credentials may have reset it */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_GET_DUMPABLE) != 0)
		return -EPERM;
	replace_fd(&c->userns, -1);
	replace_fd(&c->mntns, -1);
	return as_caller_init(proc_fd, c->root);
}

int enter_limit_capabilities(uint64_t bounding)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2];
	/* what tasks may have, since for links of other tasks we must be able to have what the caller has */
	uint64_t keep = FILE_CAPABILITIES | 1U << CAP_SYS_CHROOT | 1U << CAP_SYS_PTRACE | bounding;

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(keep >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* Undoes the escapes \040, \011, \012 and \134 of a mount point, in place. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*out++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* Is there a procfs with a "self" for us? In "ID PARENT MAJOR:MINOR ROOT MOUNTPOINT ... - proc ..."; proc_pid_mountinfo(5). */
static bool finds_itself(char *text)
{
	char *line, *next;

	for (line = text; *line; line = next) {
		char link[16], *end = strchr(line, '\n'), *type, *point = line;

		next = end ? end + 1 : line + strlen(line);
		if (end)
			*end = '\0';
		type = strstr(line, " - proc ");
		for (int field = 0; point && field < 4; field++)
			point = strchr(point + 1, ' ');
		if (!type || !point)
			continue;
		point++;
		strcpy(point + strcspn(point, " "), "/self"); /* the rest of the line is longer */
		unescape(point);
		if (readlink(point, link, sizeof(link)) >= 0)
			return true;
	}
	return false;
}

int enter_is_visible(const struct task *t, bool settled)
{
	static char text[1 << 16];
	int shared = task_shares_pidns(t, NULL);
	auto_fd fd = shared ? -1 : settled ? task_open_mounts(t) : open("self/mountinfo", O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t r;

	/* every doubt means yes: that costs time, nothing else */
	if (shared || fd < 0)
		return shared < 0 ? -1 : 1;
	while ((r = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)r;
	text[n] = '\0';
	return r < 0 || n == sizeof(text) - 1 || finds_itself(text);
}
