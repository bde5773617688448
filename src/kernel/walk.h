/* SPDX-License-Identifier: Apache-2.0 */
/* A walk along a path by hand, for what openat2(2) cannot know: which task "self" is. */
#ifndef KERNEL_WALK_H
#define KERNEL_WALK_H

#include <stdbool.h>

#include "base/util.h"

struct task;

/* The path leads through a magic link that is not the caller's; no errno has this value. */
#define WALK_FOREIGN (-4096)

/*
 * Opens path with O_PATH as the caller would: relative to start, or to this process's root, following at most
 * LIMIT_SYMLINKS links; of the magic links in /proc only the caller's own. *own: the object is an entry of the caller's
 * directory in /proc itself, and the descriptor belongs to the kept /proc. A descriptor, -errno or WALK_FOREIGN.
 */
int walk_open(const struct task *t, int start, const char *path, bool follow, bool *own) MUST_CHECK;

#endif
