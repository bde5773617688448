/* SPDX-License-Identifier: Apache-2.0 */
#include "object/identity.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/hash.h"

/* which linux/magic.h lacks */
#define MQUEUE_TYPE 0x19800202U
#define PIDFS_TYPE 0x50494446U

#define HAS(list, type) has(list, ARRAY_SIZE(list), type)

/* Give a number to one object at a time, and again later. On overlayfs, say, two containers may have copied up the same one. */
static const uint32_t sole_numbers[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, F2FS_SUPER_MAGIC };

/* What they show does not outlast the tasks that have made it, or the machine's next start. */
static const uint32_t of_tasks[] = {
	DEVPTS_SUPER_MAGIC, PIPEFS_MAGIC, SOCKFS_MAGIC, MQUEUE_TYPE, ANON_INODE_FS_MAGIC, PROC_SUPER_MAGIC,
	NSFS_MAGIC, PIDFS_TYPE, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
};

static uint64_t container_number;

void identity_init(uint64_t container)
{
	container_number = container;
}

static bool has(const uint32_t *list, size_t n, uint32_t type)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == type)
			return true;
	return false;
}

uint64_t identity_birth(const struct statx *stx)
{
	return stx->stx_mask & STATX_BTIME ? (uint64_t)stx->stx_btime.tv_sec * 1000000000U + stx->stx_btime.tv_nsec : 0;
}

/* Of name_to_handle_at(2). Those of FUSE may end with its server, and it has been seen to give one out again. False: there is none that lasts. */
static bool hash_handle(int fd, uint32_t type, uint64_t *hash)
{
	uint64_t words[(sizeof(struct file_handle) + MAX_HANDLE_SZ) / sizeof(uint64_t)] = { 0 };
	struct file_handle *handle = (struct file_handle *)words;
	int mount;

	handle->handle_bytes = MAX_HANDLE_SZ;
	if (type == 0 || type == FUSE_SUPER_MAGIC || HAS(of_tasks, type) || name_to_handle_at(fd, "", handle, &mount, AT_EMPTY_PATH) < 0)
		return false;
	*hash = hash_add(0, type);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		*hash = hash_add(*hash, words[i]);
	return true;
}

/* By what its file system calls itself, which outlasts the mount; else by the device. NFS has times of birth in newer kernels only. */
struct record identity_of(int fd, const struct statx *stx)
{
	uint64_t dev = (uint64_t)stx->stx_dev_major << 32 | stx->stx_dev_minor, id = 0;
	struct record record = { .key = { .fs = dev, .ino = stx->stx_ino, .born = identity_birth(stx) } };
	struct statfs fs;
	uint32_t type;

	/* a FUSE server may fail, for symlinks alone, say */
	if (fstatfs(fd, &fs) < 0)
		memset(&fs, 0, sizeof(fs));
	type = (uint32_t)fs.f_type;
	/* nothing tells when a pipe is gone */
	if (type != PIPEFS_MAGIC && type != SOCKFS_MAGIC)
		record.flags = RECORD_WATCHED;
	if (type == TMPFS_MAGIC || type == RAMFS_MAGIC)
		record.flags |= RECORD_UNTIL_BOOT;
	if (HAS(sole_numbers, type))
		record.flags |= RECORD_SOLE;
	memcpy(&id, &fs.f_fsid, sizeof(id));
	if ((record.key.born == 0 || type == NFS_SUPER_MAGIC) && hash_handle(fd, type, &record.key.fs)) {
		record.key.born = 0;
		record.flags |= RECORD_HANDLE;
	} else if (record.key.born == 0) {
		record.key.fs = hash_add(hash_add(container_number, dev), type);
	} else if (id) {
		record.key.fs = id;
	}
	return record;
}

uint32_t identity_passes_before_its_object(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 || HAS(of_tasks, (uint32_t)fs.f_type) ? 0 : (uint32_t)fs.f_type;
}
