/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/text.h"

#include <string.h>

void text_put_bytes(struct text *t, const char *bytes, size_t n)
{
	if (t->n <= t->room && n <= t->room - t->n)
		memcpy(t->start + t->n, bytes, n);
	t->n += n;
}

void text_put_strings(struct text *t, const char *const *strings)
{
	for (; *strings; strings++)
		text_put_bytes(t, *strings, strlen(*strings));
}

void text_put_separator(struct text *t, const char **separator, const char *next)
{
	text_put(t, *separator);
	*separator = next;
}

void text_put_number(struct text *t, uint64_t number)
{
	char digits[20]; /* of UINT64_MAX */
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	text_put_bytes(t, digits + at, sizeof(digits) - at);
}

void text_put_string(struct text *t, const char *string)
{
	static const char hex[] = "0123456789abcdef";

	text_put(t, "\"");
	for (; *string; string++) {
		unsigned char c = (unsigned char)*string;

		if (c < ' ') {
			text_put(t, "\\u00", (char[]){ hex[c >> 4], hex[c & 15], '\0' });
			continue;
		}
		if (c == '"' || c == '\\')
			text_put(t, "\\");
		text_put_bytes(t, string, 1);
	}
	text_put(t, "\"");
}
