/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-acl.h"

#include <errno.h>

#include "base/limits.h"

uint32_t reference_acl_word(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int reference_acl(const uint8_t *value, size_t size)
{
	if (size == 0)
		return 0;
	if (size < 4)
		return -EINVAL;
	if (reference_acl_word(value) != 2)
		return -EOPNOTSUPP;
	if (size % 8 != 4)
		return -EINVAL;
	if (size > 4 + 8 * LIMIT_ACL_ENTRIES)
		return -ENOSPC;
	for (size_t i = 4; i < size; i += 8) {
		uint32_t tag = reference_acl_word(value + i) & 0xffff;

		if (tag != 1 && tag != 2 && tag != 4 && tag != 8 && tag != 16 && tag != 32)
			return -EINVAL;
		if ((tag == 2 || tag == 8) && reference_acl_word(value + i + 4) == 0xffffffff)
			return -EINVAL;
	}
	return 0;
}

struct acl_counts reference_acl_count(const uint8_t *value, size_t size)
{
	/* the place of each tag in the order, and which may come more than once */
	static const int places[33] = { [1] = 1, [2] = 2, [4] = 3, [8] = 4, [16] = 5, [32] = 6 };
	struct acl_counts c = { .fits = true };
	int before = 0, seen[7] = { 0 };

	for (size_t i = 4; i < size; i += 8) {
		uint32_t tag = reference_acl_word(value + i) & 0xffff, perm = reference_acl_word(value + i) >> 16;
		int place = places[tag];

		if (place < before || (place == before && place != 2 && place != 4) || perm > 7)
			c.fits = false;
		before = place;
		seen[place]++;
		c.perm[tag] = perm;
	}
	c.users = (size_t)seen[2];
	c.groups = (size_t)seen[4];
	c.masks = (size_t)seen[5];
	if (!seen[1] || !seen[3] || !seen[6] || (c.users + c.groups > 0 && !c.masks))
		c.fits = false;
	return c;
}
