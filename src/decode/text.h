/* SPDX-License-Identifier: Apache-2.0 */
/* Text that is put together in a buffer. What does not fit is left out, but counted: n > room at the end says so. */
#ifndef DECODE_TEXT_H
#define DECODE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
	char *start;
	size_t n, room;
};

void text_put_bytes(struct text *t, const char *bytes, size_t n);
/* Strings, one behind the other. */
void text_put_strings(struct text *t, const char *const *strings);
#define text_put(t, ...) text_put_strings(t, (const char *const[]){ __VA_ARGS__, NULL })

void text_put_number(struct text *t, uint64_t number);

/* Puts *separator, which is next from now on. */
void text_put_separator(struct text *t, const char **separator, const char *next);

/* As a string of JSON, with its quotes. */
void text_put_string(struct text *t, const char *string);

#endif
