/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layouts are part of the kernel's ABI: arch/x86/include/uapi/asm/stat.h, arch/x86/include/asm/compat.h,
 * include/uapi/asm-generic/stat.h; which values overflow: cp_new_stat() and its kin in fs/stat.c.
 */
#include "reply/statabi.h"

#include <errno.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"

#define MAX_NON_LFS 0x7fffffffU

struct stat_x86_64 {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, pad0;
	uint64_t rdev;
	int64_t size, blksize, blocks;
	uint64_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	int64_t unused[3];
};

struct stat_aarch64 {
	uint64_t dev, ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev, pad1;
	int64_t size;
	int32_t blksize, pad2;
	int64_t blocks;
	uint64_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint32_t unused[2];
};

struct stat_i386 {
	uint32_t dev, ino;
	uint16_t mode, nlink, uid, gid;
	uint32_t rdev, size, blksize, blocks;
	uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint32_t unused[2];
};

struct stat64_i386 {
	uint64_t dev;
	uint32_t pad0, low_ino, mode, nlink, uid, gid;
	uint64_t rdev;
	uint32_t pad3;
	int64_t size;
	uint32_t blksize;
	int64_t blocks;
	uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint64_t ino;
} __attribute__((packed, aligned(4)));

struct oldstat_i386 {
	uint16_t dev, ino, mode, nlink, uid, gid, rdev, pad;
	uint32_t size, atime, mtime, ctime;
};

_Static_assert(sizeof(struct stat_x86_64) == 144, "struct stat of x86-64");
_Static_assert(sizeof(struct stat_aarch64) == 128, "struct stat of aarch64");
_Static_assert(sizeof(struct stat_i386) == 64, "struct stat of i386");
_Static_assert(sizeof(struct stat64_i386) == 96, "struct stat64 of i386");
_Static_assert(sizeof(struct oldstat_i386) == 32, "struct __old_kernel_stat of i386");
_Static_assert(sizeof(struct statx) == STATABI_MAX, "struct statx");

/* new_encode_dev() of the kernel, which is its huge_encode_dev() too. */
static uint32_t device(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

/* old_encode_dev(), which does not mask the minor number either. */
static uint16_t old_device(uint32_t major, uint32_t minor)
{
	return (uint16_t)((major << 8) | minor);
}

static uint16_t narrow_id(uint32_t id)
{
	return (uint16_t)(id > UINT16_MAX ? OVERFLOW_ID : id);
}

/* The fields whose names are alike in all layouts but the oldest. */
#define COPY_COMMON(out, stx) do { \
	(out).dev = device((stx)->stx_dev_major, (stx)->stx_dev_minor); \
	(out).rdev = device((stx)->stx_rdev_major, (stx)->stx_rdev_minor); \
	(out).ino = (__typeof__((out).ino))(stx)->stx_ino; \
	(out).mode = (stx)->stx_mode; \
	(out).nlink = (__typeof__((out).nlink))(stx)->stx_nlink; \
	(out).uid = (__typeof__((out).uid))(stx)->stx_uid; \
	(out).gid = (__typeof__((out).gid))(stx)->stx_gid; \
	(out).size = (__typeof__((out).size))(stx)->stx_size; \
	(out).blksize = (__typeof__((out).blksize))(stx)->stx_blksize; \
	(out).blocks = (__typeof__((out).blocks))(stx)->stx_blocks; \
	(out).atime = (__typeof__((out).atime))(stx)->stx_atime.tv_sec; \
	(out).atime_nsec = (stx)->stx_atime.tv_nsec; \
	(out).mtime = (__typeof__((out).mtime))(stx)->stx_mtime.tv_sec; \
	(out).mtime_nsec = (stx)->stx_mtime.tv_nsec; \
	(out).ctime = (__typeof__((out).ctime))(stx)->stx_ctime.tv_sec; \
	(out).ctime_nsec = (stx)->stx_ctime.tv_nsec; \
} while (0)

static int encode_i386(const struct statx *stx, struct stat_i386 *out)
{
	COPY_COMMON(*out, stx);
	if (out->ino != stx->stx_ino || out->nlink != stx->stx_nlink || stx->stx_size > MAX_NON_LFS)
		return -EOVERFLOW;
	out->uid = narrow_id(stx->stx_uid);
	out->gid = narrow_id(stx->stx_gid);
	return sizeof(*out);
}

static int encode_i386_oldstat(const struct statx *stx, struct oldstat_i386 *out)
{
	*out = (struct oldstat_i386){
		.dev = old_device(stx->stx_dev_major, stx->stx_dev_minor),
		.ino = (uint16_t)stx->stx_ino,
		.mode = stx->stx_mode,
		.nlink = (uint16_t)stx->stx_nlink,
		.uid = narrow_id(stx->stx_uid),
		.gid = narrow_id(stx->stx_gid),
		.rdev = old_device(stx->stx_rdev_major, stx->stx_rdev_minor),
		.size = (uint32_t)stx->stx_size,
		.atime = (uint32_t)stx->stx_atime.tv_sec,
		.mtime = (uint32_t)stx->stx_mtime.tv_sec,
		.ctime = (uint32_t)stx->stx_ctime.tv_sec,
	};
	return out->ino == stx->stx_ino && out->nlink == stx->stx_nlink ? (int)sizeof(*out) : -EOVERFLOW;
}

int statabi_encode(enum abi abi, unsigned int traits, const struct statx *stx, unsigned char bytes[static STATABI_MAX])
{
	union {
		struct statx statx;
		struct stat_x86_64 x86_64;
		struct stat_aarch64 aarch64;
		struct stat_i386 i386;
		struct stat64_i386 i386_stat64;
		struct oldstat_i386 i386_oldstat;
	} out;
	int n;

	memset(&out, 0, sizeof(out));
	if (traits & STATX) {
		out.statx = *stx;
		n = sizeof(out.statx);
	} else if (abi == ABI_AARCH64) {
		COPY_COMMON(out.aarch64, stx);
		n = sizeof(out.aarch64);
	} else if (abi != ABI_I386) {
		COPY_COMMON(out.x86_64, stx);
		n = sizeof(out.x86_64);
	} else if (traits & STAT64) {
		COPY_COMMON(out.i386_stat64, stx);
		out.i386_stat64.low_ino = (uint32_t)stx->stx_ino;
		n = sizeof(out.i386_stat64);
	} else {
		n = traits & OLDSTAT ? encode_i386_oldstat(stx, &out.i386_oldstat) : encode_i386(stx, &out.i386);
	}
	if (n > 0)
		memcpy(bytes, &out, (size_t)n);
	return n;
}
