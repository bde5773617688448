/* SPDX-License-Identifier: Apache-2.0 */
/* xattrs of the objects of fake-files.c. */
#include "fake-kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/util.h"
#include "fuzz.h"
#include "object/owner_store.h"

#define PREFIX "user.subuidless."

ssize_t __wrap_getxattr(const char *path, const char *name, void *value, size_t size);
ssize_t __wrap_lgetxattr(const char *path, const char *name, void *value, size_t size);
ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size);
int __wrap_setxattr(const char *path, const char *name, const void *value, size_t size, int flags);
int __wrap_removexattr(const char *path, const char *name);
ssize_t __wrap_listxattr(const char *path, char *names, size_t size);

/* The one of that name, as the container knows it, or with "" a free one; or NULL. */
static struct kept *kept_of(int object, const char *name)
{
	for (int i = 0; i < KEPT; i++)
		if (strcmp(disk.kept[object][i].name, name) == 0)
			return &disk.kept[object][i];
	return NULL;
}

static ssize_t give(const void *bytes, size_t n, void *value, size_t size)
{
	if (size > 0 && size < n)
		return fake_fail(-ERANGE);
	if (size > 0)
		memcpy(value, bytes, n);
	return (ssize_t)n;
}

/* Those of which the kernel itself knows. */
static ssize_t get_native(int object, const char *name, void *value, size_t size)
{
	static const uint8_t acl[28] = { 2 };

	if (fake_objects[object].no_get == EOPNOTSUPP)
		return fake_fail(-EOPNOTSUPP);
	if (strcmp(name, "security.x") == 0)
		return give("abc", 3, value, size);
	if (strcmp(name, "system.posix_acl_access") == 0 && disk.native_acl[object])
		return give(acl, sizeof(acl), value, size);
	return fake_fail(-ENODATA);
}

ssize_t fake_getxattr(int object, const char *name, void *value, size_t size)
{
	bool device = strcmp(name, "user.containers.override_stat") == 0;
	const struct value *v = device ? &disk.devices[object < 0 ? 0 : object] : &disk.xattrs[object < 0 ? 0 : object];
	int r = FAKE_FAILS(getxattr, -EINTR, -EIO, -ENOMEM);
	const struct kept *kept;

	if (r < 0 || object < 0)
		return fake_fail(r < 0 ? r : object);
	if (strncmp(name, "user.", 5) != 0)
		return get_native(object, name, value, size);
	if (fake_objects[object].no_get)
		return fake_fail(-fake_objects[object].no_get);
	if (strncmp(name, PREFIX, strlen(PREFIX)) == 0) {
		kept = kept_of(object, name + strlen(PREFIX));
		return kept ? give(kept->bytes, kept->size, value, size) : fake_fail(-ENODATA);
	}
	CHECK(device || strcmp(name, "user.rootlesscontainers") == 0);
	return v->size > 0 ? give(v->bytes, v->size, value, size) : fake_fail(-ENODATA);
}

/* Not of a descriptor that was opened with O_PATH, as those of symlinks are. */
ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size)
{
	CHECK(fake.borrowed);
	if (fake.path_fds || S_ISLNK(fake_objects[fake_object_of(fd)].mode))
		return fake_fail(-EBADF);
	return fake_getxattr(fake_object_of(fd), name, value, size);
}

ssize_t __wrap_getxattr(const char *path, const char *name, void *value, size_t size)
{
	if (strcmp(name, "security.capability") == 0)
		return fake_fail(-ENODATA);
	return fake_getxattr(fake_lookup(path, true), name, value, size);
}

ssize_t __wrap_lgetxattr(const char *path, const char *name, void *value, size_t size)
{
	return fake_getxattr(fake_lookup(path, false), name, value, size);
}

/* 0, if it may be changed. */
static int change(const char *path, int object)
{
	fake_act();
	fake_check_change(atoi(path + strlen("self/fd/")));
	CHECK(object >= 0 && fake.locked == object + 100 && !fake.assumed);
	return fake_objects[object].no_set ? -fake_objects[object].no_set : FAKE_FAILS(setxattr, -EINTR, -EIO, -ENOSPC, -EROFS, -EDQUOT);
}

