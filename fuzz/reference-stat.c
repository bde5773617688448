/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-stat.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"

/* Where struct statx of linux/stat.h has them. */
enum {
	BLKSIZE = 0x04, NLINK = 0x10, OWNER = 0x14, GROUP = 0x18, FILE_MODE = 0x1c, INO = 0x20, BYTES = 0x28, BLOCKS = 0x30,
	ATIME = 0x40, ATIME_NSEC = 0x48, CTIME = 0x60, CTIME_NSEC = 0x68, MTIME = 0x70, MTIME_NSEC = 0x78,
	RDEV = 0x80, DEV = 0x88 /* the major number, then the minor one */
};

/* How a value goes into a field. */
enum rule {
	CUT,      /* its low bytes */
	FITS,     /* EOVERFLOW if that changes it */
	SMALL,    /* EOVERFLOW if it is no positive 32-bit number, MAX_NON_LFS */
	SHORT_ID, /* overflowuid, overflowgid if it has more than 16 bits */
	DEVICE,   /* new_encode_dev() */
	ANCIENT,  /* old_encode_dev() */
};

struct field {
	uint8_t to, width, from, from_width;
	enum rule rule;
};

/* arch/x86/include/uapi/asm/stat.h, struct stat without __i386__; x32 has the same; cp_new_stat() of fs/stat.c */
static const struct field x86_64[] = {
	{ 0, 8, DEV, 8, DEVICE }, { 8, 8, INO, 8, CUT }, { 16, 8, NLINK, 4, CUT }, { 24, 4, FILE_MODE, 2, CUT },
	{ 28, 4, OWNER, 4, CUT }, { 32, 4, GROUP, 4, CUT }, { 40, 8, RDEV, 8, DEVICE }, { 48, 8, BYTES, 8, CUT },
	{ 56, 8, BLKSIZE, 4, CUT }, { 64, 8, BLOCKS, 8, CUT }, { 72, 8, ATIME, 8, CUT }, { 80, 8, ATIME_NSEC, 4, CUT },
	{ 88, 8, MTIME, 8, CUT }, { 96, 8, MTIME_NSEC, 4, CUT }, { 104, 8, CTIME, 8, CUT }, { 112, 8, CTIME_NSEC, 4, CUT },
	{ 144, 0, 0, 0, CUT },
};

/* include/uapi/asm-generic/stat.h, struct stat with 64 bits */
static const struct field aarch64[] = {
	{ 0, 8, DEV, 8, DEVICE }, { 8, 8, INO, 8, CUT }, { 16, 4, FILE_MODE, 2, CUT }, { 20, 4, NLINK, 4, CUT },
	{ 24, 4, OWNER, 4, CUT }, { 28, 4, GROUP, 4, CUT }, { 32, 8, RDEV, 8, DEVICE }, { 48, 8, BYTES, 8, CUT },
	{ 56, 4, BLKSIZE, 4, CUT }, { 64, 8, BLOCKS, 8, CUT }, { 72, 8, ATIME, 8, CUT }, { 80, 8, ATIME_NSEC, 4, CUT },
	{ 88, 8, MTIME, 8, CUT }, { 96, 8, MTIME_NSEC, 4, CUT }, { 104, 8, CTIME, 8, CUT }, { 112, 8, CTIME_NSEC, 4, CUT },
	{ 128, 0, 0, 0, CUT },
};

/* struct compat_stat, which is struct stat with __i386__; cp_compat_stat() */
static const struct field i386_stat[] = {
	{ 0, 4, DEV, 8, DEVICE }, { 4, 4, INO, 8, FITS }, { 8, 2, FILE_MODE, 2, CUT }, { 10, 2, NLINK, 4, FITS },
	{ 12, 2, OWNER, 4, SHORT_ID }, { 14, 2, GROUP, 4, SHORT_ID }, { 16, 4, RDEV, 8, DEVICE }, { 20, 4, BYTES, 8, SMALL },
	{ 24, 4, BLKSIZE, 4, CUT }, { 28, 4, BLOCKS, 8, CUT }, { 32, 4, ATIME, 8, CUT }, { 36, 4, ATIME_NSEC, 4, CUT },
	{ 40, 4, MTIME, 8, CUT }, { 44, 4, MTIME_NSEC, 4, CUT }, { 48, 4, CTIME, 8, CUT }, { 52, 4, CTIME_NSEC, 4, CUT },
	{ 64, 0, 0, 0, CUT },
};

