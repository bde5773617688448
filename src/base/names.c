/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"

#include <string.h>

#include "base/groups.h"

static bool begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

enum names_kind names_kind(const char *name)
{
	if (strcmp(name, OWNER_XATTR) == 0 || strcmp(name, DEVICE_XATTR) == 0 || begins_with(name, HIDDEN_PREFIX))
		return NAMES_OURS;
	if (begins_with(name, "trusted."))
		return NAMES_TRUSTED;
	if (strcmp(name, "security.capability") == 0)
		return NAMES_CAPABILITY;
	if (begins_with(name, "security."))
		return NAMES_SECURITY;
	if (HAS_ACL && strcmp(name, ACCESS_ACL_XATTR) == 0)
		return NAMES_ACCESS_ACL;
	return HAS_ACL && strcmp(name, DEFAULT_ACL_XATTR) == 0 ? NAMES_DEFAULT_ACL : NAMES_OTHER;
}

bool names_is_ours(const char *name)
{
	return names_kind(name) == NAMES_OURS;
}
