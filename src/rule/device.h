/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device that a placeholder, an empty regular file, stands for, and how it is recorded. The xattr is "UID:GID:MODE:TYPE", as containers/storage
 * (pkg/idtools) writes it and fuse-overlayfs reads it too. Ids are decimal; the mode is octal, with the set-id and sticky bits; the type
 * is "char-MAJOR-MINOR" or "block-MAJOR-MINOR". Other types ("file", "dir", ...), or none, are values that say nothing of a device.
 */
#ifndef RULE_DEVICE_H
#define RULE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct owner;
struct statx;

/* A dev_t of the kernel has 12 and 20 bits. */
#define DEVICE_MAJOR_MAX 0xfffU
#define DEVICE_MINOR_MAX 0xfffffU

/* The longest value that device_encode() makes: two ids of 10 digits, a mode of 4, "block-4095-1048575". */
#define DEVICE_ENCODED_MAX 45

struct device {
	uint32_t type; /* S_IFCHR or S_IFBLK; 0: none */
	uint32_t major, minor;
};

static inline bool device_is_none(const struct device *device)
{
	return device->type == 0;
}

static inline bool device_equal(const struct device *a, const struct device *b)
{
	return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

/* What mknod(2) is asked for; mode: of which the kernel looks at 16 bits. None where that is no device. */
struct device device_of_mknod(uint32_t mode, uint32_t dev);

/* The value of the xattr. 0; or -EBADMSG, with device untouched. */
int device_decode(const unsigned char *bytes, size_t n, struct device *device) MUST_CHECK;

/* The bytes of the value, how many, for a device that is one. Of the mode only its permission bits. */
size_t device_encode(const struct device *device, const struct owner *shown, uint32_t mode, unsigned char bytes[static DEVICE_ENCODED_MAX]);

/* What stat shows of a placeholder: permissions, owner and times are its own, the rest is that of a device. */
void device_show(const struct device *device, struct statx *stx);

#endif
