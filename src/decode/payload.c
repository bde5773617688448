/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/payload.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "decode/json.h"

enum state {
	TOP,
	NAME_OR_END,
	NAME,
	COLON,
	VALUE,
	VALUE_OR_END,
	COMMA_OR_END,
	STRING,
	ESCAPE,
	HEX,
	CHARACTER,
	LITERAL,
	MINUS,
	ZERO,
	INTEGER,
	POINT,
	FRACTION,
	EXPONENT,
	EXPONENT_SIGN,
	EXPONENT_DIGITS,
};

void payload_scan_init(struct payload_scan *s)
{
	memset(s, 0, offsetof(struct payload_scan, bytes));
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static int go(struct payload_scan *s, enum state next)
{
	s->state = (unsigned char)next;
	return 0;
}

static int begin_literal(struct payload_scan *s, const char *rest)
{
	s->literal = rest;
	return go(s, LITERAL);
}

static int begin_string(struct payload_scan *s, bool in_name)
{
	s->in_name = in_name;
	return go(s, STRING);
}

static int begin_container(struct payload_scan *s, bool object)
{
	if (s->depth == PAYLOAD_DEPTH_MAX)
		return -E2BIG;
	s->depth++;
	s->objects = s->objects << 1 | object;
	return go(s, object ? NAME_OR_END : VALUE_OR_END);
}

static int end_container(struct payload_scan *s)
{
	s->depth--;
	s->objects >>= 1;
	s->state = COMMA_OR_END;
	return s->depth == 0;
}

static int begin_value(struct payload_scan *s, unsigned char c)
{
	switch (c) {
	case '{':
	case '[':
		return begin_container(s, c == '{');
	case '"':
		return begin_string(s, false);
	case 't':
		return begin_literal(s, "rue");
	case 'f':
		return begin_literal(s, "alse");
	case 'n':
		return begin_literal(s, "ull");
	case '-':
		return go(s, MINUS);
	case '0':
		return go(s, ZERO);
	default:
		return is_digit(c) ? go(s, INTEGER) : -EBADMSG;
	}
}

static int scan_structure(struct payload_scan *s, unsigned char c)
{
	bool object = s->objects & 1;

	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return 0;
	switch (s->state) {
	case TOP:
		return c == '{' ? begin_container(s, true) : -EBADMSG;
	case NAME_OR_END:
		if (c == '}')
			return end_container(s);
		return c == '"' ? begin_string(s, true) : -EBADMSG;
	case NAME:
		return c == '"' ? begin_string(s, true) : -EBADMSG;
	case COLON:
		return c == ':' ? go(s, VALUE) : -EBADMSG;
	case VALUE_OR_END:
		return c == ']' ? end_container(s) : begin_value(s, c);
	case VALUE:
		return begin_value(s, c);
	default: /* COMMA_OR_END */
		if (c == ',')
			return go(s, object ? NAME : VALUE);
		return c == (object ? '}' : ']') ? end_container(s) : -EBADMSG;
	}
}

static int begin_character(struct payload_scan *s, unsigned char missing, unsigned char lowest, unsigned char highest)
{
	s->missing = missing;
	s->lowest = lowest;
	s->highest = highest;
	return go(s, CHARACTER);
}

/* The first byte of a character: the table of well-formed sequences in RFC 3629, section 4. */
static int scan_character(struct payload_scan *s, unsigned char c)
{
	if (c < 0x20)
		return -EBADMSG;
	if (c < 0x80)
		return 0;
	if (c >= 0xc2 && c <= 0xdf)
		return begin_character(s, 1, 0x80, 0xbf);
	if (c >= 0xe0 && c <= 0xef)
		return begin_character(s, 2, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf);
	if (c >= 0xf0 && c <= 0xf4)
		return begin_character(s, 3, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf);
	return -EBADMSG;
}

static bool is_hex(unsigned char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int scan_string(struct payload_scan *s, unsigned char c)
{
	switch (s->state) {
	case STRING:
		if (c == '"')
			return go(s, s->in_name ? COLON : COMMA_OR_END);
		return c == '\\' ? go(s, ESCAPE) : scan_character(s, c);
	case ESCAPE:
		s->missing = 4;
		if (c == 'u')
			return go(s, HEX);
		return c != '\0' && strchr("\"\\/bfnrt", c) ? go(s, STRING) : -EBADMSG;
	case HEX:
		if (!is_hex(c))
			return -EBADMSG;
		return --s->missing == 0 ? go(s, STRING) : 0;
	default: /* CHARACTER */
		if (c < s->lowest || c > s->highest)
			return -EBADMSG;
		s->lowest = 0x80;
		s->highest = 0xbf;
		return --s->missing == 0 ? go(s, STRING) : 0;
	}
}

/* Only the byte behind a number says that it has ended. */
static int end_number(struct payload_scan *s, unsigned char c)
{
	s->state = COMMA_OR_END;
	return scan_structure(s, c);
}

static int scan_number(struct payload_scan *s, unsigned char c)
{
	bool digit = is_digit(c);

	switch (s->state) {
	case MINUS:
		if (!digit)
			return -EBADMSG;
		return go(s, c == '0' ? ZERO : INTEGER);
	case POINT:
		return digit ? go(s, FRACTION) : -EBADMSG;
	case EXPONENT:
		if (c == '+' || c == '-')
			return go(s, EXPONENT_SIGN);
		return digit ? go(s, EXPONENT_DIGITS) : -EBADMSG;
	case EXPONENT_SIGN:
		return digit ? go(s, EXPONENT_DIGITS) : -EBADMSG;
	case EXPONENT_DIGITS:
		return digit ? 0 : end_number(s, c);
	default: /* ZERO, INTEGER, FRACTION */
		if (digit && s->state != ZERO)
			return 0;
		if (c == '.' && s->state != FRACTION)
			return go(s, POINT);
		return c == 'e' || c == 'E' ? go(s, EXPONENT) : end_number(s, c);
	}
}

static int scan_literal(struct payload_scan *s, unsigned char c)
{
	if (c != (unsigned char)*s->literal)
		return -EBADMSG;
	s->literal++;
	return *s->literal == '\0' ? go(s, COMMA_OR_END) : 0;
}

static int scan_byte(struct payload_scan *s, unsigned char c)
{
	if (s->state <= COMMA_OR_END)
		return scan_structure(s, c);
	if (s->state <= CHARACTER)
		return scan_string(s, c);
	return s->state == LITERAL ? scan_literal(s, c) : scan_number(s, c);
}

int payload_scan_feed(struct payload_scan *s, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && s->status == 0; i++) {
		if (s->length == PAYLOAD_MAX) {
			s->status = -E2BIG;
			break;
		}
		s->bytes[s->length++] = bytes[i];
		s->status = scan_byte(s, (unsigned char)bytes[i]);
	}
	return s->status;
}

static int decode_fds(const struct json *j, unsigned int *index)
{
	int array = json_find(j, 0, "fds", JSMN_ARRAY);
	bool found = false;

	if (array <= 0 || j->tokens[array].size > LIMIT_MESSAGE_FDS)
		return -EBADMSG;
	for (int i = 0; i < j->tokens[array].size; i++) {
		int at = array + 1 + i; /* strings have nothing in them */
		int r = j->tokens[at].type == JSMN_STRING ? json_is(j, at, "seccompFd") : -EBADMSG;

		if (r < 0 || (r > 0 && found))
			return -EBADMSG;
		if (r > 0) {
			found = true;
			*index = (unsigned int)i;
		}
	}
	return found ? 0 : -EBADMSG;
}

static int decode_pid(const struct json *j, int64_t *pid)
{
	int at = json_find(j, 0, "pid", JSMN_PRIMITIVE);
	unsigned long long number;

	if (at <= 0)
		return at;
	if (json_number(j, at, &number) < 0 || number > INT64_MAX)
		return -EBADMSG;
	*pid = (int64_t)number;
	return 0;
}

/* 1: there is such a string, 0: there is none. */
static int decode_label(const struct json *j, int object, const char *name, char label[static PAYLOAD_LABEL_MAX])
{
	int at = json_find(j, object, name, JSMN_STRING);
	const char *text;
	size_t n;

	if (at <= 0)
		return at;
	text = json_text(j, at, &n);
	if (n > PAYLOAD_LABEL_MAX - 1)
		n = PAYLOAD_LABEL_MAX - 1;
	memcpy(label, text, n);
	label[n] = '\0';
	return 1;
}

static int decode_members(const struct json *j, struct payload *p)
{
	int r, state;

	r = decode_fds(j, &p->fd_index);
	if (r < 0)
		return r;
	r = decode_pid(j, &p->pid);
	if (r < 0)
		return r;
	r = decode_label(j, 0, "metadata", p->metadata);
	if (r < 0)
		return r;
	p->has_metadata = r > 0;
	state = json_find(j, 0, "state", JSMN_OBJECT);
	if (state <= 0)
		return state;
	r = decode_label(j, state, "id", p->id);
	return r < 0 ? r : 0;
}

int payload_decode(const struct payload_scan *s, struct payload *out)
{
	static jsmntok_t tokens[PAYLOAD_TOKENS_MAX]; /* large; on a stack, every page of it would be touched */
	struct json j = { .tokens = tokens };
	struct payload p = { 0 };
	int r;

	if (s->status != 1)
		return s->status < 0 ? s->status : -EBADMSG;
	r = json_read(&j, s->bytes, s->length, PAYLOAD_TOKENS_MAX);
	if (r < 0)
		return r;
	r = decode_members(&j, &p);
	if (r < 0)
		return r;
	*out = p;
	return 0;
}
