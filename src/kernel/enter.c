/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/log.h"
#include "kernel/credentials.h"
#include "kernel/message.h"
#include "kernel/task.h"

/* The capabilities that decide about files; capabilities(7). */
#define FILE_CAPABILITIES \
	(1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH | 1U << CAP_FOWNER | 1U << CAP_FSETID)

static int proc_fd = -1;
static int root_fd = -1;
static struct statx own_root;

/* In a child: sends the copy over the socket. */
static void copy_proc(int socket)
{
	int fd = unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -1 :
		 (int)syscall(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	_exit(fd < 0 || message_send(socket, &(struct message){ .kind = MESSAGE_PROC }, &fd, 1) < 0);
}

int enter_keep_proc(void)
{
	int pair[2], fds[MESSAGE_FDS];
	struct message message;
	int r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		copy_proc(pair[1]);
	close(pair[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	r = message_receive(pair[0], &message, fds);
	close(pair[0]);
	if (r == 1)
		return fds[0];
	log_info("no detached copy of /proc (user namespaces are restricted): workers keep /proc itself");
	fds[0] = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fds[0] < 0 ? -errno : fds[0];
}

int enter_prepare(int kept_proc)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || fchdir(kept_proc) < 0)
		return -errno;
	proc_fd = kept_proc;
	return 0;
}

/* Joins the namespace unless this process is already in it. setns(2) refuses that for a user namespace. */
static int join(int ns, int type, const char *own)
{
	struct stat theirs, ours;

	if (fstat(ns, &theirs) < 0 || stat(own, &ours) < 0)
		return -errno;
	if (theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino)
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
	root_fd = c->root;
	if (statx(root_fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &own_root) < 0)
		return -errno;
	replace_fd(&c->userns, -1);
	replace_fd(&c->mntns, -1);
	return 0;
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

int enter_is_visible(const struct task *t)
{
	static char text[1 << 16];
	int shared = task_shares_pidns(t);
	auto_fd fd = shared ? -1 : open("self/mountinfo", O_RDONLY | O_CLOEXEC);
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


/* 1, 0, or -errno. A mount of ours keeps its id, which no mount of another namespace has. */
static int is_own_root(int fd, const char *path)
{
	struct statx stx;

	if (statx(fd, path, AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &stx) < 0)
		return -errno;
	if (!(stx.stx_mask & STATX_MNT_ID))
		return -ENOSYS;
	/* a subvolume is of the same mount, and its root may have the same number */
	return stx.stx_mnt_id == own_root.stx_mnt_id && stx.stx_ino == own_root.stx_ino &&
	       stx.stx_dev_major == own_root.stx_dev_major && stx.stx_dev_minor == own_root.stx_dev_minor;
}

bool enter_root_differs(const struct task *t)
{
	pid_t *last = &t->hints->other_roots[(unsigned int)t->tid % ARRAY_SIZE(t->hints->other_roots)];
	char name[TASK_NAME_MAX];

	if (!t->known->has_root) {
		task_root_name(t, name);
		t->known->root_differs = *last == t->tid || is_own_root(AT_FDCWD, name) != 1;
		t->known->has_root = true;
	}
	/* one that had another root is not asked again */
	if (t->known->root_differs)
		*last = t->tid;
	return t->known->root_differs;
}

int enter_task_root(const struct task *t)
{
	auto_fd root = task_open_root(t);
	int r = root < 0 ? root : is_own_root(root, "");

	if (r != 0)
		return r < 0 ? r : 0;
	if (fchdir(root) < 0)
		return -errno;
	r = chroot(".") < 0 ? -errno : 1;
	if (fchdir(proc_fd) < 0)
		abort();
	return r;
}

void enter_leave_root(void)
{
	if (fchdir(root_fd) < 0 || chroot(".") < 0 || fchdir(proc_fd) < 0)
		abort(); /* this worker must not go on with a root that is not its container's */
}

int enter_directory(int fd)
{
	return fchdir(fd) < 0 ? -errno : 0;
}

void enter_leave_directory(void)
{
	if (fchdir(proc_fd) < 0)
		abort(); /* the names that this worker makes would be the container's */
}

/* The effective set becomes the permitted one without these. */
static int drop(uint64_t capabilities)
{
	static _Thread_local uint64_t dropped;
	static _Thread_local struct __user_cap_data_struct data[2];
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };

	if (capabilities == dropped)
		return 0;
	/* while some are dropped, the permitted set is what it was before */
	if (dropped == 0 && syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[0].effective = data[0].permitted & ~(uint32_t)capabilities;
	data[1].effective = data[1].permitted & ~(uint32_t)(capabilities >> 32);
	if (syscall(SYS_capset, &header, data) < 0)
		return -errno;
	dropped = capabilities;
	return 0;
}

int enter_assume_capabilities(const struct task *t)
{
	uint64_t effective = 0;
	int r = credentials_effective(t, &effective);

	/* for what is done here, the one contains the other */
	if (effective & 1U << CAP_DAC_OVERRIDE)
		effective |= 1U << CAP_DAC_READ_SEARCH;
	return r < 0 ? r : drop(FILE_CAPABILITIES & ~effective);
}

int enter_assume_all_capabilities(const struct task *t)
{
	uint64_t effective = 0;
	int r = credentials_effective(t, &effective);

	return r < 0 ? r : drop(~effective);
}

void enter_resume_capabilities(void)
{
	if (drop(0) < 0)
		abort();
}
