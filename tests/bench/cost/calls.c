/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls NAME COUNT FILE: makes one system call COUNT times, on FILE in the working directory. NAME+root: after a chroot(2), from which on
 * tasks may have other roots.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static char path[PATH_MAX];
static const char *file;
static int fd, dir;
static struct stat st;
static struct statx stx;

static long stat_absolute(void)
{
	return syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0);
}

static long stat_relative(void)
{
	return syscall(SYS_newfstatat, AT_FDCWD, file, &st, 0);
}

static long lstat_relative(void)
{
	return syscall(SYS_newfstatat, AT_FDCWD, file, &st, AT_SYMLINK_NOFOLLOW);
}

static long stat_dirfd(void)
{
	return syscall(SYS_newfstatat, dir, file, &st, 0);
}

static long lstat_absolute(void)
{
	return syscall(SYS_newfstatat, AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW);
}

static long stat_fd(void)
{
	return syscall(SYS_fstat, fd, &st);
}

static long statx_absolute(void)
{
	return syscall(SYS_statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &stx);
}

static long stat_missing(void)
{
	return syscall(SYS_newfstatat, AT_FDCWD, "/missing", &st, 0) + 1;
}

/* By root in a directory of root's. */
static long make_dir(void)
{
	return mkdir(path, 0755) < 0 && errno == EEXIST ? 0 : 1;
}

static long chmod_absolute(void)
{
	return chmod(path, 0644);
}

static long get_uid(void)
{
	return syscall(SYS_getuid) < 0;
}

static long getxattr_other(void)
{
	char value[16];

	return getxattr(path, "user.other", value, sizeof(value)) < 0 ? 0 : 1;
}

/* One that might be kept, as `ls -l` asks for it. */
static long getxattr_acl(void)
{
	char value[64];

	return getxattr(path, "system.posix_acl_access", value, sizeof(value)) < 0 ? 0 : 1;
}

static long chown_absolute(void)
{
	static unsigned int n;

	return syscall(SYS_fchownat, AT_FDCWD, path, 42 + (n++ & 1), 43, 0);
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{ "stat-absolute", stat_absolute }, { "stat-relative", stat_relative }, { "stat-dirfd", stat_dirfd },
	{ "lstat-absolute", lstat_absolute }, { "lstat-relative", lstat_relative }, { "fstat", stat_fd }, { "statx-absolute", statx_absolute },
	{ "stat-missing", stat_missing }, { "getxattr-other", getxattr_other }, { "getxattr-acl", getxattr_acl }, { "mkdir-absolute", make_dir },
	{ "chmod-absolute", chmod_absolute }, { "getuid", get_uid }, { "chown-absolute", chown_absolute },
};

int main(int argc, char **argv)
{
	char *root = argc == 4 ? strstr(argv[1], "+root") : NULL;

	if (argc != 4 || !realpath(argv[3], path) || (root && chroot("/") < 0))
		return 2;
	if (root)
		*root = '\0';
	file = argv[3];
	fd = open(file, O_RDONLY);
	dir = open(".", O_PATH | O_DIRECTORY);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(argv[1], calls[i].name) != 0)
			continue;
		for (int n = atoi(argv[2]); n > 0; n--)
			if (calls[i].call() != 0)
				return 1;
		return 0;
	}
	return 2;
}
