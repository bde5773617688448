/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that libc has no function for, and idioms around descriptors. */
#ifndef BASE_SYS_H
#define BASE_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/util.h"

/* Linux 6.13; the same number on every architecture */
#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#endif

/* openat2(2): a descriptor, with O_CLOEXEC, or -errno. */
static inline int sys_openat2(int dir, const char *path, uint64_t flags, uint32_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve };
	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

#define FD_LINK_MAX 32

/* The path of the magic link of a descriptor of this process. proc: "/proc/", or "" where a procfs is the working directory. */
static inline void fd_link(char link[static FD_LINK_MAX], const char *proc, int fd)
{
	snprintf(link, FD_LINK_MAX, "%sself/fd/%d", proc, fd);
}

/* The same device and number? A number that was freed may be another object's by now: only birth times tell these apart. */
static inline bool statx_same(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

static inline bool stat_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

#endif
