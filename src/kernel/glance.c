/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/glance.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/limits.h"
#include "base/names.h"
#include "decode/request.h"
#include "kernel/borrow.h"
#include "kernel/inode.h"
#include "kernel/resolve.h"
#include "kernel/task.h"

#define NEEDED (STATX_TYPE | STATX_UID | STATX_GID | STATX_SIZE)

static bool is_single(const char *path)
{
	return !strchr(path, '/') && strcmp(path, ".") != 0 && strcmp(path, "..") != 0;
}

static bool is_placeholder(int start, const char *path, const struct statx *stx)
{
	return S_ISREG(stx->stx_mode) && stx->stx_size == 0 &&
	       (inode_xattr_at(start, path, DEVICE_XATTR, NULL, 0) >= 0 || errno != ENODATA);
}

bool glance(const struct task *t, const struct request *req, uint32_t at_flags, uint32_t mask, struct statx *stx, struct owner *record)
{
	unsigned char bytes[LIMIT_OVERRIDE_BYTES], again[LIMIT_OVERRIDE_BYTES];
	const char *path = req->path;
	auto_fd start = -1;
	ssize_t n;

	/* the descriptor of a working directory is ours, with O_PATH */
	if (path[0] == '\0' && req->t_dirfd == AT_FDCWD)
		return false;
	if (t->sees_us || !is_single(path) || !(path[0] ? resolve_searches_all(t) : !task_is_nested(t)))
		return false;
	start = req->t_dirfd == AT_FDCWD ? task_open(t, AT_FDCWD) : borrow(t, req->t_dirfd);
	n = start < 0 ? -1 : inode_xattr_at(start, path, OWNER_XATTR, bytes, sizeof(bytes));
	if (n < 0 || owner_decode(bytes, (size_t)n, record) < 0 || owner_is_none(*record))
		return false;
	/* behind the owner, so that who sees a new one sees no set-id bits of before */
	if (statx(start, path, (int)at_flags | AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, mask, stx) < 0)
		return false;
	if ((stx->stx_mask & NEEDED) != NEEDED || is_placeholder(start, path, stx))
		return false;
	/* the name may be another object's by now: if that has another owner, all is to be looked at anew */
	return path[0] == '\0' || (inode_xattr_at(start, path, OWNER_XATTR, again, sizeof(again)) == n && memcmp(bytes, again, (size_t)n) == 0);
}