static int set_kept(int object, const char *name, const void *value, size_t size, int flags)
{
	struct kept *kept = kept_of(object, name);

	CHECK(name[0] && strlen(name) + strlen(PREFIX) <= 255);
	/* one look tells that there is none */
	CHECK(disk.xattrs[object].size > 0);
	if (kept && flags & XATTR_CREATE)
		return -EEXIST;
	if (!kept && flags & XATTR_REPLACE)
		return -ENODATA;
	if (!kept)
		kept = kept_of(object, "");
	if (!kept || strlen(name) >= KEPT_NAME || size > KEPT_SIZE)
		return -ENOSPC;
	strcpy(kept->name, name);
	kept->size = size;
	memset(kept->bytes, 0, sizeof(kept->bytes));
	memcpy(kept->bytes, value, size);
	return 0;
}

int __wrap_setxattr(const char *path, const char *name, const void *value, size_t size, int flags)
{
	bool device = strcmp(name, "user.containers.override_stat") == 0;
	int object = fake_lookup(path, true), r = change(path, object);
	struct value *v = device ? &disk.devices[object] : &disk.xattrs[object];

	if (r < 0)
		return fake_fail(r);
	if (strncmp(name, PREFIX, strlen(PREFIX)) == 0) {
		r = set_kept(object, name + strlen(PREFIX), value, size, flags);
		return r < 0 ? fake_fail(r) : 0;
	}
	CHECK(device ? object == PLACEHOLDER : strcmp(name, "user.rootlesscontainers") == 0);
	CHECK(size > 0 && size <= (device ? 45 : 12) && (flags == 0 || (!device && flags == XATTR_CREATE)));
	if (flags && v->size > 0)
		return fake_fail(-EEXIST);
	v->size = size;
	memcpy(v->bytes, value, size);
	return 0;
}

int __wrap_removexattr(const char *path, const char *name)
{
	int object = fake_lookup(path, true), r = change(path, object);
	struct kept *kept;

	if (r < 0)
		return fake_fail(r);
	if (strcmp(name, "system.posix_acl_access") == 0) {
		CHECK(disk.native_acl[object]);
		disk.native_acl[object] = false;
		return 0;
	}
	if (strncmp(name, PREFIX, strlen(PREFIX)) == 0) {
		kept = kept_of(object, name + strlen(PREFIX));
		if (kept)
			memset(kept, 0, sizeof(*kept));
		return kept ? 0 : fake_fail(-ENODATA);
	}
	CHECK(strcmp(name, "user.rootlesscontainers") == 0);
	/* while there are others of ours, it says so */
	for (int i = 0; i < KEPT; i++)
		CHECK(!disk.kept[object][i].name[0]);
	if (disk.xattrs[object].size == 0)
		return fake_fail(-ENODATA);
	disk.xattrs[object].size = 0;
	return 0;
}

static size_t add(uint8_t names[static FAKE_LIST], size_t at, const char *prefix, const char *name)
{
	size_t n = (size_t)snprintf((char *)names + at, FAKE_LIST - at, "%s%s", prefix, name) + 1;

	CHECK(at + n <= FAKE_LIST);
	return at + n;
}

size_t fake_list(int object, uint8_t names[static FAKE_LIST])
{
	size_t n = add(names, 0, "user.a", "");

	if (disk.xattrs[object].size > 0)
		n = add(names, n, "user.rootlesscontainers", "");
	if (disk.xattrs[object].size > 0 && disk.devices[object].size > 0)
		n = add(names, n, "user.containers.override_stat", "");
	n = add(names, n, "security.x", "");
	for (int i = 0; i < KEPT; i++)
		if (disk.kept[object][i].name[0])
			n = add(names, n, PREFIX, disk.kept[object][i].name);
	return n;
}

ssize_t __wrap_listxattr(const char *path, char *names, size_t size)
{
	int r = FAKE_FAILS(listxattr, -EINTR, -EIO, -ERANGE, -EOPNOTSUPP);

	CHECK(size >= FAKE_LIST);
	return r ? fake_fail(r) : (ssize_t)fake_list(fake_lookup(path, true), (uint8_t *)names);
}

/* Objects that can keep no xattr have none here. */
bool owner_store_has_xattrs(void)
{
	return false;
}

int owner_store_open_xattrs(int fd, const struct record *record)
{
	(void)fd;
	CHECK(record->key.ino != 0);
	return -EPERM;
}
