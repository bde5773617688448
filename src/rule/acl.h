/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POSIX ACLs as acl(5) has them, in the form of their xattrs: linux/posix_acl_xattr.h. Of a file's ACL, the entries
 * that correspond to its mode are taken from the mode whenever a stored ACL is read.
 */
#ifndef RULE_ACL_H
#define RULE_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/util.h"

struct acl {
	size_t n; /* 0: none */
	struct acl_entry {
		uint16_t tag, perm; /* ACL_* of linux/posix_acl.h */
		uint32_t id;        /* of ACL_USER and ACL_GROUP */
	} entries[LIMIT_ACL_ENTRIES];
};

/* Bytes of the longest form. */
#define ACL_ENCODED_MAX (4 + 8 * LIMIT_ACL_ENTRIES)

/* 0; -EINVAL, -EOPNOTSUPP as setxattr(2) says of the value; -ENOSPC: too many entries. An ACL that has been decoded need not be valid. */
int acl_decode(const unsigned char *bytes, size_t n, struct acl *acl) MUST_CHECK;

/* The length. */
size_t acl_encode(const struct acl *acl, unsigned char bytes[static ACL_ENCODED_MAX]);

/* acl_valid(3): the rest is asked of valid ones only. */
bool acl_is_valid(const struct acl *acl);

/* Does it say no more than a mode can? */
bool acl_is_mode(const struct acl *acl);

/* The mode with the nine permission bits that a file with this ACL has. */
uint32_t acl_mode(const struct acl *acl, uint32_t mode);

/* What becomes of it when chmod(2) sets this mode. */
void acl_follow(struct acl *acl, uint32_t mode);

/* What the default ACL of its directory makes of a new file's mode, which its access ACL, otherwise the same, then follows. */
uint32_t acl_inherit(const struct acl *acl, uint32_t mode);

#endif
