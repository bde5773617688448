/* SPDX-License-Identifier: Apache-2.0 */
#include "object/object.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/groups.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/names.h"
#include "base/sys.h"
#include "cred/as_caller.h"
#include "object/identity.h"
#include "object/owner_store.h"
#include "rule/filecap.h"
#include "seccomp/features.h"

struct xattr_args { /* linux/xattr.h */
	uint64_t value;
	uint32_t size, flags;
};

const char *object_name(int fd, char name[static OBJECT_NAME_SIZE])
{
	fd_link(name, "", fd);
	return name;
}

int object_statx(int fd, uint32_t at_flags, uint32_t mask, struct statx *stx)
{
	return statx(fd, "", (int)at_flags | AT_EMPTY_PATH, mask, stx) < 0 ? -errno : 0;
}

int object_stat(int fd, struct statx *stx)
{
	return object_statx(fd, 0, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, stx);
}

static struct owner self;

void object_init(void)
{
	self = (struct owner){ geteuid(), getegid() };
}

struct owner object_self(void)
{
	return self;
}

struct owner object_host_owner(const struct statx *stx)
{
	return (struct owner){ stx->stx_uid, stx->stx_gid };
}

static bool may_hold_xattr(const struct statx *stx)
{
	return S_ISREG(stx->stx_mode) || S_ISDIR(stx->stx_mode);
}

bool object_is_unfit(int r)
{
	return r == -EPERM || r == -EACCES || r == -EOPNOTSUPP;
}

int object_record_get(int fd, const struct statx *stx, struct owner *record)
{
	unsigned char bytes[LIMIT_OVERRIDE_BYTES];
	struct record_key key;
	char name[OBJECT_NAME_SIZE];
	ssize_t n = may_hold_xattr(stx) ? getxattr(object_name(fd, name), OWNER_XATTR, bytes, sizeof(bytes)) : -1;

	*record = (struct owner){ OWNER_NONE, OWNER_NONE };
	if (n >= 0 && owner_decode(bytes, (size_t)n, record) == 0)
		return 0;
	/* a value that nobody can have written for us is no record: the next chown replaces it */
	if (n >= 0 || (may_hold_xattr(stx) && errno == ERANGE))
		return 0;
	/* nor is what could not be read just now one that is not there */
	if (may_hold_xattr(stx) && errno != ENODATA && !object_is_unfit(-errno))
		return -errno;
	if (!owner_store_may_know(stx->stx_ino, identity_birth(stx)))
		return 0;
	key = identity_of(fd, stx).key;
	return owner_store_find(fd, &key, record) < 0 ? -EIO : 0;
}

/* Has it more of ours than that of its owner, as far as can be told? */
static bool has_more(const char *name)
{
	char names[4096];
	ssize_t n = listxattr(name, names, sizeof(names));

	for (ssize_t i = 0; i < n; i += (ssize_t)strlen(names + i) + 1)
		if (names_is_ours(names + i) && strcmp(names + i, OWNER_XATTR) != 0)
			return true;
	return n < 0;
}

/* Once: containers can cause it at will. Their own errno does not tell what there is no room for. */
static int say_no_room(int r)
{
	static bool said;
	const char *remedy = r == -ENOSPC ? "its file system is full, or the file has as many xattrs as it can have" :
			     r == -EDQUOT ? "its owner outside has used up a quota, see quota(1)" : "see dmesg(1) for its disk or server";

	if (!said && (r == -ENOSPC || r == -EDQUOT || r == -EIO)) {
		log_warn(r, "the owner of a file could not be recorded in an xattr of it: %s", remedy);
		said = true;
	}
	return r;
}

static int xattr_set(int fd, struct owner record)
{
	unsigned char bytes[OWNER_ENCODED_MAX];
	char name[OBJECT_NAME_SIZE];

	object_name(fd, name);
	/* that of no owner stays where it marks an object that has more of ours */
	if (!owner_is_none(record) || has_more(name))
		return setxattr(name, OWNER_XATTR, bytes, owner_encode(record, bytes), 0) < 0 ? say_no_room(-errno) : 0;
	return removexattr(name, OWNER_XATTR) < 0 && errno != ENODATA ? -errno : 0;
}

int object_record_set(int fd, const struct statx *stx, struct owner owner)
{
	int r = may_hold_xattr(stx) ? xattr_set(fd, owner) : -EPERM;
	struct record record;
	struct statx now;

	if (!object_is_unfit(r))
		return r;
	/* on overlayfs the change of an object that was on a lower layer has made another one of it */
	r = object_stat(fd, &now);
	if (r < 0)
		return r;
	record = identity_of(fd, &now);
	record.owner = owner;
	return owner_store_set(fd, &record);
}

int object_mark(int fd)
{
	unsigned char bytes[OWNER_ENCODED_MAX];
	char name[OBJECT_NAME_SIZE];
	size_t n = owner_encode((struct owner){ OWNER_NONE, OWNER_NONE }, bytes);

	return setxattr(object_name(fd, name), OWNER_XATTR, bytes, n, XATTR_CREATE) < 0 && errno != EEXIST ? -errno : 0;
}

void object_unmark(int fd)
{
	unsigned char bytes[LIMIT_OVERRIDE_BYTES];
	char name[OBJECT_NAME_SIZE];
	struct owner record;
	ssize_t n = getxattr(object_name(fd, name), OWNER_XATTR, bytes, sizeof(bytes));

	if (n >= 0 && owner_decode(bytes, (size_t)n, &record) == 0 && owner_is_none(record))
		(void)!xattr_set(fd, record);
}

