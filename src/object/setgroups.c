/* SPDX-License-Identifier: Apache-2.0 */
#include "object/setgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "object/object.h"
#include "proc/procfs.h"
#include "proc/task.h"
#include "proc/task_fd.h"

static int file = -1;

int setgroups_open(void)
{
	static const char text[] = "allow\n";

	file = memfd_create("setgroups", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file < 0 || write(file, text, sizeof(text) - 1) != sizeof(text) - 1 ||
	    fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	return 0;
}

int setgroups_file(void)
{
	return file;
}

/* By its path, which may be anything: cheap, and no for nearly everything that is not. */
static bool is_named(int fd)
{
	static const char name[] = "/setgroups";
	char link[FD_LINK_MAX], path[PATH_MAX];
	ssize_t n;

	fd_link(link, "", fd);
	n = readlink(link, path, sizeof(path));
	return n >= (ssize_t)sizeof(name) && memcmp(path + n - (sizeof(name) - 1), name, sizeof(name) - 1) == 0;
}

/* Is it that file, of a process in the user namespace that we are in? */
static bool is_own(int fd, const struct statx *stx)
{
	auto_fd process = procfs_parent(fd, stx);
	struct stat theirs, ours;

	return process >= 0 && fstatat(process, "ns/user", &theirs, 0) == 0 && stat("self/ns/user", &ours) == 0 && stat_same(&theirs, &ours);
}

int setgroups_show(const struct task *t, int t_fd, int fd, const struct statx *stx)
{
	char link[FD_LINK_MAX];
	auto_fd other = -1;
	int flags;

	if (!object_may_be_in_procfs(stx) || !is_named(fd) || !object_is_procfs(fd) || task_is_nested(t) || !is_own(fd, stx))
		return 0;
	flags = task_fd_unread(t, t_fd);
	if (flags < 0 || (flags & (O_ACCMODE | O_PATH)) != O_RDONLY)
		return flags < 0 && flags != -EBUSY ? flags : 0;
	/* each has a place of its own from which it reads */
	fd_link(link, "", file);
	other = open(link, O_RDONLY | O_CLOEXEC);
	if (other < 0)
		return -errno;
	return task_replace_fd(t, t_fd, other, flags & O_CLOEXEC) < 0 ? -ENOENT : 1;
}
