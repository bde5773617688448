/* SPDX-License-Identifier: Apache-2.0 */
#include "fake-kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/util.h"
#include "fuzz.h"

#define NOBODY 65534

const struct object fake_objects[OBJECTS] = {
	{ S_IFREG | 0644, 0, 0, 0, 0, -1, false, false },                          /* a */
	{ S_IFDIR | 0755, 0, 0, 0, 0, -1, false, false },                          /* b */
	{ S_IFREG | 04755, 0, NOBODY, 0, 0, -1, false, false },                    /* c */
	{ S_IFDIR | 0700, 0, 0, 0, 0, -1, false, false },                          /* d */
	{ S_IFIFO | 0644, 0, 0, ENODATA, EPERM, -1, false, false },                /* e */
	{ S_IFLNK | 0777, 0, 0, ENODATA, EPERM, 0, false, false },                 /* f */
	{ S_IFREG | 0644, NOBODY, NOBODY, ENODATA, EPERM, -1, false, false },      /* g */
	{ S_IFREG | 0644, 0, 0, EOPNOTSUPP, EOPNOTSUPP, -1, false, false },        /* h */
	{ S_IFREG | 0444, 0, 0, EOPNOTSUPP, EOPNOTSUPP, -1, true, false },         /* i */
	{ S_IFSOCK | 0755, 0, 0, ENODATA, EPERM, -1, false, false },               /* j */
	{ S_IFCHR | 0666, NOBODY, NOBODY, ENODATA, EPERM, -1, false, false },      /* k */
	{ S_IFLNK | 0777, 0, 0, ENODATA, EPERM, 3, false, false },                 /* l */
	{ S_IFLNK | 0777, 0, 0, EOPNOTSUPP, EOPNOTSUPP, 0, true, true },           /* m */
	{ S_IFREG | 06755, 0, 0, 0, 0, -1, false, false },                         /* n */
};

struct disk disk;

long __wrap_syscall(long nr, ...);
int __wrap_close(int fd);
int __real_close(int fd);
int __wrap_fstat(int fd, struct stat *st);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstatfs(int fd, struct statfs *fs);
int __wrap_statx(int fd, const char *path, int flags, unsigned int mask, struct statx *stx);
int __wrap_fchownat(int fd, const char *path, uid_t uid, gid_t gid, int flags);
int __wrap_fchmodat(int fd, const char *path, mode_t mode, int flags);
uid_t __wrap_geteuid(void);
gid_t __wrap_getegid(void);

int fake_find(int start, const char *path, bool follow, bool other_root)
{
	size_t n = strlen(path);
	int object;

	if (path[0] != '/' && !S_ISDIR(fake_objects[start].mode))
		return -ENOTDIR;
	if (n == 0 || path[n - 1] < 'a' || path[n - 1] >= 'a' + OBJECTS)
		return -ENOENT;
	object = path[n - 1] - 'a';
	/* another root and another directory hold the same names for other objects */
	if (path[0] == '/' ? other_root : start != FAKE_CWD)
		object ^= 1;
	if (object >= OBJECTS)
		return -ENOENT;
	return follow && fake_objects[object].target >= 0 ? fake_objects[object].target : object;
}

int fake_dirfd(int t_dirfd)
{
	return t_dirfd == AT_FDCWD ? FAKE_CWD : t_dirfd < 0 || t_dirfd >= OBJECTS ? -EBADF : t_dirfd;
}

int fake_open(int object)
{
	int i = __builtin_ctzll(~fake.open);

	CHECK(~fake.open);
	fake.open |= 1ULL << i;
	fake.unassumed &= ~(1ULL << i);
	fake.opened[i] = (uint8_t)object;
	return FAKE_FIRST_FD + i;
}

static bool is_ours(int fd)
{
	return fd >= FAKE_FIRST_FD && fd < FAKE_FIRST_FD + FAKE_FDS;
}

int fake_object_of(int fd)
{
	CHECK(is_ours(fd) && fake.open & 1ULL << (fd - FAKE_FIRST_FD));
	return fake.opened[fd - FAKE_FIRST_FD];
}

