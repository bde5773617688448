/* SPDX-License-Identifier: Apache-2.0 */
/* From a request's path to the object that the caller means. */
#ifndef KERNEL_RESOLVE_H
#define KERNEL_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct request;
struct task;
struct verdict;

/*
 * False: the object has no recorded owner and nothing else of ours, or, if the call names an xattr, that one is not kept; or the lookup fails, and v says that
 * the kernel shall answer. True: look closer, with resolve_open(). For calls that change nothing.
 * from: NULL, or -1, which becomes a duplicate of the task's descriptor from which the path starts, if one was needed.
 */
bool resolve_probe(const struct task *t, const struct request *req, int *from, struct verdict *v) MUST_CHECK;

/*
 * An O_PATH descriptor of the object, found in the caller's own root, working directory and /proc, with the caller's
 * capabilities, while the call was pending. -1: v says what to answer.
 */
int resolve_open(const struct task *t, const struct request *req, struct verdict *v) MUST_CHECK;

/*
 * What inode_probe() says of a path from a descriptor of the task or its working directory; 1 where it cannot be told. For calls that
 * change nothing, of tasks whose "self" in a procfs is ours.
 */
int resolve_look(const struct task *t, int t_dirfd, const char *path, bool follow) MUST_CHECK;

/* Is the object of this descriptor of the task one whose owner nothing is recorded of, and is it root's for the kernel? False: no, or it cannot be told. */
bool resolve_is_plain(const struct task *t, int t_fd) MUST_CHECK;

/* Is it a symlink, or can that not be told? As above. */
bool resolve_may_be_symlink(const struct task *t, int t_dirfd, const char *path) MUST_CHECK;

/*
 * An O_PATH descriptor of what the path leads to, as resolve_open() finds it, from a descriptor of ours or, with -1, of the task; with "" the
 * task's itself. resolve: as openat2(2) takes it. Or -errno, or WALK_FOREIGN. It may not be a directory.
 */
int resolve_directory(const struct task *t, int start, int t_dirfd, const char *path, uint64_t resolve) MUST_CHECK;

/* The same of a directory in which nothing will be changed: where roots do not differ, by a way through the worker's. */
int resolve_parent(const struct task *t, int start, int t_dirfd, const char *path) MUST_CHECK;

/* The same of what an open(2) finds, once its owner is known. */
int resolve_existing(const struct task *t, const struct request *req) MUST_CHECK;

/* No directory's mode keeps the caller from a lookup that we can make. */
bool resolve_searches_all(const struct task *t);

#endif
