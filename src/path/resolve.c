/* SPDX-License-Identifier: Apache-2.0 */
#include "path/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/reason.h"
#include "cred/credentials.h"
#include "cred/as_caller.h"
#include "decode/request.h"
#include "object/object.h"
#include "object/pending.h"
#include "path/walk.h"
#include "proc/task.h"
#include "proc/task_fd.h"

static int open_path(int start, const char *path, uint64_t flags, uint64_t resolve)
{
	return sys_openat2(start, path, O_PATH | flags, 0, RESOLVE_NO_MAGICLINKS | resolve);
}

/* Where to, and from where. */
struct way {
	int start;        /* a descriptor of ours, or -1: what t_dirfd names */
	int t_dirfd;
	const char *path;
	bool follow;
	uint64_t resolve; /* as openat2(2) takes it */
	bool changes;     /* something will be changed there */
};

/* An errno by which a lookup has failed for its path. */
static bool is_of_path(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -EACCES || r == -ENAMETOOLONG || r == -EBADF;
}

/*
 * Opens with an openat2(2) whose result does not depend on our own root: within the task's root; or of a relative path without any symlink and
 * without "..", which does not lead out of the task's root. -EXDEV: the result would depend on it, or what is missing may be the caller's "self"
 * in a procfs.
 */
static int open_within(const struct task *t, const struct way *way)
{
	bool absolute = way->path[0] == '/';
	uint64_t flags = way->follow ? 0 : O_NOFOLLOW, scope = absolute ? RESOLVE_IN_ROOT : RESOLVE_NO_SYMLINKS;
	auto_fd opened = -1;
	int start = way->start, fd;

	if (t->worker_visible || way->resolve || (!absolute && strstr(way->path, "..")))
		return -EXDEV;
	if (start < 0 || absolute) {
		opened = absolute ? task_open_root(t) : task_open(t, way->t_dirfd);
		start = opened;
	}
	fd = start < 0 ? start : open_path(start, way->path, flags, scope | RESOLVE_NO_XDEV);
	/* "self" in a procfs, which does not show us */
	if (fd == -ENOENT && start >= 0 && object_is_procfs(start))
		return -EXDEV;
	if (fd == -EXDEV) {
		fd = open_path(start, way->path, flags, scope);
		if (fd == -ENOENT)
			return -EXDEV;
	}
	return fd >= 0 || is_of_path(fd) ? fd : -EXDEV;
}

/* Could the path lead somewhere else from another root, or with other mounts in sight? */
static bool depends_on_root(const char *path, bool follow)
{
	return path[0] != '\0' && strcmp(path, ".") != 0 && (follow || strchr(path, '/') || strcmp(path, "..") == 0);
}

/* Has the caller another root? Asked only once a call was seen that may change a root: enough for calls that change nothing. */
static bool differs(const struct task *t)
{
	return t->isolation & ROOTS_MAY_DIFFER && as_caller_root_differs(t);
}

bool resolve_depends_on_root(const struct task *t, const char *path, bool follow)
{
	return depends_on_root(path, follow) && differs(t);
}

int resolve_within(const struct task *t, int t_dirfd, const char *path, bool follow)
{
	return open_within(t, &(struct way){ -1, t_dirfd, path, follow, 0, false });
}

/* Is it missing, and not only for us, as "self" in a procfs that does not show us? */
static bool is_missing_from(int start, const char *path, bool follow)
{
	auto_fd fd = start >= 0 && object_is_procfs(start) ? -EXDEV : open_path(start, path, follow ? 0 : O_NOFOLLOW, RESOLVE_NO_XDEV);

	return fd == -ENOENT || fd == -ENOTDIR;
}

bool resolve_is_missing(const struct task *t, const struct request *req)
{
	bool relative = req->path[0] != '/';
	/* open_within() has found that out */
	bool found = resolve_depends_on_root(t, req->path, req->follow);
	auto_fd start = relative && !found ? task_open(t, req->t_dirfd) : -1;

	return found || (relative && start < 0) || is_missing_from(start, req->path, req->follow);
}

