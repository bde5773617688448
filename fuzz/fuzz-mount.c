/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a type of file system, the ids that are mapped, flags, then options. The reference takes options apart as shmem_next_opt() and
 * vfs_parse_monolithic_sep() of the kernel do, and reads ids with strtoull(3).
 */
#include "fuzz.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "decode/mount.h"
#include "rule/mount.h"

#define HEADER 7

/* The kernel's: from *s on, where the next one begins. */
static char *next_option(char **s, bool tmpfs)
{
	char *begin = *s, *p = begin;

	if (!begin)
		return NULL;
	for (;;) {
		p = strchr(p, ',');
		if (!p)
			break;
		p++;
		if (!tmpfs || !isdigit((unsigned char)*p)) {
			p[-1] = '\0';
			break;
		}
	}
	*s = p;
	return begin;
}

/* An id, or -1. */
static long long id_of(const char *text)
{
	unsigned long long id;
	char *end;

	/* what strtoull(3) would skip or take besides */
	if (isspace((unsigned char)text[0]) || text[0] == '-' || (text[0] == '+' && !isdigit((unsigned char)text[1])))
		return -1;
	errno = 0;
	id = strtoull(text, &end, 0);
	if (end == text || errno || id >= UINT32_MAX)
		return -1;
	return *end == '\0' || (end[0] == '\n' && end[1] == '\0') ? (long long)id : -1;
}

static void append(char *text, const char *key, const char *value)
{
	strcat(text, text[0] ? "," : "");
	strcat(text, key);
	if (value)
		strcat(strcat(text, "="), value);
}

/* What is asked for, and in same the options with ids that are mapped. */
static bool check_options(const struct mount_type *type, const char *options, struct owner self, struct owner *asked, char *same)
{
	char theirs[MOUNT_DATA_MAX], *ours = strdup(options), *at = theirs, *rest = ours, *key; /* nothing is behind ours */
	struct mount_option option;
	bool unmapped = false;

	strcpy(theirs, options);
	while ((key = next_option(&at, type->joins_digits)) != NULL) {
		char *value = strchr(key, '='), text[MOUNT_ID_TEXT];
		uint32_t *to = strncmp(key, "uid", 3) == 0 ? &asked->cuid : &asked->cgid, id;
		long long number = -1;

		if (!*key || value == key)
			continue;
		CHECK(mount_option_next(&rest, type->joins_digits, &option));
		if (value)
			*value++ = '\0';
		CHECK(strcmp(option.key, key) == 0 && !option.value == !value && (!value || strcmp(option.value, value) == 0));
		if (value) {
			number = id_of(value);
			CHECK((mount_id(value, &id) == 0) == (number >= 0) && (number < 0 || id == (uint32_t)number));
		}
		if (number >= 0 && (strcmp(key, "uid") == 0 || strcmp(key, "gid") == 0)) {
			unmapped |= (uint32_t)number != (key[0] == 'u' ? self.cuid : self.cgid);
			*to = (uint32_t)number;
			mount_id_text(key[0] == 'u' ? self.cuid : self.cgid, text);
			value = text;
		}
		append(same, key, value);
	}
	CHECK(!mount_option_next(&rest, type->joins_digits, &option));
	free(ours);
	return unmapped;
}

static void check_flags(uint32_t flags)
{
	uint32_t attributes = mount_attributes(flags);
	const char *option;
	uint32_t taken = 0;

	/* fsmount(2) has the same numbers for the first four */
	CHECK((attributes & 15) == (flags & 15));
	CHECK((attributes & MOUNT_ATTR__ATIME) == (flags & MS_STRICTATIME ? MOUNT_ATTR_STRICTATIME : flags & MS_NOATIME ? MOUNT_ATTR_NOATIME : 0));
	CHECK(!(attributes & MOUNT_ATTR_NODIRATIME) == !(flags & MS_NODIRATIME) && !(attributes & 0x200000) == !(flags & 256));
	CHECK((attributes & ~(15U | MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME | 0x200000)) == 0);
	for (size_t i = 0; (option = mount_flag_option(flags, i)); i++)
		taken |= strcmp(option, "ro") == 0 ? MS_RDONLY : strcmp(option, "sync") == 0 ? MS_SYNCHRONOUS : strcmp(option, "mand") == 0 ? MS_MANDLOCK :
			 strcmp(option, "dirsync") == 0 ? MS_DIRSYNC : strcmp(option, "lazytime") == 0 ? MS_LAZYTIME : 0;
	CHECK(taken == (flags & (MS_RDONLY | MS_SYNCHRONOUS | MS_MANDLOCK | MS_DIRSYNC | MS_LAZYTIME)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char options[MOUNT_DATA_MAX] = "", same[2 * MOUNT_DATA_MAX + 64] = "";
	struct owner asked = { OWNER_NONE, OWNER_NONE }, got, self;
	const struct mount_type *type;
	uint32_t flags;
	bool unmapped;
	size_t n;

	if (size < HEADER)
		return 0;
	type = mount_type_find(data[0] & 1 ? "tmpfs" : "devpts");
	CHECK(type && type->joins_digits == (data[0] & 1) && !mount_type_find("proc") && !mount_type_find(""));
	self = (struct owner){ data[1], data[2] };
	memcpy(&flags, data + 3, sizeof(flags));
	check_flags(flags);
	n = size - HEADER < sizeof(options) - 1 ? size - HEADER : sizeof(options) - 1;
	memcpy(options, data + HEADER, n);
	/* twice as long with other ids: "0" is the shortest */
	if (strlen(options) > MOUNT_DATA_MAX / 4)
		options[MOUNT_DATA_MAX / 4] = '\0';
	unmapped = check_options(type, options, self, &asked, same);
	if (strchr(options, '"')) {
		CHECK(!mount_asks(type, options, self, &got));
		return 0;
	}
	CHECK(mount_asks(type, options, self, &got) == unmapped && owner_equal(got, asked));
	CHECK(strlen(same) >= MOUNT_DATA_MAX || !mount_asks(type, same, self, &got));
	return 0;
}
