/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/device.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "rule/owner.h"

#define CHAR_NAME "char"
#define BLOCK_NAME "block"
#define PERMISSIONS 07777U

/* What struct statx says of regular files only, where linux/stat.h has it: STATX_DIOALIGN, STATX_WRITE_ATOMIC, STATX_DIO_READ_ALIGN ... */
#define MASK_OF_FILES 0x32000U
#define ATTRIBUTE_OF_FILES 0x400000ULL /* ... STATX_ATTR_WRITE_ATOMIC ... */
static const struct { uint8_t start, length; } fields_of_files[] = {
	{ 0x98, 8 },  /* ... stx_dio_mem_align, stx_dio_offset_align ... */
	{ 0xa8, 20 }, /* ... stx_atomic_write_unit_min to stx_atomic_write_unit_max_opt */
};

/* mknod(2)'s number: new_decode_dev() of linux/kdev_t.h, the same in every ABI. */
struct device device_of_mknod(uint32_t mode, uint32_t dev)
{
	if (!S_ISCHR(mode & S_IFMT) && !S_ISBLK(mode & S_IFMT))
		return (struct device){ 0 };
	return (struct device){ mode & S_IFMT, dev >> 8 & DEVICE_MAJOR_MAX, (dev & 0xff) | (dev >> 12 & 0xfff00) };
}

struct input {
	const unsigned char *at, *end;
};

/* A number, at least one digit of it, no greater than max. */
static bool number(struct input *in, uint32_t base, uint32_t max, uint32_t *value)
{
	const unsigned char *start = in->at;
	uint64_t n = 0;

	for (; in->at < in->end && *in->at >= '0' && *in->at < '0' + base; in->at++) {
		n = n * base + (*in->at - '0');
		if (n > max)
			return false;
	}
	*value = (uint32_t)n;
	return in->at > start;
}

static bool text(struct input *in, const char *wanted)
{
	size_t n = strlen(wanted);

	if ((size_t)(in->end - in->at) < n || memcmp(in->at, wanted, n) != 0)
		return false;
	in->at += n;
	return true;
}

int device_decode(const unsigned char *bytes, size_t n, struct device *device)
{
	struct input in = { bytes, bytes + n };
	struct device found = { 0 };
	uint32_t skipped;

	if (n > LIMIT_OVERRIDE_BYTES)
		return -EBADMSG;
	/* ids and mode are checked only: what counts is the owner's own record, and the placeholder's mode; some write the type with the mode */
	if (!number(&in, 10, UINT32_MAX, &skipped) || !text(&in, ":") || !number(&in, 10, UINT32_MAX, &skipped) || !text(&in, ":") ||
	    !number(&in, 8, S_IFMT | PERMISSIONS, &skipped) || !text(&in, ":"))
		return -EBADMSG;
	if (text(&in, CHAR_NAME))
		found.type = S_IFCHR;
	else if (text(&in, BLOCK_NAME))
		found.type = S_IFBLK;
	else
		return -EBADMSG;
	if (!text(&in, "-") || !number(&in, 10, DEVICE_MAJOR_MAX, &found.major) || !text(&in, "-") ||
	    !number(&in, 10, DEVICE_MINOR_MAX, &found.minor) || in.at != in.end)
		return -EBADMSG;
	*device = found;
	return 0;
}

/* The number and what follows it; at least so many digits. */
static unsigned char *write_number(unsigned char *at, uint32_t value, uint32_t base, int least, const char *after)
{
	unsigned char digits[11];
	int n = 0;

	do {
		digits[n++] = (unsigned char)('0' + value % base);
		value /= base;
	} while (value != 0 || n < least);
	while (n > 0)
		*at++ = digits[--n];
	memcpy(at, after, strlen(after));
	return at + strlen(after);
}

size_t device_encode(const struct device *device, const struct owner *shown, uint32_t mode, unsigned char bytes[static DEVICE_ENCODED_MAX])
{
	unsigned char *at = bytes;

	at = write_number(at, shown->cuid, 10, 1, ":");
	at = write_number(at, shown->cgid, 10, 1, ":");
	at = write_number(at, mode & PERMISSIONS, 8, 4, S_ISBLK(device->type) ? ":" BLOCK_NAME "-" : ":" CHAR_NAME "-");
	at = write_number(at, device->major & DEVICE_MAJOR_MAX, 10, 1, "-");
	at = write_number(at, device->minor & DEVICE_MINOR_MAX, 10, 1, "");
	return (size_t)(at - bytes);
}

void device_show(const struct device *device, struct statx *stx)
{
	stx->stx_mode = (uint16_t)((stx->stx_mode & PERMISSIONS) | device->type);
	stx->stx_rdev_major = device->major;
	stx->stx_rdev_minor = device->minor;
	stx->stx_size = 0;
	stx->stx_blocks = 0;
	stx->stx_mask &= ~MASK_OF_FILES;
	stx->stx_attributes_mask &= ~ATTRIBUTE_OF_FILES;
	for (size_t i = 0; i < ARRAY_SIZE(fields_of_files); i++)
		memset((unsigned char *)stx + fields_of_files[i].start, 0, fields_of_files[i].length);
}
