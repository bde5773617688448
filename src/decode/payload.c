/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/payload.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "decode/json.h"

enum state {
	/* white space may stand here */
	TOP, NAME_OR_END, NAME, COLON, VALUE_OR_END, VALUE, MEMBER_END, ITEM_END,
	/* in a string; TAIL_n: n more bytes of a character, of which the first may be restricted by the byte before */
	STRING, ESCAPE, HEX_4, HEX_3, HEX_2, HEX_1, TAIL_1, TAIL_2, TAIL_3, TAIL_E0, TAIL_ED, TAIL_F0, TAIL_F4,
	/* in a number */
	MINUS, ZERO, INTEGER, POINT, FRACTION, EXPONENT, SIGN, POWER,
	/* in true, false or null, before this letter */
	TRUE_R, TRUE_U, LAST_E, FALSE_A, FALSE_L, FALSE_S, NULL_U, NULL_L, LAST_L,
	/* no states, but what is done between two of them: see enter_state() */
	OBJECT, ARRAY, END, NAME_STRING, VALUE_STRING, STRING_END, VALUE_END,
};

#define IN(state) (UINT64_C(1) << (state))
#define VALUES (IN(VALUE_OR_END) | IN(VALUE))
#define NUMBERS (IN(ZERO) | IN(INTEGER) | IN(FRACTION) | IN(POWER)) /* that may end here */

/* From one of these states, by a byte of one of these ranges, of which each has two bytes, to the next. */
static const struct step {
	uint64_t from;
	const char *bytes;
	enum state to;
} steps[] = {
	{ IN(STRING), " !#[]\x7f", STRING }, { IN(STRING), "\"\"", STRING_END }, { IN(STRING), "\\\\", ESCAPE },
	/* the table of well-formed characters in RFC 3629, section 4 */
	{ IN(STRING), "\xc2\xdf", TAIL_1 }, { IN(STRING), "\xe1\xec\xee\xef", TAIL_2 }, { IN(STRING), "\xf1\xf3", TAIL_3 },
	{ IN(STRING), "\xe0\xe0", TAIL_E0 }, { IN(TAIL_E0), "\xa0\xbf", TAIL_1 },
	{ IN(STRING), "\xed\xed", TAIL_ED }, { IN(TAIL_ED), "\x80\x9f", TAIL_1 },
	{ IN(STRING), "\xf0\xf0", TAIL_F0 }, { IN(TAIL_F0), "\x90\xbf", TAIL_2 },
	{ IN(STRING), "\xf4\xf4", TAIL_F4 }, { IN(TAIL_F4), "\x80\x8f", TAIL_2 },
	{ IN(TAIL_3), "\x80\xbf", TAIL_2 }, { IN(TAIL_2), "\x80\xbf", TAIL_1 }, { IN(TAIL_1), "\x80\xbf", STRING },
	{ IN(ESCAPE), "\"\"\\\\//bbffnnrrtt", STRING }, { IN(ESCAPE), "uu", HEX_4 },
	{ IN(HEX_4), "09AFaf", HEX_3 }, { IN(HEX_3), "09AFaf", HEX_2 }, { IN(HEX_2), "09AFaf", HEX_1 }, { IN(HEX_1), "09AFaf", STRING },
	/* RFC 8259: structure, numbers, literals */
	{ IN(TOP) | VALUES, "{{", OBJECT }, { VALUES, "[[", ARRAY }, { VALUES, "\"\"", VALUE_STRING }, { IN(COLON), "::", VALUE },
	{ IN(NAME_OR_END) | IN(NAME), "\"\"", NAME_STRING }, { IN(MEMBER_END), ",,", NAME }, { IN(NAME_OR_END) | IN(MEMBER_END), "}}", END },
	{ IN(ITEM_END), ",,", VALUE }, { IN(VALUE_OR_END) | IN(ITEM_END), "]]", END },
	{ VALUES, "--", MINUS }, { VALUES | IN(MINUS), "00", ZERO }, { VALUES | IN(MINUS), "19", INTEGER }, { IN(INTEGER), "09", INTEGER },
	{ IN(ZERO) | IN(INTEGER), "..", POINT }, { IN(POINT) | IN(FRACTION), "09", FRACTION },
	{ IN(ZERO) | IN(INTEGER) | IN(FRACTION), "EEee", EXPONENT }, { IN(EXPONENT), "++--", SIGN },
	{ IN(EXPONENT) | IN(SIGN) | IN(POWER), "09", POWER },
	{ VALUES, "tt", TRUE_R }, { IN(TRUE_R), "rr", TRUE_U }, { IN(TRUE_U), "uu", LAST_E }, { IN(LAST_E), "ee", VALUE_END },
	{ VALUES, "ff", FALSE_A }, { IN(FALSE_A), "aa", FALSE_L }, { IN(FALSE_L), "ll", FALSE_S }, { IN(FALSE_S), "ss", LAST_E },
	{ VALUES, "nn", NULL_U }, { IN(NULL_U), "uu", NULL_L }, { IN(NULL_L), "ll", LAST_L }, { IN(LAST_L), "ll", VALUE_END },
};

