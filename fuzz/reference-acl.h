/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on the xattrs of POSIX ACLs: it counts entries. */
#ifndef FUZZ_REFERENCE_ACL_H
#define FUZZ_REFERENCE_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The entries one by one, as acl(5) lists them: who, how often, in which order. */
struct acl_counts {
	size_t users, groups, masks;
	bool fits; /* in this order, each of the others once */
	uint32_t perm[33];
};

/* Little-endian. */
uint32_t reference_acl_word(const uint8_t *p);

/* What setxattr(2) says of the value before it looks at the order of its entries: 0 or -errno. */
int reference_acl(const uint8_t *value, size_t size);

/* Of one of which it says 0. */
struct acl_counts reference_acl_count(const uint8_t *value, size_t size);

#endif
