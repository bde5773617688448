/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/glance.h"

#include <errno.h>
#include <fcntl.h>

#include "base/limits.h"
#include "base/names.h"
#include "decode/request.h"
#include "kernel/birth.h"
#include "kernel/fsclock.h"
#include "kernel/inode.h"
#include "kernel/resolve.h"
#include "kernel/task.h"
#include "rule/newfile.h"

#define NEEDED (STATX_TYPE | STATX_UID | STATX_GID | STATX_SIZE)
#define IDENTITY (STATX_INO | STATX_CTIME)

/* A descriptor that is the object, with "" for name, or of the directory in which it has this name; or -1. */
static int come_near(const struct task *t, const struct request *req, int *from, struct newfile_path *split)
{
	split->name[0] = '\0';
	if (t->sees_us)
		return -1;
	if (req->path[0] == '\0')
		return task_is_nested(t) ? -1 : steal_fd(from);
	if (!inode_has_xattr_at() || !resolve_searches_all(t) || !newfile_split(req->path, split) || split->slash)
		return -1;
	return *from >= 0 && !split->directory[0] ? steal_fd(from) : resolve_parent(t, *from, req->t_dirfd, split->directory);
}

struct view {
	int start;
	const char *name;
	int at_flags;
};

static bool look(const struct view *view, uint32_t mask, struct statx *stx)
{
	return statx(view->start, view->name, view->at_flags | AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, mask, stx) == 0;
}

static bool is_placeholder(const struct view *view, const struct statx *stx)
{
	return S_ISREG(stx->stx_mode) && stx->stx_size == 0 &&
	       (inode_xattr_at(view->start, view->name, DEVICE_XATTR, NULL, 0) >= 0 || errno != ENODATA);
}

static bool is_owned(const struct view *view, struct owner *record)
{
	unsigned char bytes[LIMIT_OVERRIDE_BYTES];
	ssize_t n = inode_xattr_at(view->start, view->name, OWNER_XATTR, bytes, sizeof(bytes));

	return n >= 0 && owner_decode(bytes, (size_t)n, record) == 0 && !owner_is_none(*record);
}

/* First the owner, so that who sees a new one sees no set-id bits of before. */
static bool look_at_owned(const struct view *view, uint32_t mask, struct statx *stx, struct owner *record)
{
	return is_owned(view, record) && look(view, mask, stx) && (stx->stx_mask & NEEDED) == NEEDED;
}

/* If it was renamed after that moment, has its ctime changed? Not within a tick of its file system's clock. */
static bool tells_renames(const struct statx *stx, const struct moment *then)
{
	return (stx->stx_mask & IDENTITY) == IDENTITY && fsclock_passed(then, stx, fsclock_grain(&stx->stx_ctime));
}

static bool is_same(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && birth_device(a) == birth_device(b) && (b->stx_mask & IDENTITY) == IDENTITY &&
	       fsclock_time(&a->stx_ctime) == fsclock_time(&b->stx_ctime);
}

bool glance(const struct task *t, const struct request *req, int *from, uint32_t at_flags, uint32_t mask, struct statx *stx, struct owner *record)
{
	struct newfile_path split;
	auto_fd start = come_near(t, req, from, &split);
	const struct view view = { start, split.name, (int)at_flags };
	const struct moment then = fsclock_moment();
	struct statx before;

	replace_fd(from, -1);
	if (start < 0)
		return false;
	if (split.name[0] == '\0')
		return look_at_owned(&view, mask, stx, record) && !is_placeholder(&view, stx);
	/* who asks for one time is shown both */
	if (!(mask & (STATX_MTIME | STATX_CTIME)))
		return false;
	/* a name may be another object's at each of these looks: not, if both of the outer ones show the same, as old as it was */
	return look(&view, NEEDED | IDENTITY, &before) && tells_renames(&before, &then) && !is_placeholder(&view, &before) &&
	       look_at_owned(&view, mask | IDENTITY, stx, record) && is_same(&before, stx);
}
