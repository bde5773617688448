/* SPDX-License-Identifier: Apache-2.0 */
/* From a request's path to the object that the caller means. */
#ifndef PATH_RESOLVE_H
#define PATH_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct request;
struct task;

/*
 * 0: an O_PATH descriptor of the object, found in the caller's own root, working directory and /proc, with the caller's capabilities, while
 * the call was pending. -errno is the call's; an enum reason: the kernel shall answer.
 */
int resolve_open(const struct task *t, const struct request *req, int *fd) MUST_CHECK;

/* Could the path lead somewhere else in the caller's root than in ours? */
bool resolve_depends_on_root(const struct task *t, const char *path, bool follow) MUST_CHECK;

/* An O_PATH descriptor of what a path leads to in the caller's root, with our capabilities, or -errno; -EXDEV: it cannot be told. */
int resolve_within(const struct task *t, int t_dirfd, const char *path, bool follow) MUST_CHECK;

/* Is what we do not find missing for the caller, too? False where it may be the "self" that a procfs shows to the caller and not to us. */
bool resolve_is_missing(const struct task *t, const struct request *req) MUST_CHECK;

/*
 * Must we say ourselves that there is no such file? After CONTINUE the kernel looks again, and might find a file that was made meanwhile and
 * whose owner is not recorded yet. False for a call that the kernel refuses before it looks.
 */
bool resolve_says_missing(const struct request *req) MUST_CHECK;

/* Is it a symlink, or can that not be told? For calls that change nothing. */
bool resolve_may_be_symlink(const struct task *t, int t_dirfd, const char *path) MUST_CHECK;

/*
 * An O_PATH descriptor of what the path leads to, as resolve_open() finds it, from a descriptor of ours or, with -1, of the task; with "" the
 * task's itself. resolve: as openat2(2) takes it; changes: will something be changed there? Or -errno, or WALK_FOREIGN. It may not be a directory.
 */
int resolve_directory(const struct task *t, int start, int t_dirfd, const char *path, uint64_t resolve, bool changes) MUST_CHECK;

/* An O_PATH descriptor of what an open(2) finds, once its owner is known. */
int resolve_existing(const struct task *t, const struct request *req) MUST_CHECK;

/* May the caller search every directory that we may search, whatever its mode is? */
bool resolve_searches_all(const struct task *t);

#endif
