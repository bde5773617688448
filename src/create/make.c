/* SPDX-License-Identifier: Apache-2.0 */
#include "create/make.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/groups.h"
#include "base/names.h"
#include "base/sys.h"
#include "cred/as_caller.h"
#include "decode/request.h"
#include "object/fsclock.h"
#include "object/hidden_xattr.h"
#include "object/lock.h"
#include "object/object.h"
#include "object/pending.h"
#include "proc/task.h"

bool make_opens(const struct request *req)
{
	return req->open_flags != 0;
}

bool make_binds(const struct request *req)
{
	return row_has_arg(req->row, ADDRESS) || req->socket_call == SYS_BIND;
}

bool make_is_nameless(const struct request *req)
{
	return req->open_flags & OPEN_TMPFILE;
}

static int open_at(const struct creation *c, uint64_t flags, uint32_t mode)
{
	const char *name = make_is_nameless(c->req) ? "." : c->path.name;

	return sys_openat2(c->dir, name, flags, mode & 07777, c->req->open_resolve);
}

static bool is_same(int fd, int other)
{
	struct statx a, b;

	return object_stat(fd, &a) == 0 && object_stat(other, &b) == 0 && statx_same(&a, &b);
}

/*
 * bind(2) by the text that the caller gave, which the socket's address then is; or where that does not lead there for us, as through "self" in
 * a procfs, or where it might by then lead to what only we may reach, by the name in the directory.
 */
