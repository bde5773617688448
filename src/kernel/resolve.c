/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "decode/request.h"
#include "kernel/borrow.h"
#include "kernel/enter.h"
#include "kernel/inode.h"
#include "kernel/task.h"
#include "kernel/walk.h"
#include "reply/verdict.h"

static int open_path(int start, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | flags, .resolve = RESOLVE_NO_MAGICLINKS | resolve };
	int fd = (int)syscall(SYS_openat2, start, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* The kernel's own lookup fails for the caller too. "self" in a procfs, which does not show us, is missing for us only. */
static bool is_missing(const struct task *t, const struct request *req)
{
	auto_fd start = -1;
	auto_fd fd = -1;

	if (req->path[0] != '/') {
		start = task_open(t, req->t_dirfd);
		if (start < 0 || inode_is_procfs(start))
			return start < 0;
	}
	fd = open_path(start, req->path, req->follow ? 0 : O_NOFOLLOW, RESOLVE_NO_XDEV);
	return fd == -ENOENT || fd == -ENOTDIR;
}

/* From a descriptor of the task, or from its working directory: by names, where nothing else leads there. */
static int probe_relative(const struct task *t, const struct request *req)
{
	char name[TASK_NAME_MAX + PATH_MAX], prefix[TASK_NAME_MAX];
	bool empty = req->path[0] == '\0';
	auto_fd start = req->t_dirfd == AT_FDCWD ? -ENOSYS : borrow(t, req->t_dirfd);
	int r = start;

	if (start >= 0)
		r = inode_probe_at(start, req->path, req->follow);
	else if (start == -EBADF)
		return r;
	if (start >= 0 && r != -EBADF && r != -ENOSYS)
		return r;
	task_name(t, req->t_dirfd, prefix);
	snprintf(name, sizeof(name), "%s%s%s", prefix, empty ? "" : "/", req->path);
	return inode_probe(name, empty || req->follow);
}

bool resolve_probe(const struct task *t, const struct request *req, struct verdict *v)
{
	bool empty = req->path[0] == '\0';
	int r;

	if (t->roots_differ || t->sees_us)
		return true;
	if (req->path[0] == '/')
		r = inode_probe(req->path, req->follow);
	else
		r = empty && !req->empty_path ? -ENOENT : probe_relative(t, req);
	/*
	 * Our prefix may have made the path too long, or was one link too many; and a lookup that the kernel had to begin anew, for
	 * want of memory say, has counted its links twice.
	 */
	if (r > 0 || r == -ELOOP || (r == -ENAMETOOLONG && req->path[0] != '/'))
		return true;
	if (r == 0)
		verdict_continue(v, WHY_no_override);
	else if (r != -ENOENT || empty || is_missing(t, req))
		verdict_continue(v, WHY_kernel_refuses);
	else
		return true;
	return false;
}

static int open_object(const struct task *t, const struct request *req)
{
	auto_fd start = -1;
	int fd;

	if (req->path[0] != '/') {
		start = task_open(t, req->t_dirfd);
		if (start < 0)
			return start;
	}
	fd = open_path(start, req->path, req->follow ? 0 : O_NOFOLLOW, 0);
	if (fd >= 0 && !(t->sees_us && inode_is_procfs(fd)))
		return fd;
	if (fd < 0 && fd != -ELOOP && fd != -ENOENT)
		return fd;
	cleanup_fd(&fd);
	return walk_open(t, start, req->path, req->follow);
}

/* As open_object(), in the caller's root and with its capabilities. */
static int open_as_caller(const struct task *t, const struct request *req, bool careful)
{
	int swapped = careful ? enter_task_root(t) : 0;
	int fd;

	if (swapped < 0)
		return swapped;
	fd = enter_assume_capabilities(t);
	if (fd == 0)
		fd = open_object(t, req);
	enter_resume_capabilities();
	if (swapped)
		enter_leave_root();
	return fd;
}

int resolve_open(const struct task *t, const struct request *req, struct verdict *v)
{
	bool asks = req->row->traits & KERNEL;
	bool careful = !asks || t->roots_differ;
	auto_fd fd = -1;
	int r;

	if (careful && task_is_nested(t)) {
		verdict_continue(v, WHY_nested);
		return -1;
	}
	if (req->path[0] == '\0' && !req->empty_path)
		fd = -ENOENT; /* even with a bad descriptor */
	else if (req->path[0] == '\0')
		fd = req->row->traits & OPEN_FILE && task_fd_is_path(t, req->t_dirfd) ? -EBADF : task_open(t, req->t_dirfd);
	else
		fd = open_as_caller(t, req, careful);
	r = fd < 0 ? fd : task_confirm(t);
	if (r == 0)
		return steal_fd(&fd);
	if (r == WALK_FOREIGN)
		verdict_continue(v, WHY_foreign_link);
	else if (asks)
		verdict_continue(v, WHY_kernel_refuses);
	else
		verdict_errno(v, WHY_path, r);
	return -1;
}
