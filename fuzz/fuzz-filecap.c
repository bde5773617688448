/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a value of security.capability. The reference reads the kernel's own structures, as they are on a little endian machine. */
#include "fuzz.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "rule/filecap.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && sizeof(struct vfs_ns_cap_data) == FILECAP_MAX, "the structures can be read in place");

static bool is_value(const uint8_t *data, size_t size)
{
	return (size == 20 && data[3] == 2) || (size == 24 && data[3] == 3);
}

static void reference(const uint8_t *data, size_t size, struct cred_file *file)
{
	struct vfs_ns_cap_data value = { 0 };

	if (size != sizeof(struct vfs_cap_data) && size != sizeof(value))
		return;
	memcpy(&value, data, size);
	if (value.rootid != 0)
		return;
	switch (value.magic_etc >> 24) {
	case 2:
		if (size != 20)
			return;
		break;
	case 3:
		if (size != 24)
			return;
		break;
	default:
		return;
	}
	file->has_capabilities = true;
	file->effective = value.magic_etc % 2;
	file->permitted = value.data[1].permitted * 0x100000000ULL + value.data[0].permitted;
	file->inheritable = value.data[1].inheritable * 0x100000000ULL + value.data[0].inheritable;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cred_file file, expected;
	/* of its very size, so that a sanitizer sees the first byte behind it */
	uint8_t *copy = malloc(size ? size : 1);

	CHECK(copy);
	memcpy(copy, data, size);
	memset(&file, 0, sizeof(file));
	file.set_uid = true;
	file.uid = 42;
	expected = file;
	filecap_decode(copy, size, &file);
	reference(data, size, &expected);
	CHECK(file.has_capabilities == expected.has_capabilities && file.effective == expected.effective &&
	      file.permitted == expected.permitted && file.inheritable == expected.inheritable);
	CHECK(file.set_uid && !file.set_gid && file.uid == 42 && file.gid == 0 && !file.no_new_privs && !file.observed);
	CHECK(filecap_is_value(copy, size) == is_value(copy, size));
	free(copy);
	return 0;
}
