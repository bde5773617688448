/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/metadata.h"

#include <errno.h>
#include <string.h>

/* A decimal number below 2^32 - 1, which is no id. Moves *at behind it. */
static int number(const char **at, uint32_t *id)
{
	uint64_t n = 0;

	if (**at < '0' || **at > '9')
		return -EINVAL;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		n = n * 10 + (uint64_t)(**at - '0');
		if (n >= UINT32_MAX)
			return -EINVAL;
	}
	*id = (uint32_t)n;
	return 0;
}

static int groups(const char **at, struct first_user *user)
{
	int r;

	do {
		if (user->n_groups == LIMIT_GROUPS)
			return -EINVAL;
		(*at)++;
		r = number(at, &user->groups[user->n_groups]);
		if (r < 0)
			return r;
		user->n_groups++;
	} while (**at == ',');
	return 0;
}

static int decode_user(const char *at, struct first_user *user)
{
	int r = number(&at, &user->uid);

	if (r == 0 && *at == ':') {
		at++;
		r = number(&at, &user->gid);
		if (r == 0 && *at == ':')
			r = groups(&at, user);
	}
	if (r < 0 || (*at != '\0' && *at != ' '))
		return -EINVAL;
	user->given = true;
	return 0;
}

int metadata_decode(const char *text, struct first_user *user)
{
	memset(user, 0, sizeof(*user));
	for (const char *word = text; word; word = strchr(word, ' ')) {
		word += strspn(word, " ");
		if (strncmp(word, "user=", 5) == 0)
			return decode_user(word + 5, user);
	}
	return 0;
}
