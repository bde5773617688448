/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/filecap.h"

#include <linux/capability.h>

static uint32_t word(const unsigned char *bytes, size_t nth)
{
	bytes += 4 * nth;
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The uid of the root of the user namespace in which they count, 0 for the file's own. -1: the value is malformed. */
static int64_t root_of(const unsigned char *bytes, size_t n)
{
	uint32_t revision = n >= XATTR_CAPS_SZ_2 ? word(bytes, 0) & VFS_CAP_REVISION_MASK : 0;

	if (revision == VFS_CAP_REVISION_2 && n == XATTR_CAPS_SZ_2)
		return 0;
	if (revision == VFS_CAP_REVISION_3 && n == XATTR_CAPS_SZ_3)
		return word(bytes, 5);
	return -1;
}

bool filecap_is_value(const unsigned char *bytes, size_t n)
{
	return root_of(bytes, n) >= 0;
}

void filecap_decode(const unsigned char *bytes, size_t n, struct cred_file *file)
{
	if (root_of(bytes, n) != 0)
		return;
	file->has_capabilities = true;
	file->effective = word(bytes, 0) & VFS_CAP_FLAGS_EFFECTIVE;
	file->permitted = word(bytes, 1) | (uint64_t)word(bytes, 3) << 32;
	file->inheritable = word(bytes, 2) | (uint64_t)word(bytes, 4) << 32;
}
