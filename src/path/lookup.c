/* SPDX-License-Identifier: Apache-2.0 */
#include "path/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/names.h"
#include "base/sys.h"
#include "cred/credentials.h"
#include "decode/request.h"
#include "object/fsclock.h"
#include "object/hidden_xattr.h"
#include "object/identity.h"
#include "object/object.h"
#include "object/owner_store.h"
#include "object/pending.h"
#include "object/process.h"
#include "path/resolve.h"
#include "proc/task.h"
#include "proc/task_fd.h"
#include "rule/newfile.h"

#define NEEDED (STATX_TYPE | STATX_UID | STATX_GID | STATX_SIZE)
#define IDENTITY (STATX_INO | STATX_CTIME)

/*
 * What a stat asks for, and where it is read: from an object by its name in a directory, or with "" from a descriptor itself. n and bytes: its
 * OWNER_XATTR, as it was at this moment or later.
 */
struct view {
	uint32_t at_flags, mask;
	int start; /* -1: there is none yet */
	const char *name;
	struct moment then;
	bool no_xattrs; /* its file system has none, as procfs */
	ssize_t n; /* -1: there is no xattr, or it was not read */
	unsigned char bytes[LIMIT_OVERRIDE_BYTES];
};

/* Could it be the last component of a link of a process: "exe", "fd/N", "ns/NAME", "map_files/START-END"? */
static bool names_link_of_process(const char *path)
{
	static const char *const names[] = {
		"cwd", "exe", "root", "cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children", "user", "uts",
	};
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return name[strspn(name, strchr(name, '-') ? "0123456789abcdef-" : "0123456789")] == '\0';
}

/* May it be an object that is being made, whose owner is not recorded yet? */
static bool is_pending_at(int start, const char *path, int at_flags)
{
	struct statx stx;

	return statx(start, path, at_flags, STATX_CTIME | STATX_BTIME, &stx) == 0 && pending_is_fresh(&stx);
}

/*
 * Has the object an xattr of ours, or, if that is OWNER_XATTR, a recorded owner or that of a process? After n bytes or errno of the xattr. 1: it
 * may have; 0: no; -errno: the kernel's of the lookup. The path is the container's and is followed as it is: nothing but "let the kernel
 * answer" may be concluded from it.
 */
static int probed(ssize_t n, const char *xattr, int start, const char *path, int at_flags, uint32_t before)
{
	bool owner = strcmp(xattr, OWNER_XATTR) == 0, special, process;
	struct statx stx;

	if (n >= 0 || errno == ERANGE)
		return 1;
	if (errno != ENODATA && !object_is_unfit(-errno))
		return -errno;
	/* procfs has no xattrs, but the kernel asks no file system for those of a link */
	process = owner && credentials_in_use() &&
		  (errno == EOPNOTSUPP || (at_flags & AT_SYMLINK_NOFOLLOW && names_link_of_process(path)));
	special = owner ? owner_store_in_use() : owner_store_has_xattrs();
	if (!special && !process)
		return !pending_was_quiet(before) && is_pending_at(start, path, at_flags);
	if (statx(start, path, at_flags, STATX_BASIC_STATS | STATX_BTIME, &stx) < 0)
		return -errno;
	if (process && object_may_be_in_procfs(&stx))
		return 1;
	return (special && owner_store_may_know(stx.stx_ino, identity_birth(&stx))) || (!pending_was_quiet(before) && pending_is_fresh(&stx));
}

static int probe_name(const char *xattr, const char *name, bool follow)
{
	uint32_t before = pending_before();
	ssize_t n = object_has_xattr(name, follow, xattr);

	return probed(n, xattr, AT_FDCWD, name, follow ? 0 : AT_SYMLINK_NOFOLLOW, before);
}

/* From view->start, where the value stays in view. -ENOSYS, -EBADF: this way does not lead to it. */
static int probe_view(struct view *view, const char *xattr, bool follow)
{
	int at_flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
	uint32_t before = pending_before();

	view->n = object_xattr_at(view->start, view->name, at_flags, xattr, view->bytes, sizeof(view->bytes));
	view->no_xattrs = view->n < 0 && errno == EOPNOTSUPP;
	return probed(view->n, xattr, view->start, view->name, view->name[0] ? at_flags : AT_EMPTY_PATH, before);
}

/* From a descriptor of the task, which view then has, or from its working directory: by names, where nothing else leads there. */
static int probe_relative(const struct task *t, const char *xattr, int t_dirfd, const char *path, bool follow, struct view *view)
{
	char name[TASK_NAME_MAX + PATH_MAX], prefix[TASK_NAME_MAX];
	bool empty = path[0] == '\0';
	int r;

	replace_fd(&view->start, t_dirfd == AT_FDCWD ? -ENOSYS : task_fd_dup(t, t_dirfd));
	if (view->start == -EBADF)
		return -EBADF;
	if (view->start >= 0) {
		view->name = path;
		r = probe_view(view, xattr, follow);
		if (r != -EBADF && r != -ENOSYS)
			return r;
		replace_fd(&view->start, -1);
	}
	task_name(t, t_dirfd, prefix);
	snprintf(name, sizeof(name), "%s%s%s", prefix, empty ? "" : "/", path);
	return probe_name(xattr, name, empty || follow);
}