int object_device_get(int fd, const struct statx *stx, struct device *device)
{
	unsigned char bytes[LIMIT_OVERRIDE_BYTES];
	char name[OBJECT_NAME_SIZE];
	ssize_t n;

	*device = (struct device){ 0 };
	if (!HAS_DEVICE || !S_ISREG(stx->stx_mode) || stx->stx_size != 0)
		return 0;
	n = getxattr(object_name(fd, name), DEVICE_XATTR, bytes, sizeof(bytes));
	if (n < 0)
		return errno == ENODATA || errno == ERANGE || object_is_unfit(-errno) ? 0 : -errno;
	/* one that another tool has left, or half of what was to be written, is none without the other half */
	if (device_decode(bytes, (size_t)n, device) == 0 && getxattr(name, OWNER_XATTR, NULL, 0) < 0)
		*device = (struct device){ 0 };
	return 0;
}

int object_device_set(int fd, const struct statx *stx, const struct device *device, struct owner record)
{
	struct owner shown = owner_shown(record, object_host_owner(stx));
	unsigned char bytes[DEVICE_ENCODED_MAX];
	char name[OBJECT_NAME_SIZE];

	if (!HAS_DEVICE)
		return -EPERM;
	if (setxattr(object_name(fd, name), DEVICE_XATTR, bytes, device_encode(device, &shown, stx->stx_mode, bytes), 0) < 0)
		return object_is_unfit(-errno) ? -EPERM : say_no_room(-errno); /* as mknod(2) where a file system has no devices */
	return xattr_set(fd, record);
}

bool object_has_xattr_at(void)
{
	return features.xattr_at;
}

ssize_t object_has_xattr(const char *path, bool follow, const char *xattr)
{
	return follow ? getxattr(path, xattr, NULL, 0) : lgetxattr(path, xattr, NULL, 0);
}

ssize_t object_xattr_at(int start, const char *path, int at_flags, const char *xattr, void *value, size_t size)
{
	struct xattr_args args = { (uintptr_t)value, (uint32_t)size, 0 };

	if (path[0] == '\0')
		return fgetxattr(start, xattr, value, size);
	return syscall(SYS_getxattrat, start, path, at_flags, xattr, &args, sizeof(args));
}

int object_chown(const struct task *t, int fd, const struct statx *stx, struct owner want)
{
	uid_t uid = want.cuid != OWNER_NONE && stx->stx_uid == self.cuid ? stx->stx_uid : (uid_t)-1;
	gid_t gid = want.cgid != OWNER_NONE && stx->stx_gid == self.cgid ? stx->stx_gid : (gid_t)-1;
	int r = as_caller_drop_file_capabilities(t);

	if (r < 0)
		return r;
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		r = -errno;
	as_caller_resume_capabilities();
	/* another's inode, say a file of the host that was mounted here: real root may change it, so we only record it */
	return r == -EPERM && stx->stx_uid != self.cuid ? 0 : r;
}

int object_chmod(const struct task *t, int fd, uint32_t mode)
{
	char name[OBJECT_NAME_SIZE];
	int r = as_caller_drop_file_capabilities(t);

	if (r < 0)
		return r;
	if (fchmodat(AT_FDCWD, object_name(fd, name), (mode_t)mode, 0) < 0)
		r = -errno;
	as_caller_resume_capabilities();
	return r;
}

bool object_is_readonly(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_flags & ST_RDONLY;
}

int object_deny(int fd, bool read)
{
	char name[OBJECT_NAME_SIZE];
	struct stat st;

	if (getxattr(object_name(fd, name), OWNER_XATTR, NULL, 0) < 0 && errno == EOPNOTSUPP)
		return -EOPNOTSUPP;
	if (!read && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return -EPERM;
	return -ENODATA;
}

/* Its set-id bits and capabilities, where its mount lets them count. */
static void look_at_privileges(int fd, const struct statx *stx, struct cred_file *file)
{
	unsigned char bytes[FILECAP_MAX];
	char name[OBJECT_NAME_SIZE];
	struct owner record, owner;
	ssize_t n;

	if (object_record_get(fd, stx, &record) < 0)
		return;
	owner = owner_shown(record, object_host_owner(stx));
	file->uid = owner.cuid;
	file->gid = owner.cgid;
	/* the bits count only where both ids are mapped */
	if ((record.cuid != OWNER_NONE || stx->stx_uid == self.cuid) && (record.cgid != OWNER_NONE || stx->stx_gid == self.cgid)) {
		file->set_uid = stx->stx_mode & S_ISUID;
		file->set_gid = stx->stx_mode & S_ISGID && stx->stx_mode & S_IXGRP;
	}
	/* those of another user namespace's root cannot be read */
	n = getxattr(object_name(fd, name), "security.capability", bytes, sizeof(bytes));
	if (n > 0)
		filecap_decode(bytes, (size_t)n, file);
}

bool object_program(int fd, struct cred_file *file)
{
	struct statfs fs;
	struct statx stx;

	/* what does not say what it is can have no privileges */
	if (object_stat(fd, &stx) < 0)
		return true;
	if (fstatfs(fd, &fs) < 0)
		fs.f_flags = ST_NOSUID;
	if (!S_ISREG(stx.stx_mode) || !(stx.stx_mode & 0111) || fs.f_flags & ST_NOEXEC)
		return false;
	if (!(fs.f_flags & ST_NOSUID))
		look_at_privileges(fd, &stx, file);
	return true;
}

bool object_may_be_in_procfs(const struct statx *stx)
{
	return stx->stx_dev_major == 0 && stx->stx_blocks == 0;
}

bool object_is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}
