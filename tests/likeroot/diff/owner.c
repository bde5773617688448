/* SPDX-License-Identifier: Apache-2.0 */
/* chown and its kin: ids, mode bits, flags, types of file. Each case has a tree of its own. */
#include "diff.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct ids {
	const char *name;
	unsigned long uid, gid;
} ids[] = {
	{ "0:0", 0, 0 }, { "42:42", 42, 42 }, { "-1:7", KEEP, 7 }, { "5:-1", 5, KEEP }, { "-1:-1", KEEP, KEEP },
	{ "65534:65534", 65534, 65534 }, { "65535:65535", 65535, 65535 }, { "65536:65537", 65536, 65537 },
	{ "4294967294:4294967294", 4294967294, 4294967294 }, { "65535:3", 65535, 3 }, { "0:9", 0, 9 }, { "9:0", 9, 0 },
	{ "99999:1", 99999, 1 }, { "2147483648:2147483647", 2147483648, 2147483647 },
#ifdef __LP64__
	{ "0x10000002a:0x10000002b", 0x10000002a, 0x10000002b }, { "0xffffffff00000000:-1L", 0xffffffff00000000, -1UL },
	{ "0x1ffffffff:0xffffffff00000007", 0x1ffffffff, 0xffffffff00000007 },
#endif
};

void owner_case(const struct call *c, const struct args *a)
{
	long r;

	tree_settle();
	r = call_run(c, a);
	show_result(r);
	if (c->traits & T_FD)
		show_fd(a->dirfd);
	else
		show_path(c->traits & T_AT ? a->dirfd : (unsigned long)AT_FDCWD, a->path, a->flags);
	tree_show_changes();
	end();
}

static struct args default_args(const char *path, unsigned long dirfd)
{
	return (struct args){ .dirfd = dirfd, .path = path, .uid = 42, .gid = 43 };
}

/* The ways to one object that an owner call can take: by name, or by an open descriptor of it. */
static bool reaches(const struct call *c, bool by_fd)
{
	return !(c->traits & T_FD) == !by_fd;
}

static void ids_cases(void)
{
	static const char *const paths[] = { "reg", "dir", "ln", "fifo", "sock", "setgid" };

	for_each_call(c, OWNER)
		for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
			for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
				struct args a = default_args(paths[p], (unsigned long)AT_FDCWD);

				/* the rest of the product says nothing new */
				if ((p > 2 && i > 7) || (c->traits & T_FD && p > 1))
					continue;
				if (!begin("ids/%s/%s/%s", c->name, paths[p], ids[i].name))
					continue;
				tree_build(0);
				if (c->traits & T_FD)
					a.dirfd = p == 0 ? FD_REG : FD_DIR;
				a.uid = ids[i].uid;
				a.gid = ids[i].gid;
				owner_case(c, &a);
				tree_remove();
			}
}

/* One change after another on the same object: halves merge, and 0:0 forgets nothing else. */
static void sequence_cases(void)
{
	static const char *const paths[] = { "reg", "dir", "ln", "fifo", "sock", "one", "withx", "dang", "loop", "sticky" };
	static const unsigned char order[] = { 1, 2, 3, 4, 10, 8, 0, 11, 2, 0, 4 };

	for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
		for_each_call(c, OWNER) {
			struct args a = default_args(paths[p], (unsigned long)AT_FDCWD);

			if (!(c->traits & T_NOFOLLOW) && p > 1)
				continue;
			if (!reaches(c, false))
				continue;
			tree_build(0);
			for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
				a.uid = ids[order[i]].uid;
				a.gid = ids[order[i]].gid;
				if (begin("sequence/%s/%s/%zu", c->name, paths[p], i))
					owner_case(c, &a);
			}
			tree_remove();
		}
}

static void mode_cases(void)
{
	static const unsigned int file_modes[] = { 0644, 04755, 02755, 02644, 06777, 06666, 0, 0400, 0444, 01777, 07777 };
	static const unsigned int dir_modes[] = { 0755, 02755, 01777, 06777, 04000, 0, 0555 };
	static const unsigned char some[] = { 0, 1, 2, 3, 4 };

	for (int dir = 0; dir < 2; dir++)
		for (size_t m = 0; m < (dir ? ARRAY_SIZE(dir_modes) : ARRAY_SIZE(file_modes)); m++)
			for_each_call(c, OWNER)
				for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
					unsigned int mode = dir ? dir_modes[m] : file_modes[m];
					struct args a = default_args(dir ? "dir" : "reg", dir ? FD_DIR : FD_REG);

					if (c->traits & T_AT)
						a.dirfd = (unsigned long)AT_FDCWD;
					if (!begin("mode/%s/%s/%04o/%s", c->name, (const char *)a.path, mode, ids[some[i]].name))
						continue;
					tree_build(0);
					a.uid = ids[some[i]].uid;
					a.gid = ids[some[i]].gid;
					if (chmod(a.path, mode) < 0)
						die("chmod");
					owner_case(c, &a);
					tree_remove();
				}
}

