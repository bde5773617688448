/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xattrs that the kernel refuses here, though not to a root of its own: they are stored under their name behind HIDDEN_PREFIX, with the object. By an O_PATH
 * descriptor of it.
 */
#ifndef OBJECT_HIDDEN_XATTR_H
#define OBJECT_HIDDEN_XATTR_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/util.h"

struct acl;

/* The name under which it is stored. False: that would be too long. */
bool hidden_xattr_name(const char *name, char hidden[static XATTR_NAME_MAX + 1]) MUST_CHECK;

/* The length of the value, -ENODATA or another -errno. */
ssize_t hidden_xattr_get(int fd, const char *name, void *value, size_t size) MUST_CHECK;

/* flags: as setxattr(2) takes them. 0 or -errno; object_is_unfit(): the object can keep none. */
int hidden_xattr_set(int fd, const char *name, const void *value, size_t size, int flags) MUST_CHECK;
int hidden_xattr_remove(int fd, const char *name) MUST_CHECK;

/* A stored ACL, of the names of base/names.h. None where there is none that is valid. */
void hidden_xattr_acl_get(int fd, const char *name, struct acl *acl);

/* Stores it, or with no entries removes the stored one. 0 or -errno. */
int hidden_xattr_acl_set(int fd, const char *name, const struct acl *acl) MUST_CHECK;

/* An xattr that the kernel itself has for the object: its length or -errno. */
ssize_t hidden_xattr_look_native(int fd, const char *name) MUST_CHECK;
int hidden_xattr_remove_native(int fd, const char *name) MUST_CHECK;

/*
 * The names of the object's xattrs as the container sees them, NUL-terminated each: the length, or -ENODATA where the kernel's own list is the same.
 * trusted: with those that only CAP_SYS_ADMIN shows.
 */
ssize_t hidden_xattr_list(int fd, char *names, size_t size, bool trusted) MUST_CHECK;

#endif
