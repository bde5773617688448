/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a value of DEVICE_XATTR, and the same bytes as a device, an owner and a mode to be recorded. The reference takes values apart
 * with the C library: by a regular expression and strtoull(3).
 */
#include "fuzz.h"

#include <errno.h>
#include <regex.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "rule/device.h"
#include "rule/owner.h"

struct value {
	struct device device;
	struct owner owner;
	uint32_t mode;
};

static bool reference(const uint8_t *data, size_t size, struct value *value)
{
	static const uint64_t most[] = { 0, UINT32_MAX, UINT32_MAX, 0177777, 0, 4095, 1048575 };
	uint64_t numbers[7] = { 0 };
	char text[LIMIT_OVERRIDE_BYTES + 1] = "";
	static regex_t form;
	regmatch_t found[7];

	if (form.re_nsub == 0)
		CHECK(regcomp(&form, "^([0-9]+):([0-9]+):([0-7]+):(char|block)-([0-9]+)-([0-9]+)$", REG_EXTENDED) == 0);
	if (size > LIMIT_OVERRIDE_BYTES || memchr(data, '\0', size))
		return false;
	memcpy(text, data, size);
	memset(found, 0, sizeof(found));
	if (regexec(&form, text, ARRAY_SIZE(found), found, 0) != 0)
		return false;
	for (int i = 1; i < 7; i++) {
		if (i == 4)
			continue;
		numbers[i] = strtoull(text + found[i].rm_so, NULL, i == 3 ? 8 : 10);
		if (numbers[i] > most[i]) /* what overflows is ULLONG_MAX */
			return false;
	}
	*value = (struct value){
		{ text[found[4].rm_so] == 'c' ? S_IFCHR : S_IFBLK, (uint32_t)numbers[5], (uint32_t)numbers[6] },
		{ (uint32_t)numbers[1], (uint32_t)numbers[2] }, (uint32_t)numbers[3]
	};
	return true;
}

static void check_decode(const uint8_t *data, size_t size)
{
	struct device got = { 3, 2, 1 };
	struct value want = { got, { 0, 0 }, 0 };
	bool good = reference(data, size, &want);
	/* of its very size, so that a sanitizer sees the first byte behind it */
	uint8_t *copy = malloc(size ? size : 1);

	CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	CHECK(device_decode(copy, size, &got) == (good ? 0 : -EBADMSG));
	CHECK(device_equal(&got, &want.device));
	free(copy);
}

static void check_round_trip(const struct value *value)
{
	struct value again = { 0 };
	unsigned char *bytes = malloc(DEVICE_ENCODED_MAX);
	struct device got = { 0 };
	size_t n;

	CHECK(bytes);
	n = device_encode(&value->device, &value->owner, value->mode, bytes);
	CHECK(n <= DEVICE_ENCODED_MAX && reference(bytes, n, &again));
	CHECK(device_equal(&again.device, &value->device) && owner_equal(again.owner, value->owner));
	/* the way the mode is written is that of others, too: four digits */
	CHECK(again.mode == (value->mode & 07777) && memchr(bytes, ':', n) && ((uint8_t *)memrchr(bytes, ':', n))[-5] == ':');
	CHECK(device_decode(bytes, n, &got) == 0 && device_equal(&got, &value->device));
	free(bytes);
}

/* Bytes of a struct statx that may differ once a device is shown, by their places in linux/stat.h; others must not. */
static void check_show(const struct device *device, const uint8_t *data, size_t size)
{
	struct statx before, after;
	uint8_t *bytes = (uint8_t *)&after;
	uint32_t word;

	memset(&before, 0x5a, sizeof(before));
	if (size)
		memcpy(&before, data, size < sizeof(before) ? size : sizeof(before));
	after = before;
	device_show(device, &after);
	CHECK((after.stx_mode & 07777) == (before.stx_mode & 07777) && (after.stx_mode & S_IFMT) == device->type);
	CHECK(after.stx_rdev_major == device->major && after.stx_rdev_minor == device->minor);
	CHECK(after.stx_size == 0 && after.stx_blocks == 0);
	CHECK(after.stx_mask == (before.stx_mask & 0xfffcdfff) && after.stx_attributes_mask == (before.stx_attributes_mask & ~0x400000ULL));
	for (size_t i = 0x98; i < 0xbc; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		CHECK(word == 0 || (i >= 0xa0 && i < 0xa8));
	}
	/* with these as they were, nothing has changed */
	after.stx_mode = before.stx_mode;
	after.stx_mask = before.stx_mask;
	after.stx_attributes_mask = before.stx_attributes_mask;
	memcpy(bytes + 0x28, (uint8_t *)&before + 0x28, 16);
	memcpy(bytes + 0x80, (uint8_t *)&before + 0x80, 8);
	memcpy(bytes + 0x98, (uint8_t *)&before + 0x98, 8);
	memcpy(bytes + 0xa8, (uint8_t *)&before + 0xa8, 0xbc - 0xa8);
	CHECK(memcmp(&before, &after, sizeof(before)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct value value;
	uint32_t words[6] = { 0 };

	check_decode(data, size);
	if (size)
		memcpy(words, data, size < sizeof(words) ? size : sizeof(words));
	value = (struct value){ { 0 }, { words[3], words[4] }, words[2] };
	value.device = device_of_mknod(words[1], words[0]);
	CHECK(device_is_none(&value.device) == ((words[1] >> 12 & 15) != 2 && (words[1] >> 12 & 15) != 6));
	if (device_is_none(&value.device))
		value.device = (struct device){ words[5] % 2 ? S_IFCHR : S_IFBLK, words[0] % 4096, words[1] % 1048576 };
	else /* no bit of the number is lost: new_encode_dev() of linux/kdev_t.h */
		CHECK(((value.device.minor & 0xff) | value.device.major << 8 | (value.device.minor & ~0xffU) << 12) == words[0]);
	check_round_trip(&value);
	check_show(&value.device, data, size);
	return 0;
}
