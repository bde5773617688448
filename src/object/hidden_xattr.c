/* SPDX-License-Identifier: Apache-2.0 */
#include "object/hidden_xattr.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/groups.h"
#include "base/limits.h"
#include "base/names.h"
#include "object/object.h"
#include "object/xattr_file.h"
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
	auto_fd file = -1;
	ssize_t n;

	if (!hidden_xattr_name(name, hidden))
		return -ENODATA;
	n = getxattr(object_name(fd, object), hidden, value, size);
	if (n >= 0 || errno == ERANGE || !xattr_file_in_use())
		return n < 0 ? -errno : n;
	file = xattr_file_open(fd, false);
	n = file < 0 ? file : getxattr(object_name(file, object), hidden, value, size);
	return n < 0 && file >= 0 ? -errno : n;
}

/* In the file of an object that can keep none. */
static int set_in_file(int fd, const char *hidden, const void *value, size_t size, int flags)
{
	auto_fd file = xattr_file_open(fd, true);
	char path[OBJECT_NAME_SIZE];
	ssize_t names;

	if (file < 0)
		return file;
	names = listxattr(object_name(file, path), NULL, 0);
	if (size > LIMIT_XATTR_FILE_VALUE || (names > LIMIT_XATTR_FILE_NAMES && getxattr(path, hidden, NULL, 0) < 0))
		return -ENOSPC;
	return setxattr(path, hidden, value, size, flags) < 0 ? -errno : 0;
}

int hidden_xattr_set(int fd, const char *name, const void *value, size_t size, int flags)
{
	char object[OBJECT_NAME_SIZE], hidden[XATTR_NAME_MAX + 1];
	int r;

	if (!hidden_xattr_name(name, hidden))
		return -ENOSPC;
	r = object_mark(fd);
	if (object_is_unfit(r))
		return set_in_file(fd, hidden, value, size, flags);
	if (r == 0 && setxattr(object_name(fd, object), hidden, value, size, flags) < 0) {
		r = -errno;
		object_unmark(fd);
	}
	return r;
}

int hidden_xattr_remove(int fd, const char *name)
{
	char object[OBJECT_NAME_SIZE], hidden[XATTR_NAME_MAX + 1];
	auto_fd file = -1;
	int r;

	if (!hidden_xattr_name(name, hidden))
		return -ENODATA;
	r = removexattr(object_name(fd, object), hidden) < 0 ? -errno : 0;
	if (object_is_unfit(r)) {
		file = xattr_file_open(fd, false);
		return file < 0 ? file : removexattr(object_name(file, object), hidden) < 0 ? -errno : 0;
	}
	if (r == 0)
		object_unmark(fd);
	return r;
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

/* Those of its file, of which there is nothing but ours to be seen: their length, 0 or more. */
static ssize_t list_file(int fd, char *names, size_t size)
{
	auto_fd file = xattr_file_in_use() ? xattr_file_open(fd, false) : -1;
	char path[OBJECT_NAME_SIZE], *out = names;
	ssize_t n = file < 0 ? 0 : listxattr(object_name(file, path), names, size);

	for (ssize_t at = 0; at < n;) {
		size_t length = strlen(names + at) + 1;

		if (strncmp(names + at, HIDDEN_PREFIX, PREFIX) == 0) {
			memmove(out, names + at, length);
			out += length;
		}
		at += (ssize_t)length;
	}
	return out - names;
}

ssize_t hidden_xattr_list(int fd, char *names, size_t size, bool trusted)
{
	char object[OBJECT_NAME_SIZE], *out = names, *entry = names;
	ssize_t n = listxattr(object_name(fd, object), names, size);

	if (n < 0 && errno == EOPNOTSUPP)
		n = 0;
	if (n < 0)
		return -errno;
	n += list_file(fd, names + n, size - (size_t)n);
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