void payload_scan_init(struct payload_scan *s)
{
	memset(s, 0, offsetof(struct payload_scan, bytes));
}

/* 1: the object is complete; 0; -E2BIG. */
static int enter_state(struct payload_scan *s, enum state next)
{
	switch (next) {
	case OBJECT:
	case ARRAY:
		if (s->depth == PAYLOAD_DEPTH_MAX)
			return -E2BIG;
		s->depth++;
		s->objects = s->objects << 1 | (next == OBJECT);
		next = next == OBJECT ? NAME_OR_END : VALUE_OR_END;
		break;
	case NAME_STRING:
	case VALUE_STRING:
		s->in_name = next == NAME_STRING;
		next = STRING;
		break;
	case END:
		s->depth--;
		s->objects >>= 1;
		break;
	default:
		break;
	}
	if (next == STRING_END && s->in_name)
		next = COLON;
	if (next == STRING_END || next == VALUE_END || next == END)
		next = s->objects & 1 ? MEMBER_END : ITEM_END;
	s->state = (unsigned char)next;
	return s->depth == 0;
}

static bool is_among(unsigned char c, const char *bytes)
{
	for (; *bytes; bytes += 2)
		if (c >= (unsigned char)bytes[0] && c <= (unsigned char)bytes[1])
			return true;
	return false;
}

static int scan_byte(struct payload_scan *s, unsigned char c)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].from & IN(s->state) && is_among(c, steps[i].bytes))
			return enter_state(s, steps[i].to);
	/* only the byte behind a number says that it has ended */
	if (NUMBERS & IN(s->state)) {
		(void)enter_state(s, VALUE_END);
		return scan_byte(s, c);
	}
	return s->state < STRING && is_among(c, "  \t\n\r\r") ? 0 : -EBADMSG;
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
	JSON_EACH(j, at, array) {
		int r = j->tokens[at].type == JSMN_STRING ? json_is(j, at, "seccompFd") : -EBADMSG;

		if (r < 0 || (r > 0 && found))
			return -EBADMSG;
		found |= r > 0;
		*index += !found;
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
	int state, r = decode_fds(j, &p->fd_index);

	if (r == 0)
		r = decode_pid(j, &p->pid);
	if (r == 0)
		r = decode_label(j, 0, "metadata", p->metadata);
	if (r < 0)
		return r;
	p->has_metadata = r > 0;
	state = json_find(j, 0, "state", JSMN_OBJECT);
	r = state > 0 ? decode_label(j, state, "id", p->id) : state;
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
	if (r == 0)
		r = decode_members(&j, &p);
	if (r == 0)
		*out = p;
	return r;
}
