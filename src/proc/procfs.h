/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of a procfs, whichever process or container has mounted it, by descriptors: no number of a process is needed. */
#ifndef PROC_PROCFS_H
#define PROC_PROCFS_H

#include <stdint.h>

#include "base/util.h"

struct statx;

/* The number of the root directory of every procfs: PROC_ROOT_INO in the kernel. */
#define PROCFS_ROOT_INO 1

/* An entry of a procfs itself, on which a container may have mounted something else. A descriptor or -errno. */
int procfs_open(int dir, const char *path, uint64_t flags) MUST_CHECK;

/*
 * dir: of the directory of a process, /proc/N, or one below it; it is closed here, and -1 is an error. A descriptor of /proc/N, and in *root one
 * of the root of that procfs; or -ENOENT. Never across a mount: a container can mount the directory of one process below that of another.
 */
int procfs_above(int dir, int *root) MUST_CHECK;

/* fd: an object of a procfs which is no directory. An O_PATH descriptor of the directory that holds it; -ENOENT. */
int procfs_parent(int fd, const struct statx *stx) MUST_CHECK;

/*
 * fd: an object of a procfs. An O_PATH descriptor of the process's directory to which it belongs, or which it is; -ENOENT when there is
 * none. What is in "net" belongs to the network namespace.
 */
int procfs_process(int fd, const struct statx *stx) MUST_CHECK;

/* The soft limits of RLIMIT_LOCKS and RLIMIT_RSS of the process with this directory, 0 for unlimited. 0 or -errno. */
int procfs_limits(int process, uint64_t soft[static 2]) MUST_CHECK;

#endif
