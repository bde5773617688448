/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"

#include <string.h>

bool names_is_ours(const char *name)
{
	return strcmp(name, OWNER_XATTR) == 0 || strcmp(name, DEVICE_XATTR) == 0 ||
	       strncmp(name, KEPT_PREFIX, sizeof(KEPT_PREFIX) - 1) == 0;
}