bool resolve_searches_all(const struct task *t)
{
	uint64_t effective;

	return !task_is_nested(t) && credentials_effective(t, &effective) == 0 &&
	       effective & (1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
}

bool resolve_says_missing(const struct request *req)
{
	return req->path[0] && (req->row->traits & (STAT | STAT64 | OLDSTAT) ||
	       (req->row->traits & STATX && !(req->mask & STATX__RESERVED) && (req->at_flags & AT_STATX_SYNC_TYPE) != AT_STATX_SYNC_TYPE));
}

bool resolve_may_be_symlink(const struct task *t, int t_dirfd, const char *path)
{
	char name[TASK_NAME_MAX + PATH_MAX], prefix[TASK_NAME_MAX], byte;

	if (resolve_depends_on_root(t, path, false)) {
		auto_fd fd = resolve_within(t, t_dirfd, path, false);

		return fd != -ENOENT;
	}
	if (path[0] != '/') {
		task_name(t, t_dirfd, prefix);
		snprintf(name, sizeof(name), "%s/%s", prefix, path);
	}
	return readlink(path[0] == '/' ? path : name, &byte, 1) >= 0 || (errno != EINVAL && errno != ENOENT);
}

static int open_object(const struct task *t, const struct way *way)
{
	bool scoped = way->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT);
	auto_fd opened = -1;
	int start = way->start, fd;

	if (start < 0 && (way->path[0] != '/' || scoped)) {
		opened = task_open(t, way->t_dirfd);
		if (opened < 0)
			return opened;
		start = opened;
	}
	fd = open_path(start, way->path, way->follow ? 0 : O_NOFOLLOW, way->resolve);
	if (fd >= 0 && !(t->worker_visible && object_is_procfs(fd)))
		return fd;
	if (way->resolve || (fd < 0 && fd != -ELOOP && fd != -ENOENT))
		return fd;
	if (fd == -ENOENT && !differs(t) && is_missing_from(start, way->path, way->follow))
		return fd;
	cleanup_fd(&fd);
	return walk_open(t, start, way->path, way->follow);
}

/* With the caller's capabilities. */
static int as_caller(const struct task *t, const struct way *way, int (*open_way)(const struct task *t, const struct way *way))
{
	int fd = as_caller_drop_file_capabilities(t);

	if (fd == 0)
		fd = open_way(t, way);
	as_caller_resume_capabilities();
	return fd;
}

/* As open_object(), in the caller's root, should it be another than ours. */
static int open_as_caller(const struct task *t, const struct way *way)
{
	bool other_root = way->changes ? as_caller_root_differs(t) : differs(t);
	int fd = other_root ? as_caller(t, way, open_within) : -EXDEV, swapped;

	if (fd != -EXDEV)
		return fd;
	swapped = other_root ? as_caller_enter_root(t) : 0;
	if (swapped < 0)
		return swapped;
	fd = as_caller(t, way, open_object);
	if (swapped)
		as_caller_leave_root();
	return fd;
}

int resolve_directory(const struct task *t, int start, int t_dirfd, const char *path, uint64_t resolve, bool changes)
{
	return path[0] ? open_as_caller(t, &(struct way){ start, t_dirfd, path, true, resolve, changes }) : task_open(t, t_dirfd);
}

/* Its owner may be about to be recorded. */
static void await_pending(int fd)
{
	struct statx stx;

	if (pending_is_under_way() && object_stat(fd, &stx) == 0)
		pending_await(&stx);
}

int resolve_existing(const struct task *t, const struct request *req)
{
	int fd = open_as_caller(t, &(struct way){ -1, req->t_dirfd, req->path, !(req->open_flags & O_NOFOLLOW), req->open_resolve, true });

	if (fd >= 0)
		await_pending(fd);
	return fd;
}

int resolve_open(const struct task *t, const struct request *req, int *opened)
{
	bool asks = req->row->traits & MAY_CONTINUE, changes = !asks || req->row->traits & CHANGES;
	uint64_t effective;
	auto_fd fd = -1;
	int r;

	if (task_is_nested(t))
		return REASON_nested;
	if (req->path[0] == '\0' && !req->empty_path)
		fd = -ENOENT; /* even with a bad descriptor */
	else if (req->path[0] == '\0')
		fd = req->row->traits & OPEN_FILE && task_fd_is_path(t, req->t_dirfd) ? -EBADF : task_open(t, req->t_dirfd);
	else
		fd = open_as_caller(t, &(struct way){ -1, req->t_dirfd, req->path, req->follow, 0, changes });
	if (fd >= 0)
		await_pending(fd);
	r = fd < 0 ? fd : 0;
	/* what is done then is done with these */
	if (r == 0 && changes)
		r = credentials_effective(t, &effective);
	if (r == 0)
		r = task_confirm(t);
	if (r == 0)
		*opened = steal_fd(&fd);
	if (r == WALK_FOREIGN)
		return REASON_foreign_link;
	return r < 0 && asks && !(r == -ENOENT && resolve_says_missing(req)) ? REASON_kernel_refuses : r;
}
