/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sys.h"

/* From here on, numbers are of entries that are not of a process, those in "net" too: PROC_DYNAMIC_FIRST in the kernel */
#define PROCFS_DYNAMIC_INO 0xF0000000U

/* /proc/N/task/T/attr/NAME/: the deepest directory */
#define LEVELS 6

int procfs_open(int dir, const char *path, uint64_t flags)
{
	return sys_openat2(dir, path, flags, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

static bool is_object(int fd, const struct statx *stx)
{
	struct statx theirs;

	return statx(fd, "", AT_EMPTY_PATH, STATX_INO, &theirs) == 0 && statx_same(&theirs, stx);
}

/* Found by the object's name, and checked to hold it. */
int procfs_parent(int fd, const struct statx *stx)
{
	char link[FD_LINK_MAX], path[PATH_MAX], *name;
	auto_fd dir = -1;
	auto_fd entry = -1;
	ssize_t n;

	fd_link(link, "", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	name = strrchr(path, '/');
	if (!name)
		return -ENOENT;
	*name++ = '\0';
	dir = sys_openat2(AT_FDCWD, path[0] ? path : "/", O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
	entry = dir < 0 ? dir : procfs_open(dir, name, O_PATH | O_NOFOLLOW);
	return entry >= 0 && is_object(entry, stx) ? steal_fd(&dir) : -ENOENT;
}

int procfs_above(int dir, int *root)
{
	auto_fd at = dir;
	struct stat st;

	for (int level = 0; level < LEVELS && at >= 0; level++) {
		auto_fd up = procfs_open(at, "..", O_PATH | O_DIRECTORY);

		if (up < 0 || fstat(up, &st) < 0)
			return -ENOENT;
		if (st.st_ino == PROCFS_ROOT_INO) {
			*root = steal_fd(&up);
			return steal_fd(&at);
		}
		replace_fd(&at, steal_fd(&up));
	}
	return -ENOENT;
}

int procfs_process(int fd, const struct statx *stx)
{
	auto_fd root = -1;
	int at;

	if (stx->stx_ino >= PROCFS_DYNAMIC_INO || stx->stx_ino == PROCFS_ROOT_INO)
		return -ENOENT;
	at = S_ISDIR(stx->stx_mode) ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : procfs_parent(fd, stx);
	return procfs_above(at, &root);
}

int procfs_limits(int process, uint64_t soft[static 2])
{
	static const char *const names[2] = { "\nMax file locks ", "\nMax resident set " };
	char text[4096];
	auto_fd fd = procfs_open(process, "limits", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return fd < 0 ? fd : -errno;
	text[n] = '\0';
	for (int i = 0; i < 2; i++) {
		const char *at = strstr(text, names[i]);

		soft[i] = at ? strtoull(at + strlen(names[i]), NULL, 10) : 0;
	}
	return 0;
}
