/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/mount.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "decode/mount.h"

/* Linux 5.10 and 5.14 */
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

const struct mount_type *mount_type_find(const char *name)
{
	static const struct mount_type types[] = { { "tmpfs", true }, { "devpts", false } };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The end of the first option of text: a comma or the NUL. */
static char *option_end(char *text, bool joins_digits)
{
	char *end = text + strcspn(text, ",");

	while (joins_digits && *end && is_digit(end[1]))
		end += 1 + strcspn(end + 1, ",");
	return end;
}

bool mount_option_next(char **text, bool joins_digits, struct mount_option *option)
{
	while (**text) {
		char *key = *text, *end = option_end(key, joins_digits), *equals;

		*text = *end ? end + 1 : end;
		*end = '\0';
		equals = strchr(key, '=');
		/* the kernel ignores options without a name */
		if (*key == '\0' || equals == key)
			continue;
		if (equals)
			*equals++ = '\0';
		*option = (struct mount_option){ key, equals };
		return true;
	}
	return false;
}

void mount_id_text(uint32_t id, char text[static MOUNT_ID_TEXT])
{
	size_t n = 1;

	for (uint32_t rest = id / 10; rest > 0; rest /= 10)
		n++;
	text[n] = '\0';
	for (; n > 0; id /= 10)
		text[--n] = (char)('0' + id % 10);
}

static unsigned int digit(char c)
{
	char lower = (char)(c | 0x20);

	return is_digit(c) ? (unsigned int)(c - '0') : lower >= 'a' && lower <= 'f' ? (unsigned int)(lower - 'a' + 10) : 16;
}

int mount_id(const char *text, uint32_t *id)
{
	unsigned int base = 10;
	uint64_t number = 0;
	const char *first;

	text += *text == '+';
	if (text[0] == '0') {
		base = (text[1] | 0x20) == 'x' && digit(text[2]) < 16 ? 16 : 8;
		text += base == 16 ? 2 : 0;
	}
	for (first = text; digit(*text) < base && number <= UINT32_MAX; text++)
		number = number * base + digit(*text);
	/* one newline is taken, and (uid_t)-1 is no id */
	if (text == first || number >= UINT32_MAX || (*text && strcmp(text, "\n") != 0))
		return -EINVAL;
	*id = (uint32_t)number;
	return 0;
}

bool mount_option_is_unmapped(const struct mount_option *option, struct owner self, struct owner *owner)
{
	bool uid = strcmp(option->key, "uid") == 0;
	uint32_t id;

	if ((!uid && strcmp(option->key, "gid") != 0) || !option->value || mount_id(option->value, &id) < 0)
		return false;
	*(uid ? &owner->cuid : &owner->cgid) = id;
	return id != (uid ? self.cuid : self.cgid);
}

bool mount_asks(const struct mount_type *type, const char *options, struct owner self, struct owner *owner)
{
	char copy[MOUNT_DATA_MAX], *rest = copy;
	size_t n = strlen(options);
	struct mount_option option;
	bool asks = false;

	*owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	if (n >= sizeof(copy) || strchr(options, '"'))
		return false;
	memcpy(copy, options, n + 1);
	while (mount_option_next(&rest, type->joins_digits, &option))
		asks |= mount_option_is_unmapped(&option, self, owner);
	return asks;
}

uint32_t mount_attributes(uint64_t flags)
{
	static const struct { uint32_t flag, attribute; } of[] = {
		{ MS_RDONLY, MOUNT_ATTR_RDONLY }, { MS_NOSUID, MOUNT_ATTR_NOSUID }, { MS_NODEV, MOUNT_ATTR_NODEV }, { MS_NOEXEC, MOUNT_ATTR_NOEXEC },
		{ MS_NODIRATIME, MOUNT_ATTR_NODIRATIME }, { MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW },
	};
	uint32_t attributes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(of); i++)
		if (flags & of[i].flag)
			attributes |= of[i].attribute;
	/* one of three, of which MOUNT_ATTR_RELATIME is 0 */
	if (flags & MS_STRICTATIME)
		attributes |= MOUNT_ATTR_STRICTATIME;
	else if (flags & MS_NOATIME)
		attributes |= MOUNT_ATTR_NOATIME;
	return attributes;
}

const char *mount_flag_option(uint64_t flags, size_t nth)
{
	static const struct { uint32_t flag; const char *option; } of[] = {
		{ MS_RDONLY, "ro" }, { MS_SYNCHRONOUS, "sync" }, { MS_MANDLOCK, "mand" }, { MS_DIRSYNC, "dirsync" }, { MS_LAZYTIME, "lazytime" },
	};

	return nth >= ARRAY_SIZE(of) ? NULL : flags & of[nth].flag ? of[nth].option : "";
}
