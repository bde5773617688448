/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum kind { OTHER, NUMBER, TEXT, MAP, ARRAY };

struct reader {
	struct reference_payload *p;
	bool wrong;      /* a member is not as it should be */
	int depth;       /* open maps and arrays */
	char name[2][32]; /* of the member that is read, on the two outer levels; "" in an array */
};

static bool named(const struct reader *r, int level, const char *name)
{
	return strcmp(r->name[level], name) == 0;
}

static void label(struct reader *r, struct reference_label *l, enum kind kind, const void *text, size_t n)
{
	l->count++;
	l->length = n;
	if (kind == TEXT)
		memcpy(l->text, text, n < sizeof(l->text) ? n : sizeof(l->text));
	else
		r->wrong = true;
}

static void pid(struct reader *r, const char *text, size_t n)
{
	char copy[32] = "";

	r->p->pids++;
	if (n == 0 || n >= sizeof(copy)) {
		r->wrong = true;
		return;
	}
	memcpy(copy, text, n);
	errno = 0;
	r->p->pid = strtoll(copy, NULL, 10);
	if (strspn(copy, "0123456789") != n || errno != 0)
		r->wrong = true;
}

static void value(struct reader *r, enum kind kind, const void *text, size_t n)
{
	struct reference_payload *p = r->p;

	p->tokens++;
	if (r->depth == 1 && named(r, 0, "fds")) {
		p->fds++;
		r->wrong |= kind != ARRAY;
	} else if (r->depth == 1 && named(r, 0, "pid")) {
		pid(r, text, kind == NUMBER ? n : 0);
	} else if (r->depth == 1 && named(r, 0, "metadata")) {
		label(r, &p->metadata, kind, text, n);
	} else if (r->depth == 1 && named(r, 0, "state")) {
		p->states++;
		r->wrong |= kind != MAP;
	} else if (r->depth == 2 && named(r, 0, "state") && named(r, 1, "id")) {
		label(r, &p->id, kind, text, n);
	} else if (r->depth == 2 && named(r, 0, "fds")) {
		r->wrong |= kind != TEXT;
		if (kind == TEXT && n == 9 && memcmp(text, "seccompFd", 9) == 0) {
			p->listeners++;
			p->listener = p->elements;
		}
		p->elements++;
	}
}

static int on_null(void *r)
{
	value(r, OTHER, NULL, 0);
	return 1;
}

static int on_boolean(void *r, int set)
{
	(void)set;
	value(r, OTHER, NULL, 0);
	return 1;
}

static int on_number(void *r, const char *text, size_t n)
{
	value(r, NUMBER, text, n);
	return 1;
}

static int on_string(void *r, const unsigned char *text, size_t n)
{
	value(r, TEXT, text, n);
	return 1;
}

static int on_start(struct reader *r, enum kind kind)
{
	value(r, kind, NULL, 0);
	if (r->depth < 2)
		r->name[r->depth][0] = '\0';
	r->depth++;
	return 1;
}

static int on_start_map(void *r)
{
	return on_start(r, MAP);
}

static int on_start_array(void *r)
{
	return on_start(r, ARRAY);
}

static int on_end(void *context)
{
	struct reader *r = context;

	r->depth--;
	return 1;
}

static int on_name(void *context, const unsigned char *text, size_t n)
{
	struct reader *r = context;
	char *name;

	r->p->tokens++;
	if (r->depth > 2)
		return 1;
	name = r->name[r->depth - 1];
	name[0] = '\0';
	if (n < sizeof(r->name[0]) && !memchr(text, '\0', n)) {
		memcpy(name, text, n);
		name[n] = '\0';
	}
	return 1;
}

void reference_payload(const unsigned char *text, size_t n, struct reference_payload *p)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null, .yajl_boolean = on_boolean, .yajl_number = on_number, .yajl_string = on_string,
		.yajl_start_map = on_start_map, .yajl_map_key = on_name, .yajl_end_map = on_end,
		.yajl_start_array = on_start_array, .yajl_end_array = on_end,
	};
	struct reader r = { .p = p };
	yajl_handle yajl = yajl_alloc(&callbacks, NULL, &r);

	memset(p, 0, sizeof(*p));
	if (!yajl)
		abort();
	yajl_config(yajl, yajl_allow_trailing_garbage, 1);
	p->broken = yajl_parse(yajl, text, n) != yajl_status_ok;
	p->consumed = yajl_get_bytes_consumed(yajl);
	p->json = !p->broken && yajl_complete_parse(yajl) == yajl_status_ok;
	yajl_free(yajl);
	p->accepted = p->json && !r.wrong && p->fds == 1 && p->listeners == 1 && p->elements <= 253 && p->pids <= 1 &&
		      p->states <= 1 && p->id.count <= 1 && p->metadata.count <= 1;
}

bool reference_utf8(const unsigned char *text, size_t n)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < n;) {
		unsigned char c = text[i++];
		int more = c < 0x80 ? 0 : c < 0xc0 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : -1;
		uint32_t code = more > 0 ? c & (0x3fU >> more) : c;

		if (more < 0 || (size_t)more > n - i)
			return false;
		for (int k = 0; k < more; k++, i++) {
			if ((text[i] & 0xc0) != 0x80)
				return false;
			code = code << 6 | (text[i] & 0x3f);
		}
		if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return false;
	}
	return true;
}
