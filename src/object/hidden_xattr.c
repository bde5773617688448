/* SPDX-License-Identifier: Apache-2.0 */
#include "object/hidden_xattr.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/groups.h"
#include "base/names.h"
#include "object/object.h"
#include "rule/acl.h"

#define PREFIX (sizeof(HIDDEN_PREFIX) - 1)

bool hidden_xattr_name(const char *name, char hidden[static XATTR_NAME_MAX + 1])
{
	size_t n = strlen(name);

	if (n > XATTR_NAME_MAX - PREFIX)
		return false;
	memcpy(hidden, HIDDEN_PREFIX, PREFIX);
	memcpy(hidden + PREFIX, name, n + 1);
	return true;
}

ssize_t hidden_xattr_get(int fd, const char *name, void *value, size_t size)
{
	char object[OBJECT_NAME_SIZE], hidden[XATTR_NAME_MAX + 1];
	ssize_t n;

	if (!hidden_xattr_name(name, hidden))
		return -ENODATA;
	n = getxattr(object_name(fd, object), hidden, value, size);
	return n < 0 ? -errno : n;
}

int hidden_xattr_set(int fd, const char *name, const void *value, size_t size, int flags)
{
	char object[OBJECT_NAME_SIZE], hidden[XATTR_NAME_MAX + 1];
	int r;

	if (!hidden_xattr_name(name, hidden))
		return -ENOSPC;
	r = object_mark(fd);
	if (r == 0 && setxattr(object_name(fd, object), hidden, value, size, flags) < 0) {
		r = -errno;
		object_unmark(fd);
	}
	return r;
}

int hidden_xattr_remove(int fd, const char *name)
{
	char object[OBJECT_NAME_SIZE], hidden[XATTR_NAME_MAX + 1];

	if (!hidden_xattr_name(name, hidden))
		return -ENODATA;
	if (removexattr(object_name(fd, object), hidden) < 0)
		return -errno;
	object_unmark(fd);
	return 0;
}

void hidden_xattr_acl_get(int fd, const char *name, struct acl *acl)
{
	unsigned char bytes[ACL_ENCODED_MAX];
	ssize_t n = HAS_ACL ? hidden_xattr_get(fd, name, bytes, sizeof(bytes)) : 0;

	if (!HAS_ACL || n <= 0 || acl_decode(bytes, (size_t)n, acl) < 0 || !acl_is_valid(acl))
		acl->n = 0;
}

int hidden_xattr_acl_set(int fd, const char *name, const struct acl *acl)
{
	unsigned char bytes[ACL_ENCODED_MAX];
	int r;

	if (HAS_ACL && acl->n > 0)
		return hidden_xattr_set(fd, name, bytes, acl_encode(acl, bytes), 0);
	r = hidden_xattr_remove(fd, name);
	return r == -ENODATA ? 0 : r;
}

ssize_t hidden_xattr_look_native(int fd, const char *name)
{
	char object[OBJECT_NAME_SIZE];
	ssize_t n = getxattr(object_name(fd, object), name, NULL, 0);

	return n < 0 ? -errno : n;
}

int hidden_xattr_remove_native(int fd, const char *name)
{
	char object[OBJECT_NAME_SIZE];

	return removexattr(object_name(fd, object), name) < 0 ? -errno : 0;
}

/* The name as the container sees it, or NULL. */
static const char *shown(const char *name, bool trusted)
{
	if (!names_is_ours(name))
		return name;
	if (strncmp(name, HIDDEN_PREFIX, PREFIX) != 0)
		return NULL;
	name += PREFIX;
	return names_kind(name) == NAMES_OTHER || (names_kind(name) == NAMES_TRUSTED && !trusted) ? NULL : name;
}

static bool has(const char *names, const char *end, const char *name)
{
	for (; names < end; names += strlen(names) + 1)
		if (strcmp(names, name) == 0)
			return true;
	return false;
}

ssize_t hidden_xattr_list(int fd, char *names, size_t size, bool trusted)
{
	char object[OBJECT_NAME_SIZE], *out = names, *entry = names;
	ssize_t n = listxattr(object_name(fd, object), names, size);

	if (n < 0)
		return -errno;
	while (entry < names + n) {
		size_t length = strnlen(entry, (size_t)(names + n - entry));
		char *next = entry + length + 1;
		const char *name;

		if (next > names + n)
			break;
		name = shown(entry, trusted);
		/* one that the kernel has as well was there before ours */
		if (name && (names_kind(name) != NAMES_SECURITY || !has(names, out, name))) {
			memmove(out, name, (size_t)(next - name));
			out += next - name;
		}
		entry = next;
	}
	return out < names + n ? out - names : -ENODATA;
}
