/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-memory.h"

#include <errno.h>
#include <string.h>

int reference_byte(const struct task *t, uint64_t address, uint8_t *byte)
{
	if (address < t->base || address - t->base >= t->length)
		return address > UINT64_MAX - 4096 ? -EFAULT : t->beyond;
	*byte = t->bytes[address - t->base];
	return 0;
}

int reference_string(const struct task *t, uint64_t address, char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int r = reference_byte(t, address + i, (uint8_t *)text + i);

		if (r < 0 || text[i] == '\0')
			return r;
	}
	return -ENAMETOOLONG;
}

int reference_bytes(const struct task *t, uint64_t address, void *buf, size_t n)
{
	uint8_t *to = buf;

	if (address > UINT64_MAX - n)
		return -EFAULT;
	for (size_t i = 0; i < n; i++) {
		int r = reference_byte(t, address + i, &to[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

uint64_t reference_number(const uint8_t *from, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

/* Three kinds, as SECURITY.md lists them. */
bool reference_is_ours(const char *name)
{
	return strcmp(name, "user.rootlesscontainers") == 0 || strcmp(name, "user.containers.override_stat") == 0 ||
	       strstr(name, "user.subuidless.") == name;
}