static void flag_cases(void)
{
	static const unsigned long flags[] = {
		0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT, AT_SYMLINK_FOLLOW, 1, 2,
		AT_STATX_FORCE_SYNC, AT_EMPTY_PATH | AT_NO_AUTOMOUNT, 0x80000000, 0xffffffff,
#ifdef __LP64__
		0x100000000, 0x100000000 | AT_EMPTY_PATH, 0xffffffff00000000 | AT_SYMLINK_NOFOLLOW,
#endif
	};
	static const char *const paths[] = { "reg", "ln", "", NULL, "nothing", "loop" };
	static const unsigned long fds[] = {
		(unsigned long)AT_FDCWD, FD_TREE, FD_DIR, FD_REG, FD_OPREG, FD_OPLN, FD_OPDIR, FD_OPFIFO, FD_PIPE, FD_MEMFD, -1UL, 9999,
		0x7fffffff,
#ifdef __LP64__
		0xffffff9c, 0x100000064, 0xffffffff00000066,
#endif
	};

	for_each_call(c, OWNER)
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++)
			for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
				for (size_t d = 0; d < ARRAY_SIZE(fds); d++) {
					struct args a = default_args(paths[p], fds[d]);

					a.flags = flags[f];
					if (!(c->traits & T_AT) || c->traits & T_NOFOLLOW || (f > 4 && (p == 1 || p > 4)))
						continue;
					/* names are looked up in directories, and the bad flags always fail */
					if (p != 2 && d > 1 && d < 10 && d != 3 && d != 5)
						continue;
					if (f > 3 && d > 5)
						continue;
					if (!begin("flags/%s/%lx/%s/%lx", c->name, flags[f], paths[p] ? paths[p] : "NULL", fds[d]))
						continue;
					tree_build(fds[d] == FD_PIPE || fds[d] == FD_MEMFD ? TREE_ANON : 0);
					owner_case(c, &a);
					tree_remove();
				}
}

static bool is_hosts(unsigned long fd)
{
	return fd == FD_EVENT || fd == FD_EPOLL;
}

/* Open files, whether they have a name or not, and all the ways to them. */
static void open_file_cases(void)
{
	static const char *const formats[] = {
		"", "/proc/self/fd/%lu", "/proc/thread-self/fd/%lu", "/dev/fd/%lu", "//proc/self/./fd/%lu", "/proc/self/fd/%lu/",
	};
	char path[64];

	for_each_call(c, OWNER)
		for (unsigned long fd = FD_TREE; fd < FD_LAST; fd++)
			for (size_t f = 0; f < ARRAY_SIZE(formats); f++) {
				struct args a = default_args(path, fd);

				/* /proc is the host's */
				if (fd == FD_PROC || fd == FD_OPFIFO + 1 || fd == FD_OPFIFO + 2)
					continue;
				if (c->traits & T_FD ? f > 0 : f == 0 && !(c->traits & T_AT))
					continue;
				if (c->traits & T_NOFOLLOW && f > 1)
					continue;
				snprintf(path, sizeof(path), formats[f], fd);
				if (f == 0)
					a.flags = AT_EMPTY_PATH;
				if (!begin("open/%s/%lu%s%s", c->name, fd, path, is_hosts(fd) ? "@host" : fd == FD_NULL ? "@null" : ""))
					continue;
				tree_build(fd >= FD_PIPE ? TREE_ANON : 0);
				owner_case(c, &a);
				tree_remove();
			}
}

/* The object has a name no more, or another, when its owner changes. */
static void moved_cases(void)
{
	for_each_call(c, OWNER) {
		struct args a = default_args("/proc/self/fd/102", FD_REG);

		if (c->traits & T_NOFOLLOW || !begin("moved/%s/rename", c->name))
			continue;
		tree_build(0);
		a.flags = c->traits & T_AT ? AT_EMPTY_PATH : 0;
		if (a.flags)
			a.path = "";
		if (rename("reg", "dir/reg") < 0)
			die("rename");
		owner_case(c, &a);
		if (unlink("dir/reg") < 0)
			die("unlink");
		a.uid = 77;
		if (begin("moved/%s/unlink", c->name))
			owner_case(c, &a);
		tree_remove();
	}
}

void owner_cases(void)
{
	ids_cases();
	sequence_cases();
	mode_cases();
	flag_cases();
	open_file_cases();
	moved_cases();
}
