/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of a JSON object. It must have passed payload_scan_feed(), for jsmn takes much that is no JSON. Tokens come in the order of the
 * text, the members of an object as name and value; that of a string is what stands between the quotes.
 */
#ifndef DECODE_JSON_H
#define DECODE_JSON_H

#include <stddef.h>

#ifndef JSMN_STATIC /* json.c has the code */
#define JSMN_HEADER
#endif
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "base/util.h"

struct json {
	const char *text;
	int count;
	jsmntok_t *tokens;
};

/* Fills in j, whose tokens are room for so many. -E2BIG: they are more. -EBADMSG. */
int json_read(struct json *j, const char *text, size_t n, unsigned int room) MUST_CHECK;

/* What token i stands for, n bytes of it, with its escapes. */
const char *json_text(const struct json *j, int i, size_t *n);

/* 1: the string is this one, 0: it is another. -EBADMSG: it has escapes, so it could be any. */
int json_is(const struct json *j, int i, const char *string) MUST_CHECK;

/* The token behind the value at i, or behind the member whose name that is, and all that is in it. */
int json_behind(const struct json *j, int i);

/* For each value of an array, or each name of an object; in -1 there is nothing. */
#define JSON_EACH(j, at, in) \
	for (int at = (in) + 1, left_ = (in) < 0 ? 0 : (j)->tokens[in].size; left_ > 0; left_--, at = json_behind(j, at))

/*
 * The value of a member: its token, or 0 when there is none, since token 0 is the top level. JSMN_UNDEFINED takes any type. -EBADMSG: it
 * has another type, occurs twice, or a name of the object is written with escapes.
 */
int json_find(const struct json *j, int object, const char *name, jsmntype_t type) MUST_CHECK;

/* A JSMN_PRIMITIVE that is a number below 2^64 without sign, point and exponent, into *number. -EBADMSG: it is another one. */
int json_number(const struct json *j, int i, unsigned long long *number) MUST_CHECK;

#endif