/* In a root that is another than ours. */
static int probe_within(const struct task *t, const char *xattr, int t_dirfd, const char *path, bool follow)
{
	auto_fd fd = resolve_within(t, t_dirfd, path, follow);
	char name[OBJECT_NAME_SIZE];

	if (fd < 0)
		return fd == -EXDEV ? 1 : fd;
	return probe_name(xattr, object_name(fd, name), true);
}

static int probe(const struct task *t, const char *xattr, int t_dirfd, const char *path, bool follow, struct view *view)
{
	int r;

	view->then = fsclock_moment();
	r = resolve_depends_on_root(t, path, follow) ? probe_within(t, xattr, t_dirfd, path, follow) :
	    path[0] == '/' ? probe_name(xattr, path, follow) : probe_relative(t, xattr, t_dirfd, path, follow, view);
	/*
	 * Our prefix may have made the path too long, or was one link too many; and a lookup that the kernel had to begin anew, for
	 * want of memory say, has counted its links twice. A signal is ours, see pool.c.
	 */
	return r == -ELOOP || r == -EINTR || (r == -ENAMETOOLONG && path[0] != '/') ? 1 : r;
}

int lookup_path(const struct task *t, int t_dirfd, const char *path, bool follow)
{
	struct view view = { .start = -1, .n = -1 };
	int r = probe(t, OWNER_XATTR, t_dirfd, path, follow, &view);

	cleanup_fd(&view.start);
	return r;
}

bool lookup_is_roots(const struct task *t, int t_fd)
{
	auto_fd fd = t->worker_visible || t_fd < 0 ? -1 : task_fd_dup(t, t_fd);
	struct view view = { .start = fd, .name = "" };
	struct statx stx;

	return fd >= 0 && probe_view(&view, OWNER_XATTR, false) == 0 && object_stat(fd, &stx) == 0 &&
	       owner_equal(object_host_owner(&stx), object_self());
}

/* There is no such object for us. LOOKUP_OWNER: it cannot be told whether there is one for the caller. */
static enum lookup miss(const struct task *t, const struct request *req, enum reason *reason)
{
	bool says = (credentials_in_use() || pending_before() != 0) && resolve_says_missing(req);

	if ((says && !resolve_searches_all(t)) || !resolve_is_missing(t, req))
		return LOOKUP_OWNER;
	*reason = REASON_kernel_refuses;
	return says ? LOOKUP_MISSING : LOOKUP_ASK_KERNEL;
}

/* Is there anything of ours? LOOKUP_OWNER: there may be. */
static enum lookup look(const struct task *t, const struct request *req, struct view *view, enum reason *reason)
{
	char hidden[XATTR_NAME_MAX + 1];
	const char *xattr = req->name[0] && hidden_xattr_name(req->name, hidden) ? hidden : OWNER_XATTR;
	bool empty = req->path[0] == '\0';
	int r = empty && !req->empty_path ? -ENOENT : probe(t, xattr, req->t_dirfd, req->path, req->follow, view);

	if (r == -ENOENT && !empty)
		return miss(t, req, reason);
	*reason = REASON_kernel_refuses;
	return r > 0 ? LOOKUP_OWNER : r == 0 ? LOOKUP_NONE : LOOKUP_ASK_KERNEL;
}

static bool status_of(const struct view *view, uint32_t mask, struct statx *stx)
{
	return statx(view->start, view->name, (int)view->at_flags | AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, mask, stx) == 0;
}

static bool is_unchanged(const struct statx *a, const struct statx *b)
{
	return statx_same(a, b) && (b->stx_mask & IDENTITY) == IDENTITY &&
	       fsclock_time(&a->stx_ctime) == fsclock_time(&b->stx_ctime);
}

/*
 * What a view shows. A name may have been another object's when the xattr was read: not, if what it is now has not changed since, for a
 * rename changes ctime. That does not tell within a tick of its file system's clock. First the owner, so that who sees a new one sees no
 * set-id bits of before.
 */
static bool show(const struct view *view, struct found *found)
{
	bool named = view->name[0];
	struct statx *stx = &found->stx, again;

	found->device = (struct device){ 0 };
	/* who asks for one time is shown both */
	if (named && !(view->mask & (STATX_MTIME | STATX_CTIME)))
		return false;
	if (view->n < 0 || owner_decode(view->bytes, (size_t)view->n, &found->owner) < 0 || owner_is_none(found->owner))
		return false;
	if (!status_of(view, view->mask | (named ? IDENTITY : 0), stx) || (stx->stx_mask & NEEDED) != NEEDED)
		return false;
	if (named && (S_ISLNK(stx->stx_mode) || (stx->stx_mask & IDENTITY) != IDENTITY ||
		      !fsclock_passed(&view->then, stx, fsclock_grain(&stx->stx_ctime))))
		return false;
	if (!S_ISREG(stx->stx_mode) || stx->stx_size != 0)
		return true;
	/* it may be a placeholder of a device */
	return object_xattr_at(view->start, view->name, AT_SYMLINK_NOFOLLOW, DEVICE_XATTR, NULL, 0) < 0 && errno == ENODATA &&
	       (!named || (status_of(view, IDENTITY, &again) && is_unchanged(stx, &again)));
}

