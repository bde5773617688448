/* SPDX-License-Identifier: Apache-2.0 */
/* Where strings and buffers lie, how long they are, and which error comes first. */
#include "diff.h"

#include <fcntl.h>
#include <string.h>

#define CWD ((unsigned long)AT_FDCWD)

static bool takes_path(const struct call *c)
{
	return !(c->traits & T_FD) && (c->layout != L_OLD || small_inodes);
}

static void one(const struct call *c, struct args *a)
{
	long r;

	a->mask = 0x7ff;
	if (!a->buf)
		a->buf = buffer_at(P_GOOD, 256);
	if (!a->name)
		a->name = "user.rootlesscontainers";
	if (c->kind == OWNER) {
		owner_case(c, a);
		return;
	}
	r = call_run(c, a);
	show_result(r);
	if (c->kind == STAT && r == 0)
		show_stat(c->layout, a->buf);
	end();
}

static bool changes(const struct call *c)
{
	return c->kind == SET || c->kind == REMOVE;
}

static void place_cases(unsigned int what, bool owner)
{
	for (size_t i = 0; i < call_count; i++)
		for (enum place place = 0; place < P_COUNT; place++) {
			const struct call *c = &calls[i];
			struct args a = { .dirfd = CWD, .uid = 42, .gid = 43, .size = 200 };

			if (!takes_path(c) || changes(c) || (c->kind == OWNER) != owner ||
			    !begin("pointer/%s/%s/%s", c->name, what & TREE_OWNED ? "owned" : "plain", place_names[place]))
				continue;
			if (c->kind == OWNER)
				tree_build(what);
			a.path = string_at(place, "reg");
			one(c, &a);
			if (c->kind == OWNER)
				tree_remove();
		}
}

/* ./././reg of n bytes without its NUL */
static const char *long_path(size_t n, const char *last)
{
	static char path[9000];
	size_t at = 0, rest = strlen(last);

	for (; at + 1 < n - rest; at += 2)
		memcpy(path + at, "./", 2);
	if (at < n - rest)
		path[at++] = '/';
	strcpy(path + at, last);
	return path;
}

static const char *component(size_t n, const char *first)
{
	static char path[600];

	strcpy(path, first);
	memset(path + strlen(first), 'n', n);
	path[strlen(first) + n] = '\0';
	return path;
}

struct length {
	const char *id;
	size_t n;
	bool is_component;
	const char *text;
};

static const struct length lengths[] = {
	{ "2000", 2000, false, "reg" }, { "4094", 4094, false, "reg" }, { "4095", 4095, false, "reg" }, { "4096", 4096, false, "reg" },
	{ "4097", 4097, false, "reg" }, { "8192", 8192, false, "reg" }, { "4095-none", 4095, false, "none" }, { "4095-ln", 4095, false, "ln" },
	{ "4096-none", 4096, false, "none" }, { "4095-dirslash", 4095, false, "dir/" },
	{ "component-255", 255, true, "" }, { "component-256", 256, true, "" }, { "component-254-none", 254, true, "" },
	{ "component-256-in", 256, true, "dir/" }, { "component-256-of-file", 256, true, "reg/" }, { "component-256-none", 256, true, "none/" },
	{ "component-500", 500, true, "" }, { "component-255-in", 255, true, "ldir/" },
};

static void length_cases(unsigned int what, bool owner)
{
	for (size_t i = 0; i < call_count; i++)
		for (size_t l = 0; l < ARRAY_SIZE(lengths); l++)
			for (int placed = 0; placed < 3; placed++) {
				static const enum place places[] = { P_GOOD, P_END, P_CUT };
				const struct call *c = &calls[i];
				struct args a = { .dirfd = CWD, .uid = 42, .gid = 43, .size = 200 };
				const char *text = lengths[l].is_component ? component(lengths[l].n, lengths[l].text) :
						   long_path(lengths[l].n, lengths[l].text);

				if (!takes_path(c) || changes(c) || (c->kind == OWNER) != owner ||
				    !begin("length/%s/%s/%s/%s", c->name, what & TREE_OWNED ? "owned" : "plain", lengths[l].id,
					   place_names[places[placed]]))
					continue;
				if (c->kind == OWNER)
					tree_build(what);
				a.path = string_at(places[placed], text);
				one(c, &a);
				if (c->kind == OWNER)
					tree_remove();
			}
}

/* Two and more arguments that are wrong. */
static void precedence_cases(const char *tree)
{
	static const unsigned long flags[] = { 0, AT_EMPTY_PATH, 0x80000000, 0x6000 };
	static const unsigned long fds[] = { CWD, -1UL, FD_REG, FD_OPREG };
	static const char *const texts[] = { "reg", "none", "", NULL, "loop" };

	for (size_t i = 0; i < call_count; i++)
		for (int n = 0; n < 4 * 4 * 5 * 2; n++) {
			const struct call *c = &calls[i];
			struct args a = { .dirfd = fds[n & 3], .flags = flags[n >> 2 & 3], .uid = 42, .gid = 43, .size = n & 1 ? 3 : 200 };
			const char *text = texts[(n >> 4) % 5];

			if (changes(c) || c->kind == OWNER || (c->layout == L_OLD && !small_inodes))
				continue;
			if ((!(c->traits & (T_AT | T_FD)) && n & 3) || (!(c->traits & T_AT) && n & 12) || (c->traits & T_FD && n >> 4 > 1))
				continue;
			if (!begin("precedence/%s/%s/%lx/%lx/%s/%s", tree, c->name, a.dirfd, a.flags, text ? text : "NULL", n >= 80 ? "bad" : "good"))
				continue;
			a.path = text ? string_at(P_GOOD, text) : NULL;
			if (n >= 80) {
				a.buf = buffer_at(P_UNMAPPED, 256);
				a.name = c->kind == GET ? string_at(P_UNMAPPED, "") : NULL;
			}
			one(c, &a);
		}
}

void pointer_cases(void)
{
	for (unsigned int what = 0; what <= TREE_OWNED; what += TREE_OWNED) {
		tree_build(what | TREE_ODD);
		place_cases(what, false);
		length_cases(what | TREE_ODD, false);
		precedence_cases(what ? "owned" : "plain");
		tree_remove();
		place_cases(what, true);
		length_cases(what | TREE_ODD, true);
	}
}