static int bind_here(const struct creation *c)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_fd there = sys_openat2(AT_FDCWD, c->path.directory[0] ? c->path.directory : ".", O_PATH, 0, RESOLVE_NO_MAGICLINKS);
	const char *text = !c->t->worker_visible && there >= 0 && is_same(there, c->dir) ? c->req->path : c->path.name;
	size_t n = strlen(text);
	int r = text == c->path.name ? as_caller_enter_directory(c->dir) : 0;

	if (r < 0)
		return r;
	memcpy(address.sun_path, text, n);
	r = as_caller_drop_file_capabilities(c->t);
	if (r == 0 && bind(c->socket, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		r = -errno;
	as_caller_resume_capabilities();
	return r;
}

/* The same in the caller's root and working directory. */
static int bind_socket(const struct creation *c)
{
	auto_fd cwd = task_open(c->t, AT_FDCWD);
	int swapped = cwd < 0 ? cwd : as_caller_enter_root(c->t);
	int r = swapped;

	if (r >= 0) {
		r = as_caller_enter_directory(cwd);
		if (r == 0)
			r = task_confirm(c->t);
		if (r == 0)
			r = bind_here(c);
		as_caller_leave_directory();
	}
	if (swapped > 0)
		as_caller_leave_root();
	return r;
}

/* The call itself: 0, a descriptor of a file, or -errno. */
static int call(const struct creation *c)
{
	uint64_t only_new = make_is_nameless(c->req) ? 0 : O_EXCL;
	int r = make_binds(c->req) ? bind_socket(c) : as_caller_drop_file_capabilities(c->t);

	if (r < 0 || make_binds(c->req))
		return r;
	if (make_opens(c->req))
		r = open_at(c, c->req->open_flags | only_new, c->mode);
	else if (c->type == S_IFLNK)
		r = symlinkat(c->req->target, c->dir, c->path.name) < 0 ? -errno : 0;
	else if (c->type == S_IFDIR)
		r = mkdirat(c->dir, c->path.name, (mode_t)c->mode) < 0 ? -errno : 0;
	else
		r = mknodat(c->dir, c->path.name, (mode_t)(c->type | (c->mode & 07777)), 0) < 0 ? -errno : 0;
	as_caller_resume_capabilities();
	return r;
}

/*
 * Was it there before the call? Only times of its file system tell, whose clock may differ from ours by hours: the call has changed the
 * directory, so no more time than the call has taken until now lies between the birth of what it made and the directory's last change.
 */
static bool is_older(const struct creation *c, const struct statx *stx)
{
	const struct statx_timestamp *ts = stx->stx_mask & STATX_BTIME ? &stx->stx_btime : &stx->stx_ctime;
	int64_t born = fsclock_time(ts), changed;
	struct statx dir;

	if (object_statx(c->dir, 0, STATX_CTIME, &dir) < 0)
		return true;
	changed = fsclock_time(&dir.stx_ctime);
	return born < changed && (uint64_t)changed - (uint64_t)born > (uint64_t)(fsclock_now() - c->began + fsclock_grain(ts));
}

/* An O_PATH descriptor of what was made, found by its name, or -ENOENT: of that type, ours for the kernel, not there before. */
static int find(const struct creation *c, struct statx *stx)
{
	auto_fd fd = open_at(&(struct creation){ .dir = c->dir, .path = c->path, .req = c->req }, O_PATH | O_NOFOLLOW, 0);

	return fd >= 0 && object_stat(fd, stx) == 0 && (stx->stx_mode & S_IFMT) == c->type && stx->stx_uid == object_self().cuid && !is_older(c, stx) ?
	       steal_fd(&fd) : -ENOENT;
}

/* 0 or -errno. */
static int record_acls(const struct creation *c, int fd, uint32_t mode)
{
	struct acl acl = c->inherited;
	int r = c->type == S_IFDIR ? hidden_xattr_acl_set(fd, DEFAULT_ACL_XATTR, &acl) : 0;

	/* a socket's mode is that of its descriptor, not an argument */
	if (make_binds(c->req))
		return object_chmod(c->t, fd, acl_inherit(&acl, mode & 07777));
	acl_follow(&acl, mode);
	if (r == 0 && !acl_is_mode(&acl))
		r = hidden_xattr_acl_set(fd, ACCESS_ACL_XATTR, &acl);
	/* what cannot keep one has the mode alone */
	return object_is_unfit(r) ? 0 : r;
}

/* Records the owner, if nobody has changed it since the object could be seen. 0 or -errno. */
static int record(const struct creation *c, int fd, const struct statx *stx)
{
	unsigned int lock = lock_take(stx);
	struct owner old, new;
	int r = object_record_get(fd, stx, &old);

	new = owner_is_none(old) ? owner_merge(old, c->owner, object_host_owner(stx)) : old;
	if (r == 0 && !device_is_none(&c->device))
		r = object_device_set(fd, stx, &c->device, new);
	else if (r == 0 && owner_is_none(old))
		r = object_record_set(fd, stx, new);
	if (r == 0 && HAS_ACL && c->inherited.n > 0)
		r = record_acls(c, fd, stx->stx_mode);
	lock_release(lock);
	return r;
}

void make_undo(const struct creation *c, int fd)
{
	struct statx stx;
	auto_fd there = make_is_nameless(c->req) ? -1 : find(c, &stx);

	if (there >= 0 && is_same(fd, there))
		(void)!unlinkat(c->dir, c->path.name, c->type == S_IFDIR ? AT_REMOVEDIR : 0);
}

/*
 * Did the worker that has died change the directory? A chown to no other ids makes its time of change the present: where that is no change,
 * as on NFS, it is as before unless something was made there.
 */
static bool has_changed(const struct creation *c)
{
	struct statx dir;

	(void)!fchownat(c->dir, "", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH);
	return object_statx(c->dir, 0, STATX_CTIME, &dir) == 0 &&
	       (fsclock_time(&dir.stx_ctime) != c->t->intent->unchanged ||
		fsclock_moment().boot - c->began < fsclock_grain(&dir.stx_ctime));
}

/* What it made, as call() would have it. */
static int call_again(const struct creation *c, int error)
{
	struct statx stx;
	auto_fd there = has_changed(c) ? find(c, &stx) : -1;
	auto_fd fd = -1;

	if (there < 0)
		return error;
	if (!make_opens(c->req))
		return 0;
	fd = open_at(c, (c->req->open_flags & ~(uint64_t)(O_CREAT | O_EXCL | O_TRUNC)) | O_NOFOLLOW, 0);
	return fd >= 0 && is_same(fd, there) ? steal_fd(&fd) : error;
}

int make_object(struct creation *c)
{
	const struct intent now = { c->t->id, statx_device(&c->at), c->at.stx_ino, fsclock_moment().boot, fsclock_time(&c->at.stx_ctime) };
	struct intent *intent = c->t->intent;
	bool again = c->resumed && intent->dev == now.dev && intent->dir == now.dir;
	unsigned int pending = pending_begin(&c->at);
	struct statx stx;
	auto_fd made = -1;
	auto_fd fd = -1;
	int r;

	if (!again)
		*intent = now;
	c->began = now.began;
	r = call(c);
	if (again && (r == -EEXIST || (make_binds(c->req) && (r == -EINVAL || r == -EADDRINUSE)))) {
		c->began = intent->began;
		r = call_again(c, r);
	}
	if (make_opens(c->req))
		fd = r;
	/* an open may fail after it has made the file: one with O_DIRECT, where that cannot be */
	if (make_opens(c->req) ? r == -EINVAL && c->req->open_flags & O_DIRECT : r == 0)
		made = find(c, &stx);
	if (fd >= 0 || made >= 0) {
		int error = fd >= 0 ? object_stat(fd, &stx) : 0;

		if (error == 0) {
			fsclock_learn(&stx);
			error = record(c, fd >= 0 ? fd : made, &stx);
		}
		if (error < 0) {
			make_undo(c, fd >= 0 ? fd : made);
			r = error;
		}
	}
	pending_end(pending);
	return r < 0 || !make_opens(c->req) ? r : steal_fd(&fd);
}
