/* SPDX-License-Identifier: Apache-2.0 */
/* xattr calls: the one that holds owners is not there, others are as ever. */
#include "diff.h"

#include <fcntl.h>
#include <string.h>

#define CWD ((unsigned long)AT_FDCWD)
#define OURS "user.rootlesscontainers"

static const char *const names[] = {
	OURS, "user.x", "user.second", "user.none", "user.rootlesscontainersX", "user.rootlesscontainer", "user.Rootlesscontainers",
	"user.", "user", "", "none.x", "rootlesscontainers",
};

static const char *const paths[] = { "withx", "setgid", "reg", "dir", "ln", "fifo", "sock", "none", "loop", "dang", "dir/" };

static void run(const struct call *c, struct args *a)
{
	long r = call_run(c, a);
	size_t n = r > 0 && a->size && c->kind != SET ? (size_t)r : 0;
	const char *bytes = a->buf;

	show_result(r);
	if (n > 0)
		out(" \"");
	for (size_t i = 0; i < n; i++)
		out(bytes[i] ? "%c" : "\\0", bytes[i]);
	if (n > 0)
		out("\"%s", is_poison(bytes + n, 16) ? "" : " beyond");
	end();
}

static void name_cases(const char *tree)
{
	static const size_t sizes[] = { 200, 0, 4, 5 };

	for_each_call(c, GET)
		for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
			for (size_t n = 0; n < ARRAY_SIZE(names); n++)
				for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
					struct args a = { .dirfd = FD_TREE, .path = paths[p], .name = names[n], .size = sizes[s] };

					if (c->traits & T_FD || (p > 2 && s > 0) || (s > 1 && n > 1))
						continue;
					if (!(c->traits & T_AT))
						a.dirfd = CWD;
					if (!begin("xattr/%s/%s/%s/%s/%zu", tree, c->name, paths[p], names[n], sizes[s]))
						continue;
					a.buf = buffer_at(P_GOOD, 256);
					run(c, &a);
				}
}

static void list_cases(const char *tree)
{
	static const size_t sizes[] = { 0, 200, 1, 6, 7, 18, 19, 20, 42, 43, 65536, 65537, 0x7fffffff, (size_t)-1 };

	for_each_call(c, LIST)
		for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
			for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
				struct args a = { .dirfd = FD_TREE, .path = paths[p], .size = sizes[s] };

				if (c->traits & T_FD)
					continue;
				if (!begin("xattrs/%s/%s/%s/%zx", tree, c->name, paths[p], sizes[s]))
					continue;
				a.buf = buffer_at(P_GOOD, 256);
				run(c, &a);
			}
}

static const char *suffix(unsigned long fd)
{
	return fd == FD_EVENT || fd == FD_EPOLL || fd == FD_PROC ? "@host" : fd == FD_NULL ? "@null" : "";
}

static void fd_cases(const char *tree)
{
	for (const struct call *c = calls; c < calls + call_count; c++)
		for (unsigned long fd = FD_TREE; fd <= FD_LAST + 1; fd++)
			for (int n = 0; n < 2; n++) {
				struct args a = { .dirfd = fd, .path = "", .name = names[n], .size = 200 };

				if (c->kind != LIST && c->kind != GET)
					continue;
				if (!(c->traits & (T_FD | T_AT)) || (c->kind == LIST && n > 0))
					continue;
				if (!begin("xattrfd/%s/%s/%lu%s/%s", tree, c->name, fd, suffix(fd), names[n]))
					continue;
				if (c->traits & T_AT)
					a.flags = AT_EMPTY_PATH;
				a.buf = buffer_at(P_GOOD, 256);
				run(c, &a);
			}
}

static void pointer_cases_of(const char *tree)
{
	static const char *const some[] = { OURS, "user.x" };
	static char longest[400];

	memset(longest, 'n', sizeof(longest) - 1);
	memcpy(longest, "user.", 5);
	for (const struct call *c = calls; c < calls + call_count; c++)
		for (int n = 0; n < 2; n++)
			for (enum place place = 0; place < P_COUNT; place++) {
				struct args a = { .dirfd = c->traits & T_FD ? FD_DIR : CWD, .path = "withx", .name = some[n], .size = 200 };

				if (c->kind != GET && c->kind != LIST)
					continue;
				a.buf = buffer_at(place, 200);
				if (begin("xattrbuf/%s/%s/%s/%s", tree, c->name, some[n], place_names[place]))
					run(c, &(struct args){ a.dirfd, 0, 0, 0, 0, place == P_END ? 184 : a.size, a.path, a.name, a.buf });
				if (c->kind == LIST || !begin("xattrname/%s/%s/%s/%s", tree, c->name, some[n], place_names[place]))
					continue;
				a.buf = buffer_at(P_GOOD, 256);
				a.name = string_at(place, some[n]);
				run(c, &a);
			}
	for_each_call(c, GET)
		for (size_t n = 250; n < 260; n++) {
			struct args a = { .dirfd = c->traits & T_FD ? FD_DIR : CWD, .path = "withx", .size = 200 };

			if (!begin("xattrlong/%s/%s/%zu", tree, c->name, n))
				continue;
			a.buf = buffer_at(P_GOOD, 256);
			a.name = string_at(P_GOOD, longest + sizeof(longest) - 1 - n);
			run(c, &a);
		}
}

/* Others' xattrs can be set and removed on an object with a recorded owner; ours cannot be removed, for it is not there. */
static void change_cases(unsigned int what)
{
	static const char *const some[] = { "user.x", "user.new", OURS };

	for (const struct call *c = calls; c < calls + call_count; c++)
		for (size_t p = 0; p < 5; p++)
			for (size_t n = 0; n < ARRAY_SIZE(some); n++) {
				struct args a = { .dirfd = c->traits & T_FD ? FD_REG : CWD, .path = paths[p], .name = some[n], .size = 3, .buf = "new" };
				struct args list = { .dirfd = CWD, .path = paths[p], .size = 200 };

				if ((c->kind != SET && c->kind != REMOVE) || (c->kind == SET && n == 2))
					continue;
				if (c->traits & T_FD && p > 0)
					continue;
				if (!begin("xattrset/%s/%s/%s/%s", what ? "owned" : "plain", c->name, paths[p], some[n]))
					continue;
				tree_build(what);
				tree_settle();
				show_result(call_run(c, &a));
				if (c->traits & T_FD)
					list.path = "reg";
				show_path(CWD, list.path, 0);
				tree_show_changes();
				for_each_call(l, LIST) {
					if (l->traits)
						continue;
					list.buf = buffer_at(P_GOOD, 256);
					out(" | list");
					run(l, &list);
				}
				tree_remove();
			}
}

void xattr_cases(void)
{
	for (unsigned int what = 0; what <= TREE_OWNED; what += TREE_OWNED) {
		const char *tree = what ? "owned" : "plain";

		tree_build(what | TREE_ANON);
		name_cases(tree);
		list_cases(tree);
		fd_cases(tree);
		pointer_cases_of(tree);
		tree_remove();
		change_cases(what);
	}
}