int __wrap_close(int fd)
{
	if (!is_ours(fd))
		return __real_close(fd);
	fake_object_of(fd);
	fake.open &= ~(1ULL << (fd - FAKE_FIRST_FD));
	return 0;
}

int fake_fail(int r)
{
	errno = -r;
	return -1;
}

static long open_object(int start, const char *path, const struct open_how *how)
{
	int other_mount = how->resolve & RESOLVE_NO_XDEV ? -EXDEV : -EIO;
	int r = FAKE_FAILS(open, -ENOENT, -EACCES, -ELOOP, -ENOTDIR, -EINTR, -EMFILE, -ENAMETOOLONG, other_mount);
	int from = start < 0 ? FAKE_CWD : fake_object_of(start);
	bool follow = !(how->flags & O_NOFOLLOW), scoped = how->resolve & (RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	bool other_root = how->resolve & RESOLVE_IN_ROOT ? fake.other_root : fake.in_root;
	int object = fake_find(from, path, false, other_root), fd;

	fake_look();
	CHECK((path[0] == '/' || start >= 0) && how->resolve & RESOLVE_NO_MAGICLINKS && how->flags & O_PATH);
	/* what does not depend on the root is from the task's, or has no way there */
	CHECK(!scoped || (how->resolve & RESOLVE_IN_ROOT ? path[0] == '/' && start >= 0 : path[0] != '/' && !strstr(path, "..")));
	CHECK(fake.assumed || scoped || how->resolve & RESOLVE_NO_XDEV);
	if (r == 0 && object >= 0 && follow && fake_objects[object].magic)
		r = -ELOOP;
	if (r == 0 && object >= 0 && follow && how->resolve & RESOLVE_NO_SYMLINKS && fake_objects[object].target >= 0)
		r = -ELOOP;
	if (r == 0)
		r = fake_find(from, path, follow, other_root);
	if (r < 0)
		return fake_fail(r);
	fd = fake_open(r);
	if (!fake.assumed)
		fake.unassumed |= 1ULL << (fd - FAKE_FIRST_FD);
	return fd;
}

/* What is worked with is what the caller may open. */
void fake_check_change(int fd)
{
	CHECK(is_ours(fd) && !(fake.unassumed & 1ULL << (fd - FAKE_FIRST_FD)));
}

int fake_lookup(const char *name, bool follow)
{
	int fd = AT_FDCWD, tid, n = 0, object;

	if (name[0] == '/')
		return fake_find(FAKE_CWD, name, follow, fake.in_root);
	if (sscanf(name, "self/fd/%d%n", &fd, &n) == 1 && name[n] == '\0')
		return fake_object_of(fd);
	if (sscanf(name, "%d/fd/%d%n", &tid, &fd, &n) != 2)
		n = (int)strcspn(name, "/") + 4; /* TID/cwd */
	fake_look();
	object = fake_dirfd(fd);
	if (object < 0)
		return -ENOENT; /* no such entry in /proc/TID/fd */
	return name[n] == '\0' ? object : fake_find(object, name + n + 1, follow, fake.in_root);
}

void fake_fill(int object, struct statx *stx)
{
	const struct object *o = &fake_objects[object];

	memset(stx, 0, sizeof(*stx));
	stx->stx_mask = STATX_BASIC_STATS | (S_ISSOCK(o->mode) ? 0 : STATX_BTIME);
	stx->stx_mode = (uint16_t)o->mode;
	stx->stx_uid = o->uid;
	stx->stx_gid = o->gid;
	stx->stx_ino = 100 + (uint64_t)object;
	stx->stx_nlink = object == 2 ? 70000 : 1;              /* one too many for the oldest ABI */
	stx->stx_size = object == 0 ? 1ULL << 40 : object == PLACEHOLDER ? 0 : 4096;
	stx->stx_blocks = o->procfs ? 0 : 8;
	stx->stx_btime.tv_sec = 1700000000 + object;
	stx->stx_ctime.tv_sec = object % 3 == 2 ? object % 2 ? INT64_MAX : FAKE_NOW : FAKE_NOW - 3;
	stx->stx_dev_major = o->procfs ? 0 : 8;
	stx->stx_dev_minor = (uint32_t)object % 3;
	stx->stx_blksize = 4096;
}

int __wrap_statx(int fd, const char *path, int flags, unsigned int mask, struct statx *stx)
{
	bool follow = !(flags & AT_SYMLINK_NOFOLLOW);
	int object = fd == AT_FDCWD ? fake_lookup(path, follow) :
		     path[0] ? fake_find(fake_object_of(fd), path, follow, fake.in_root) : fake_object_of(fd);
	int r = FAKE_FAILS(statx, -EIO, -EINTR, -ENOMEM, -ESTALE);

	(void)mask;
	if (r < 0 || object < 0)
		return fake_fail(r < 0 ? r : object);
	fake_fill(object, stx);
	return 0;
}

int __wrap_fstat(int fd, struct stat *st)
{
	if (!is_ours(fd))
		return __real_fstat(fd, st);
	memset(st, 0, sizeof(*st));
	st->st_mode = fake_objects[fake_object_of(fd)].mode;
	return 0;
}

bool fake_has_fsid(int object)
{
	return object % 2;
}

bool fake_lasts(int object)
{
	return object % 4 < 2;
}

int __wrap_fstatfs(int fd, struct statfs *fs)
{
	const uint64_t id = fake_has_fsid(fake_object_of(fd)) ? FAKE_FSID : 0;

	memset(fs, 0, sizeof(*fs));
	memcpy(&fs->f_fsid, &id, sizeof(id));
	fs->f_type = fake_objects[fake_object_of(fd)].procfs ? PROC_SUPER_MAGIC : fake_lasts(fake_object_of(fd)) ? EXT4_SUPER_MAGIC : TMPFS_MAGIC;
	return 0;
}

uid_t __wrap_geteuid(void)
{
	return 0;
}

gid_t __wrap_getegid(void)
{
	return 0;
}

/* The owner that the kernel knows is never changed. */
int __wrap_fchownat(int fd, const char *path, uid_t uid, gid_t gid, int flags)
{
	const struct object *o = &fake_objects[fake_object_of(fd)];
	int r;

	fake_act();
	fake_check_change(fd);
	CHECK(fake.assumed && fake.locked == fake_object_of(fd) + 100 && path[0] == '\0' && flags == AT_EMPTY_PATH);
	CHECK((uid == (uid_t)-1 || uid == o->uid) && (gid == (gid_t)-1 || gid == o->gid));
	r = FAKE_FAILS(chown, -EPERM, -EINTR, -EIO, -EROFS);
	if (r == 0 && o->uid != 0)
		r = -EPERM;
	return r ? fake_fail(r) : 0;
}

/* The mode is never changed either. */
int __wrap_fchmodat(int fd, const char *path, mode_t mode, int flags)
{
	int object = fake_lookup(path, true), r;

	fake_act();
	fake_check_change(atoi(path + strlen("self/fd/")));
	CHECK(fd == AT_FDCWD && fake.assumed && object >= 0 && fake.locked == object + 100 && flags == 0);
	r = FAKE_FAILS(chown, -EPERM, -EINTR, -EIO, -EROFS);
	fake.chmods += r == 0;
	fake.chmod_mode = mode;
	return r ? fake_fail(r) : 0;
}

/* openat2(2) of resolve.c, getxattrat(2) of inode.c. */
long __wrap_syscall(long nr, ...)
{
	const struct { uint64_t value; uint32_t size, flags; } *args;
	const char *path, *name;
	const void *how;
	va_list ap;
	int start, flags, from;

	va_start(ap, nr);
	start = va_arg(ap, int);
	path = va_arg(ap, const char *);
	if (nr == SYS_openat2) {
		how = va_arg(ap, const void *);
		va_end(ap);
		return open_object(start, path, how);
	}
	flags = va_arg(ap, int);
	name = va_arg(ap, const char *);
	args = va_arg(ap, const void *);
	CHECK(nr == 464 && path[0] && path[0] != '/' && args->flags == 0 && va_arg(ap, size_t) == sizeof(*args));
	va_end(ap);
	from = fake_object_of(start);
	if (disk.old_kernel)
		return fake_fail(-ENOSYS);
	return fake_getxattr(fake_find(from, path, !(flags & AT_SYMLINK_NOFOLLOW), fake.in_root), name,
			     (void *)(uintptr_t)args->value, args->size);
}
