/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/acl.h"

#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>

#define HEADER sizeof(uint32_t)
#define ENTRY sizeof(struct acl_entry)
#define PERMS (ACL_READ | ACL_WRITE | ACL_EXECUTE)

_Static_assert(ENTRY == sizeof(struct posix_acl_xattr_entry), "struct acl_entry is that of the xattr");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "xattrs of ACLs are little-endian");

int acl_decode(const unsigned char *bytes, size_t n, struct acl *acl)
{
	uint32_t version;

	acl->n = 0;
	if (n == 0)
		return 0;
	if (n < HEADER)
		return -EINVAL;
	memcpy(&version, bytes, HEADER);
	if (version != POSIX_ACL_XATTR_VERSION)
		return -EOPNOTSUPP;
	if ((n - HEADER) % ENTRY != 0)
		return -EINVAL;
	if ((n - HEADER) / ENTRY > LIMIT_ACL_ENTRIES)
		return -ENOSPC;
	memcpy(acl->entries, bytes + HEADER, n - HEADER);
	for (size_t i = 0; i < (n - HEADER) / ENTRY; i++) {
		struct acl_entry *e = &acl->entries[i];
		bool named = e->tag == ACL_USER || e->tag == ACL_GROUP;

		if (named ? e->id == (uint32_t)ACL_UNDEFINED_ID :
		    e->tag != ACL_USER_OBJ && e->tag != ACL_GROUP_OBJ && e->tag != ACL_MASK && e->tag != ACL_OTHER)
			return -EINVAL;
		if (!named)
			e->id = (uint32_t)ACL_UNDEFINED_ID;
	}
	acl->n = (n - HEADER) / ENTRY;
	return 0;
}

size_t acl_encode(const struct acl *acl, unsigned char bytes[static ACL_ENCODED_MAX])
{
	const uint32_t version = POSIX_ACL_XATTR_VERSION;

	memcpy(bytes, &version, HEADER);
	memcpy(bytes + HEADER, acl->entries, acl->n * ENTRY);
	return HEADER + acl->n * ENTRY;
}

/* Which tags may come after this one, where named tells whether a user or a group was; ACL_OTHER is the last. */
static unsigned int successors(unsigned int tag, bool named)
{
	switch (tag) {
	case ACL_USER_OBJ:
	case ACL_USER:
		return ACL_USER | ACL_GROUP_OBJ;
	case ACL_GROUP_OBJ:
	case ACL_GROUP:
		return ACL_GROUP | ACL_MASK | (named ? 0 : ACL_OTHER);
	case ACL_MASK:
		return ACL_OTHER;
	default:
		return 0;
	}
}

bool acl_is_valid(const struct acl *acl)
{
	unsigned int next = ACL_USER_OBJ;
	bool named = false;

	for (size_t i = 0; i < acl->n; i++) {
		const struct acl_entry *e = &acl->entries[i];

		if (!(e->tag & next) || e->perm & ~PERMS)
			return false;
		named |= e->tag == ACL_USER || e->tag == ACL_GROUP;
		next = successors(e->tag, named);
	}
	return next == 0;
}

bool acl_is_mode(const struct acl *acl)
{
	return acl->n == 3;
}

/* Where the bits of a mode's class are, which is given by how far they are shifted. */
static size_t index_of(const struct acl *acl, unsigned int shift)
{
	size_t found = 0;

	for (size_t i = 0; i < acl->n; i++) {
		unsigned int tag = acl->entries[i].tag;

		if (shift == 6 ? tag == ACL_USER_OBJ : shift == 3 ? tag == ACL_GROUP_OBJ || tag == ACL_MASK : tag == ACL_OTHER)
			found = i;
	}
	return found;
}

uint32_t acl_mode(const struct acl *acl, uint32_t mode)
{
	mode &= ~(uint32_t)0777;
	for (unsigned int shift = 0; shift <= 6; shift += 3)
		mode |= (uint32_t)acl->entries[index_of(acl, shift)].perm << shift;
	return mode;
}

void acl_follow(struct acl *acl, uint32_t mode)
{
	for (unsigned int shift = 0; shift <= 6; shift += 3)
		acl->entries[index_of(acl, shift)].perm = (uint16_t)(mode >> shift & PERMS);
}

uint32_t acl_inherit(const struct acl *acl, uint32_t mode)
{
	return mode & acl_mode(acl, ~(uint32_t)0);
}