/* struct stat64 with __i386__, packed in emulation; cp_stat64() of arch/x86/kernel/sys_ia32.c */
static const struct field i386_stat64[] = {
	{ 0, 8, DEV, 8, DEVICE }, { 12, 4, INO, 8, CUT }, { 16, 4, FILE_MODE, 2, CUT }, { 20, 4, NLINK, 4, CUT },
	{ 24, 4, OWNER, 4, CUT }, { 28, 4, GROUP, 4, CUT }, { 32, 8, RDEV, 8, DEVICE }, { 44, 8, BYTES, 8, CUT },
	{ 52, 4, BLKSIZE, 4, CUT }, { 56, 8, BLOCKS, 8, CUT }, { 64, 4, ATIME, 8, CUT }, { 68, 4, ATIME_NSEC, 4, CUT },
	{ 72, 4, MTIME, 8, CUT }, { 76, 4, MTIME_NSEC, 4, CUT }, { 80, 4, CTIME, 8, CUT }, { 84, 4, CTIME_NSEC, 4, CUT },
	{ 88, 8, INO, 8, CUT },
	{ 96, 0, 0, 0, CUT },
};

/* struct __old_kernel_stat; cp_old_stat() of a 64-bit kernel, which does not look at the size */
static const struct field i386_oldstat[] = {
	{ 0, 2, DEV, 8, ANCIENT }, { 2, 2, INO, 8, FITS }, { 4, 2, FILE_MODE, 2, CUT }, { 6, 2, NLINK, 4, FITS },
	{ 8, 2, OWNER, 4, SHORT_ID }, { 10, 2, GROUP, 4, SHORT_ID }, { 12, 2, RDEV, 8, ANCIENT }, { 16, 4, BYTES, 8, CUT },
	{ 20, 4, ATIME, 8, CUT }, { 24, 4, MTIME, 8, CUT }, { 28, 4, CTIME, 8, CUT },
	{ 32, 0, 0, 0, CUT },
};

static uint64_t get(const uint8_t *bytes, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

static void put(uint8_t *bytes, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static int fill(const struct field *f, const uint8_t *statx, uint8_t *out)
{
	uint64_t value = get(statx + f->from, f->from_width);
	uint64_t major = value & 0xffffffff, minor = value >> 32;

	switch (f->rule) {
	case FITS:
		if (value >> (8 * f->width) != 0)
			return -EOVERFLOW;
		break;
	case SMALL:
		if (value >> 31 != 0)
			return -EOVERFLOW;
		break;
	case SHORT_ID:
		if (value >> 16 != 0)
			value = 0xfffe;
		break;
	case DEVICE: /* mmmM MMmm in hexadecimal digits */
		value = (minor >> 8) << 20 | major << 8 | minor % 256;
		break;
	case ANCIENT:
		value = major << 8 | minor;
		break;
	case CUT:
		break;
	}
	put(out + f->to, f->width, value);
	return 0;
}

int reference_stat(enum abi abi, unsigned int traits, const uint8_t statx[static REFERENCE_STATX],
		   uint8_t out[static REFERENCE_STATX])
{
	const struct field *f = abi == ABI_AARCH64 ? aarch64 : abi != ABI_I386 ? x86_64 :
				traits & OLDSTAT ? i386_oldstat : traits & STAT64 ? i386_stat64 : i386_stat;

	memset(out, 0, REFERENCE_STATX);
	if (traits & STATX) {
		memcpy(out, statx, REFERENCE_STATX);
		return REFERENCE_STATX;
	}
	for (; f->width > 0; f++) {
		int r = fill(f, statx, out);

		if (r < 0)
			return r;
	}
	return f->to;
}

void reference_limit_devices(uint8_t statx[static REFERENCE_STATX])
{
	static const uint8_t at[] = { RDEV, DEV };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		put(statx + at[i], 4, get(statx + at[i], 4) & 0xfff);
		put(statx + at[i] + 4, 4, get(statx + at[i] + 4, 4) & 0xfffff);
	}
}
