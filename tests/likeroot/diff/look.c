/* SPDX-License-Identifier: Apache-2.0 */
/* stat and its kin: every object, flags, masks, buffers. Nothing changes, so a group shares one tree. */
#include "diff.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define CWD ((unsigned long)AT_FDCWD)

static bool wanted(const struct call *c, bool old)
{
	return c->kind == STAT && (c->layout == L_OLD) == old;
}

static void look(const struct call *c, struct args *a, bool print)
{
	long r = call_run(c, a);

	show_result(r);
	if (r == 0 && print)
		show_stat(c->layout, a->buf);
	end();
}

static void object_cases(const char *tree, bool old)
{
	for (const struct call *c = calls; c < calls + call_count; c++)
		for (size_t i = 0; wanted(c, old) && i < object_count; i++) {
			struct args a = { .dirfd = FD_TREE, .path = objects[i].name, .mask = STATX_BASIC_STATS | STATX_BTIME };

			if (objects[i].fd >= 0 || c->traits & T_FD || !begin("stat/%s/%s/%s", tree, c->name, objects[i].name))
				continue;
			a.buf = buffer_at(P_GOOD, 256);
			look(c, &a, true);
		}
}

static const char *suffix(unsigned long fd)
{
	return fd == FD_EVENT || fd == FD_EPOLL ? "@host" : fd == FD_NULL ? "@null" : "";
}

static void fd_cases(const char *tree, bool old)
{
	static const char *const paths[] = { "", NULL };

	for (const struct call *c = calls; c < calls + call_count; c++)
		for (unsigned long fd = FD_TREE; wanted(c, old) && fd <= FD_LAST; fd++)
			for (int p = 0; p < 2; p++) {
				struct args a = { .dirfd = fd, .path = paths[p], .mask = STATX_BASIC_STATS | STATX_BTIME };

				if (!(c->traits & (T_FD | T_AT)) || (c->traits & T_FD && p))
					continue;
				if (old && (fd == FD_PROC || fd == FD_MEMFD || (fd >= FD_PIPE && fd <= FD_SOCKET) || fd >= FD_EVENT))
					continue;
				if (!begin("statfd/%s/%s/%lu%s/%s", tree, c->name, fd, fd == FD_PROC ? "@host" : suffix(fd), p ? "NULL" : "empty"))
					continue;
				if (c->traits & T_AT)
					a.flags = AT_EMPTY_PATH;
				a.buf = buffer_at(P_GOOD, 256);
				look(c, &a, true);
			}
}

static void flag_cases(const char *tree, bool old)
{
	static const unsigned long flags[] = {
		0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC,
		AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, AT_SYMLINK_FOLLOW, AT_RECURSIVE, 1, 0x80000000,
		AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, AT_EMPTY_PATH | 0x10000,
		AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, 0xffffffff,
#ifdef __LP64__
		0xffffffff00000000, 0x100000000 | AT_SYMLINK_NOFOLLOW,
#endif
	};
	static const char *const paths[] = { "reg", "ln", "ldir", "dang", "loop", "", "fifo", NULL };
	static const unsigned long fds[] = {
		CWD, FD_REG, FD_OPLN, FD_DIR, -1UL,
#ifdef __LP64__
		0xffffff9c, 0x100000066,
#endif
	};

	for (const struct call *c = calls; c < calls + call_count; c++)
		for (size_t f = 0; wanted(c, old) && f < ARRAY_SIZE(flags); f++)
			for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
				for (size_t d = 0; d < ARRAY_SIZE(fds); d++) {
					struct args a = { .dirfd = fds[d], .path = paths[p], .flags = flags[f], .mask = STATX_ALL };

					if (!(c->traits & T_AT) || c->traits & T_NOFOLLOW || (p != 5 && p != 7 && d > 0 && d != 5))
						continue;
					if (!begin("statflags/%s/%s/%lx/%s/%lx", tree, c->name, flags[f], paths[p] ? paths[p] : "NULL", fds[d]))
						continue;
					a.buf = buffer_at(P_GOOD, 256);
					look(c, &a, true);
				}
}

static void mask_cases(const char *tree)
{
	static const unsigned long masks[] = {
		0, STATX_BASIC_STATS, STATX_ALL, STATX_BTIME, STATX_UID, STATX_GID, STATX_UID | STATX_GID, STATX_MODE, STATX_TYPE,
		STATX_CTIME, STATX_INO, STATX_MNT_ID, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000, 0x5000, 0x7fffffff, 0x80000000, 0xffffffff,
		0x800007ff,
#ifdef __LP64__
		0x1000007ff,
#endif
	};
	static const char *const paths[] = { "reg", "dir", "ln", "fifo", "suid", "", "none" };

	for_each_call(c, STAT)
		for (size_t m = 0; m < ARRAY_SIZE(masks); m++)
			for (size_t p = 0; p < ARRAY_SIZE(paths); p++) {
				struct args a = { .dirfd = CWD, .path = paths[p], .mask = masks[m] };

				if (c->layout != L_STATX || !begin("statmask/%s/%s/%lx/%s", tree, c->name, masks[m], paths[p]))
					continue;
				if (p == 5) {
					a.dirfd = m % 2 ? FD_PIPE : FD_MEMFD;
					a.flags = AT_EMPTY_PATH;
				}
				a.buf = buffer_at(P_GOOD, 256);
				look(c, &a, true);
			}
}

static size_t size_of(enum layout layout)
{
	switch (layout) {
	case L_STATX:
		return 256;
	case L_OLD:
		return 32;
	case L_STAT64:
		return 96;
	default:
		return sizeof(long) == 8 ? 144 : 64;
	}
}

/* The result where it can and where it cannot be written: for objects that are there and that are not. */
static void buffer_cases(const char *tree, bool old)
{
	static const char *const paths[] = { "reg", "ln", "fifo", "dir/none", "loop" };

	for (const struct call *c = calls; c < calls + call_count; c++)
		for (size_t p = 0; wanted(c, old) && p < ARRAY_SIZE(paths); p++)
			for (enum place place = 0; place < P_COUNT; place++) {
				struct args a = { .dirfd = CWD, .path = paths[p], .mask = STATX_BASIC_STATS | STATX_BTIME };

				if (c->traits & T_FD)
					a.dirfd = p == 0 ? FD_REG : p == 1 ? FD_OPLN : FD_OPFIFO;
				if ((c->traits & T_FD && p > 2) || !begin("statbuf/%s/%s/%s/%s", tree, c->name, paths[p], place_names[place]))
					continue;
				a.buf = buffer_at(place, size_of(c->layout));
				/* behind P_END nothing can be read */
				look(c, &a, place != P_END);
			}
}

static void all(bool old)
{
	for (unsigned int what = 0; what <= TREE_OWNED; what += TREE_OWNED) {
		const char *tree = what ? "owned" : "plain";

		tree_build(what | TREE_ANON);
		object_cases(tree, old);
		fd_cases(tree, old);
		flag_cases(tree, old);
		buffer_cases(tree, old);
		if (!old)
			mask_cases(tree);
		tree_remove();
	}
}

void stat_cases(void)
{
	all(false);
}

void old_stat_cases(void)
{
	all(true);
}
