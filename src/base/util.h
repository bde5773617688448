/* SPDX-License-Identifier: Apache-2.0 */
/* Macros, and descriptors that are closed at the end of their scope. */
#ifndef BASE_UTIL_H
#define BASE_UTIL_H

#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(string, first) __attribute__((format(printf, string, first)))

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* A descriptor that is closed at the end of its scope unless it was taken with steal_fd(). */
#define auto_fd __attribute__((cleanup(cleanup_fd))) int

static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline uint64_t statx_device(const struct statx *stx)
{
	return (uint64_t)stx->stx_dev_major << 32 | stx->stx_dev_minor;
}

static inline void replace_fd(int *fd, int with)
{
	cleanup_fd(fd);
	*fd = with;
}

#endif
