/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX ACLs, whose xattrs xattr.c hands on. They may name ids that the kernel does not know here, so we store them all. */
#ifndef HANDLE_ACL_H
#define HANDLE_ACL_H

#include <stdbool.h>
#include <sys/types.h>

struct cred;
struct request;
struct statx;
struct task;
struct verdict;

/* What it reads, in v->bytes: the length, or -ENODATA where none is stored. */
ssize_t acl_read(int fd, const char *name, struct verdict *v);

/* Sets the ACL in req, or removes it, of an object that nobody changes meanwhile. */
void acl_change(const struct task *t, int fd, const struct statx *stx, const struct cred *actor, const struct request *req, struct verdict *v);

#endif
