/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a mode, then an ACL as setxattr(2) gets it. The reference counts entries where the code follows their order, as acl(5) lists them and acl_valid(3)
 * wants them.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "reference-acl.h"
#include "rule/acl.h"

#define HEADER 4

static void check_modes(const struct acl *acl, const struct acl_counts *c, uint32_t mode, const uint8_t *value, size_t size)
{
	uint32_t group = c->masks ? c->perm[16] : c->perm[4], bits = c->perm[1] * 64 + group * 8 + c->perm[32];
	struct acl after = *acl;

	CHECK(acl_is_mode(acl) == (c->users + c->groups + c->masks == 0));
	CHECK(acl_mode(acl, mode) == (mode / 512 * 512 | bits));
	CHECK(acl_inherit(acl, mode) == (mode & (bits | ~511U)));
	acl_follow(&after, mode);
	for (size_t i = 0; 4 + 8 * i < size; i++) {
		uint32_t tag = reference_acl_word(value + 4 + 8 * i) & 0xffff, perm = reference_acl_word(value + 4 + 8 * i) >> 16;
		uint32_t want = tag == 1 ? mode / 64 % 8 : tag == 32 ? mode % 8 : tag == (c->masks ? 16 : 4) ? mode / 8 % 8 : perm;

		CHECK(after.entries[i].perm == want && after.entries[i].tag == tag && after.entries[i].id == acl->entries[i].id);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct acl acl;
	static uint8_t bytes[ACL_ENCODED_MAX + 1];
	struct acl_counts c;
	uint8_t *value;
	uint32_t mode;
	int r;

	if (size < HEADER)
		return 0;
	mode = reference_acl_word(data);
	size -= HEADER;
	/* of its very size, so that a sanitizer sees the first byte behind it */
	value = malloc(size ? size : 1);
	CHECK(value);
	memcpy(value, data + HEADER, size);
	memset(&acl, 0x5a, sizeof(acl));
	r = acl_decode(value, size, &acl);
	CHECK(r == reference_acl(value, size));
	CHECK(acl.n == (r == 0 && size > 4 ? (size - 4) / 8 : 0));
	if (r == 0 && acl.n > 0) {
		c = reference_acl_count(value, size);
		CHECK(acl_is_valid(&acl) == c.fits);
		bytes[size] = 0xa5;
		CHECK(acl_encode(&acl, bytes) == size && bytes[size] == 0xa5);
		/* ids that mean nothing are none */
		for (size_t i = 4; i < size; i += 8)
			if (value[i] != 2 && value[i] != 8)
				memset(value + i + 4, 0xff, 4);
		CHECK(memcmp(bytes, value, size) == 0);
		if (c.fits)
			check_modes(&acl, &c, mode, value, size);
	}
	free(value);
	return 0;
}
