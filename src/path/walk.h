/* SPDX-License-Identifier: Apache-2.0 */
/* A walk along a path by hand, for what openat2(2) cannot know: which task "self" is. */
#ifndef PATH_WALK_H
#define PATH_WALK_H

#include <stdbool.h>

#include "base/util.h"

struct task;

/* The path leads through a magic link of this very process, or of an unknown process; no errno has this value. */
#define WALK_FOREIGN (-4096)

/*
 * Opens path with O_PATH as the caller would: relative to start, or to this process's root, following at most
 * LIMIT_SYMLINKS links. In a procfs "self" and "thread-self" are the caller's; the caller's own magic links are followed, and others'
 * where the caller might do so. To be called with the caller's capabilities. A descriptor, -errno or WALK_FOREIGN.
 */
int walk_open(const struct task *t, int start, const char *path, bool follow) MUST_CHECK;

#endif
