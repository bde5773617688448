/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object of the container's file systems, by an O_PATH descriptor of it, and the owner recorded for it.
 * Other xattrs are in hidden_xattr.h.
 */
#ifndef OBJECT_OBJECT_H
#define OBJECT_OBJECT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/util.h"
#include "rule/cred.h"
#include "rule/device.h"
#include "rule/owner.h"

struct task;

#define OBJECT_NAME_SIZE 32

/* xattr calls refuse an O_PATH descriptor, but not this name of it; relative to the host's /proc. */
const char *object_name(int fd, char name[static OBJECT_NAME_SIZE]);

/* -errno of an xattr of ours that such an object cannot have: not its type, its file system, or its owner, who is not mapped here. */
bool object_is_unfit(int r);

/* What chown and the store need to know of an object. 0 or -errno. */
int object_stat(int fd, struct statx *stx) MUST_CHECK;

/* statx(2) of the object itself; at_flags: how to synchronise. 0 or -errno. */
int object_statx(int fd, uint32_t at_flags, uint32_t mask, struct statx *stx) MUST_CHECK;

/* In a worker that has entered its container, before all else here. */
void object_init(void);

/* The owner that the kernel shows of what is the container's: its only mapped ids. */
struct owner object_self(void);

/* The owner as the kernel shows it. */
struct owner object_host_owner(const struct statx *stx);

/* The recorded owner; without one 0 and owner_is_none(). */
int object_record_get(int fd, const struct statx *stx, struct owner *record) MUST_CHECK;

/* Records an owner, or with owner_is_none() forgets it. */
int object_record_set(int fd, const struct statx *stx, struct owner owner) MUST_CHECK;

/*
 * Gives the object OWNER_XATTR, with no owner where it has none, so that others of ours can be seen; and takes that away again, where there are none.
 * 0 or -errno.
 */
int object_mark(int fd) MUST_CHECK;
void object_unmark(int fd);

/*
 * The device that the object stands for, where it is a placeholder; without one 0 and device_is_none(). Only an empty regular file with a
 * record of its owner is looked at, so that others cost nothing.
 */
int object_device_get(int fd, const struct statx *stx, struct device *device) MUST_CHECK;

/*
 * Makes an empty regular file a placeholder with this owner, or one with another owner. When it fails, what it was counts still; -EPERM: its
 * file system has no xattrs of users. stx: as it is now, for other tools read its mode in the record.
 */
int object_device_set(int fd, const struct statx *stx, const struct device *device, struct owner record) MUST_CHECK;

/* Does this kernel take names in a directory for xattrs, as from Linux 6.13 on? */
bool object_has_xattr_at(void);

/* Has what this path of ours leads to such an xattr? As getxattr(2), or lgetxattr(2), without a buffer. */
ssize_t object_has_xattr(const char *path, bool follow, const char *xattr) MUST_CHECK;

/* An xattr of an object of this name in a directory, or with "" of the descriptor itself: as getxattr(2). */
ssize_t object_xattr_at(int start, const char *path, int at_flags, const char *xattr, void *value, size_t size) MUST_CHECK;

/*
 * What chown(2) does beside setting ids, by a real chown to the real owner: clears set-id bits and file capabilities,
 * advances ctime, or fails. With the task's capabilities.
 */
int object_chown(const struct task *t, int fd, const struct statx *stx, struct owner want) MUST_CHECK;

/* chmod(2) itself, with the task's capabilities. 0 or -errno. */
int object_chmod(const struct task *t, int fd, uint32_t mode) MUST_CHECK;

/* On a file system, or a mount, that is read-only. */
bool object_is_readonly(int fd);

/* The errno of reading or removing our xattr in the container, where no object has one; xattr(7). */
int object_deny(int fd, bool read) MUST_CHECK;

/* How execve(2) sees the object; file: all zero before. False: it cannot be executed, as far as its type, modes and mount tell. */
bool object_program(int fd, struct cred_file *file) MUST_CHECK;

/* On procfs, whose objects take their owner from a task at each look. */
bool object_is_procfs(int fd);

/* Cheap, and no for nearly everything that is not. */
bool object_may_be_in_procfs(const struct statx *stx);

#endif
