/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the text of a listenerMetadata. The reference is a regular expression and strtoull(3). */
#include "fuzz.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "decode/metadata.h"

#define TEXT_MAX 4096

/* The next number at *at, which the expression has seen to be one. */
static bool take(char **at, uint32_t *id)
{
	unsigned long long n;

	errno = 0;
	n = strtoull(*at, at, 10);
	*id = (uint32_t)n;
	return errno == 0 && n < UINT32_MAX;
}

static int reference_user(char *word, struct first_user *user)
{
	static regex_t form;
	static bool compiled;
	bool fine;

	if (!compiled)
		CHECK(regcomp(&form, "^[0-9]+(:[0-9]+(:[0-9]+(,[0-9]+)*)?)?$", REG_EXTENDED | REG_NOSUB) == 0);
	compiled = true;
	if (regexec(&form, word, 0, NULL, 0) != 0)
		return -EINVAL;
	fine = take(&word, &user->uid);
	if (*word)
		word++, fine &= take(&word, &user->gid);
	while (*word && fine) {
		if (user->n_groups == LIMIT_GROUPS)
			return -EINVAL;
		word++, fine = take(&word, &user->groups[user->n_groups++]);
	}
	user->given = fine;
	return fine ? 0 : -EINVAL;
}

static int reference(char *text, struct first_user *user)
{
	char *state;

	memset(user, 0, sizeof(*user));
	for (char *word = strtok_r(text, " ", &state); word; word = strtok_r(NULL, " ", &state))
		if (strncmp(word, "user=", 5) == 0)
			return reference_user(word + 5, user);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size < TEXT_MAX ? size : TEXT_MAX), *copy;
	struct first_user user, expected;
	int r;

	CHECK(text);
	copy = strdup(text);
	CHECK(copy);
	memset(&user, 0xa5, sizeof(user));
	r = metadata_decode(text, &user);
	CHECK(r == reference(copy, &expected));
	CHECK(r != 0 || memcmp(&user, &expected, sizeof(user)) == 0);
	CHECK(user.n_groups <= LIMIT_GROUPS && user.given <= (r == 0));
	free(copy);
	free(text);
	return 0;
}
