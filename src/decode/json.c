/* SPDX-License-Identifier: Apache-2.0 */
#define JSMN_STATIC
#include "decode/json.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

int json_read(struct json *j, const char *text, size_t n, unsigned int room)
{
	jsmn_parser parser;

	jsmn_init(&parser);
	j->text = text;
	j->count = jsmn_parse(&parser, text, n, j->tokens, room);
	if (j->count < 0)
		return j->count == JSMN_ERROR_NOMEM ? -E2BIG : -EBADMSG;
	return 0;
}

const char *json_text(const struct json *j, int i, size_t *n)
{
	*n = (size_t)(j->tokens[i].end - j->tokens[i].start);
	return j->text + j->tokens[i].start;
}

int json_is(const struct json *j, int i, const char *string)
{
	size_t n;
	const char *text = json_text(j, i, &n);

	if (memchr(text, '\\', n))
		return -EBADMSG;
	return n == strlen(string) && memcmp(text, string, n) == 0;
}

int json_behind(const struct json *j, int i)
{
	int end;

	/* of strings, names alone have a size: their value */
	if (j->tokens[i].type == JSMN_STRING)
		i += j->tokens[i].size;
	end = j->tokens[i].end;
	do
		i++;
	while (i < j->count && j->tokens[i].start < end);
	return i;
}

int json_find(const struct json *j, int object, const char *name, jsmntype_t type)
{
	int found = 0;

	JSON_EACH(j, at, object) {
		int r = json_is(j, at, name);

		if (r < 0 || (r > 0 && (found > 0 || (type != JSMN_UNDEFINED && j->tokens[at + 1].type != type))))
			return -EBADMSG;
		if (r > 0)
			found = at + 1;
	}
	return found;
}

int json_number(const struct json *j, int i, unsigned long long *number)
{
	size_t n;
	const char *text = json_text(j, i, &n);

	*number = 0;
	for (; n > 0; n--, text++) {
		unsigned int digit = (unsigned char)*text - (unsigned int)'0';

		if (digit > 9 || *number > (ULLONG_MAX - digit) / 10)
			return -EBADMSG;
		*number = *number * 10 + digit;
	}
	return 0;
}