/* By its name in its directory. view: what a probe has left, if there was one. */
static bool show_named(const struct task *t, const struct request *req, struct view *view, struct found *found)
{
	struct newfile_path split;

	if (!object_has_xattr_at() || !resolve_searches_all(t) || !newfile_split(req->path, &split) || split.slash)
		return false;
	if (view->start < 0 || split.directory[0]) {
		replace_fd(&view->start, resolve_directory(t, view->start, req->t_dirfd, split.directory, 0, false));
		if (view->start < 0)
			return false;
		view->name = split.name;
		view->then = fsclock_moment();
		view->n = object_xattr_at(view->start, view->name, AT_SYMLINK_NOFOLLOW, OWNER_XATTR, view->bytes, sizeof(view->bytes));
	}
	return show(view, found);
}

/* Of its directory, in struct hints. */
static uint64_t directory_bit(const struct request *req)
{
	const char *end = strrchr(req->path, '/');
	uint64_t hash = (uint32_t)req->t_dirfd;

	for (const char *p = req->path; end && p < end; p++)
		hash = hash_add(hash, (unsigned char)*p);
	return UINT64_C(1) << (hash >> 58);
}

/*
 * By name. Trees mostly have one owner: where the last object of a directory had one, what is there is read without a probe, but for a
 * descriptor of the task, from which a probe reads the value itself. LOOKUP_OWNER: it is in found, if *shown.
 */
static enum lookup look_at_name(const struct task *t, const struct request *req, struct view *view, struct found *found, bool *shown)
{
	uint64_t *owned = &t->hints->owned_directories, bit = directory_bit(req);
	bool expected = *owned & bit && (req->path[0] == '/' || req->t_dirfd == AT_FDCWD);
	enum lookup answer = LOOKUP_OWNER;

	*shown = expected && show_named(t, req, view, found);
	if (!*shown) {
		*owned &= ~bit;
		replace_fd(&view->start, -1);
		answer = look(t, req, view, &found->reason);
		/* if it was tried above, it would fail again */
		*shown = answer == LOOKUP_OWNER && !expected && show_named(t, req, view, found);
	}
	if (*shown)
		*owned |= bit;
	return answer;
}

static enum lookup look_at_descriptor(const struct task *t, const struct request *req, struct view *view, struct found *found, bool *shown)
{
	enum lookup answer = look(t, req, view, &found->reason);

	found->may_be_procfs = view->no_xattrs;
	*shown = answer == LOOKUP_OWNER && view->start >= 0 && !task_is_nested(t) && show(view, found);
	return answer;
}

enum lookup lookup_any(const struct task *t, const struct request *req, enum reason *reason)
{
	struct view view = { .start = -1, .n = -1 };
	enum lookup answer = t->worker_visible ? LOOKUP_OWNER : look(t, req, &view, reason);

	cleanup_fd(&view.start);
	return answer;
}

/* Where no look is enough: the object itself is opened. */
static enum lookup look_closely(const struct task *t, const struct request *req, uint32_t at_flags, uint32_t mask, struct found *found)
{
	struct statx *stx = &found->stx;
	auto_fd fd = -1;
	int r = resolve_open(t, req, &fd);

	found->reason = r > 0 ? (enum reason)r : REASON_kernel_refuses;
	if (r < 0)
		return LOOKUP_MISSING;
	if (r > 0 || object_stat(fd, stx) < 0)
		return LOOKUP_ASK_KERNEL;
	found->may_be_procfs = object_may_be_in_procfs(stx);
	if (object_record_get(fd, stx, &found->owner) < 0 || object_device_get(fd, stx, &found->device) < 0)
		return LOOKUP_UNREAD;
	if (owner_is_none(found->owner) && device_is_none(&found->device) && !process_owner(fd, stx, &found->owner))
		return LOOKUP_NONE;
	return object_statx(fd, at_flags | AT_NO_AUTOMOUNT, mask, stx) < 0 ? LOOKUP_ASK_KERNEL : LOOKUP_OWNER;
}

enum lookup lookup_status(const struct task *t, const struct request *req, uint32_t at_flags, uint32_t mask, struct found *found)
{
	struct view view = { .at_flags = at_flags, .mask = mask, .start = -1, .n = -1 };
	enum lookup answer = LOOKUP_OWNER;
	bool shown = false;

	found->may_be_procfs = false;
	if (!t->worker_visible && req->path[0])
		answer = look_at_name(t, req, &view, found, &shown);
	else if (!t->worker_visible)
		answer = look_at_descriptor(t, req, &view, found, &shown);
	cleanup_fd(&view.start);
	return shown || answer != LOOKUP_OWNER ? answer : look_closely(t, req, at_flags, mask, found);
}
