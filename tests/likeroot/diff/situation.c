/* SPDX-License-Identifier: Apache-2.0 */
/* What can be in the way of a new file: names, links, flags, descriptors, limits. Afterwards only what is new is shown. */
#include "create.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "diff.h"
#include "ids.h"

static const char *const links[][2] = {
	{ "file", "to-file" }, { "new", "dangling" }, { "sub/new", "dangling-sub" }, { "sub", "to-sub" }, { "loop", "loop" },
	{ "none/new", "dangling-none" }, { "new/", "dangling-slash" }, { "../place/new", "dangling-up" }, { "to-sub/new", "dangling-link" },
	{ "/proc/self/cwd", "cwd" }, { "cwd/new", "dangling-proc" }, { ".", "dot" }, { "", "" },
};

static const char *const kept[] = { "file", "sub", "fifo", "absolute" };

void situations_make(void)
{
	char name[16], target[64];

	if (mkdir("../place", 0777) < 0 && errno != ENOENT)
		die("place");
	create_enter(".");
	if (mkdir("place", 0777) < 0)
		die("place");
	create_enter("place");
	if (mknod("file", S_IFREG | 0666, 0) < 0 || mkdir("sub", 0777) < 0 || mkfifo("fifo", 0666) < 0)
		die("place");
	if (raw(WIDE(chown), "sub", 5, 50) < 0 || chmod("sub", 02777) < 0 || raw(WIDE(chown), "file", 7, 8) < 0)
		die("sub");
	for (size_t i = 0; links[i][1][0]; i++)
		if (symlink(links[i][0], links[i][1]) < 0)
			die(links[i][1]);
	if (!getcwd(target, sizeof(target) - 16) || symlink(strcat(target, "/sub/new"), "absolute") < 0)
		die("absolute");
	/* c0 is 40 links away from new, and over is 41 */
	for (int i = 0; i < 41; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		snprintf(target, sizeof(target), i == 39 ? "new" : "c%d", i + 1);
		if (i < 40 && symlink(target, name) < 0)
			die(name);
	}
	if (symlink("c0", "over") < 0)
		die("over");
}

static bool was_there(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (strcmp(kept[i], name) == 0)
			return true;
	for (size_t i = 0; links[i][1][0]; i++)
		if (strcmp(links[i][1], name) == 0)
			return true;
	return name[0] == '.' || strcmp(name, "over") == 0 || (name[0] == 'c' && strspn(name + 1, "0123456789") == strlen(name + 1));
}

/* Shows what is new in a directory, and takes it away. */
static void sweep(const char *path)
{
	DIR *dir = opendir(path);
	char name[600];

	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (was_there(e->d_name))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		create_show(name);
		if (unlink(name) < 0)
			rmdir(name);
	}
	if (dir)
		closedir(dir);
}

static void done(void)
{
	create_enter("place");
	sweep(".");
	sweep("sub");
	create_show("file");
	if (truncate("file", 0) < 0)
		die("truncate");
	end();
}

static const struct create_user *who;

static void flags_of_open(void)
{
	static const unsigned int flags[] = {
		O_WRONLY, O_WRONLY | O_EXCL, O_WRONLY | O_NOFOLLOW, O_RDONLY | O_DIRECTORY, O_PATH, O_RDWR | O_TRUNC, O_WRONLY | O_APPEND | O_CLOEXEC,
		O_RDONLY | O_NOATIME, 3, O_RDWR | O_NONBLOCK, O_RDWR | O_SYNC, O_RDWR | O_ASYNC, O_RDWR | 0x40000000, O_RDWR | 0x20,
		O_EXCL | O_NOFOLLOW | O_RDONLY, O_TRUNC | O_RDONLY | O_EXCL, O_DSYNC | O_WRONLY, O_RDONLY | O_PATH | O_EXCL,
	};
	static const char *const names[] = {
		"new", "file", "sub", "fifo", "to-file", "dangling", "dangling-sub", "to-sub", "loop", "dangling-none", "dangling-slash", "dangling-up",
		"dangling-link", "absolute", "c0", "over", "cwd/new", "dangling-proc", "dot",
	};
	long fd = -1;

	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
			/* nobody reads from it */
			if (strcmp(names[n], "fifo") == 0 && !(flags[f] & (O_EXCL | O_NONBLOCK | O_DIRECTORY | O_PATH)))
				continue;
			/* a permission that is not emulated, see docs/limits.md */
			if (flags[f] & O_NOATIME && strstr(names[n], "file"))
				continue;
			if (!begin("%s opens %s with %x", who->name, names[n], flags[f]))
				continue;
			/* the kernel, too, may have begun a lookup anew, and then counts its links twice */
			for (int tries = 0; tries == 0 || (fd < 0 && errno == ELOOP && tries < 3); tries++)
				fd = raw(SYS_openat, f % 2 ? FD_DIR : AT_FDCWD, names[n], flags[f] | O_CREAT, 0640);
			create_show_fd(fd);
			done();
		}
	}
	for (int i = 0; i < 4; i++) {
		static const char *const places[] = { ".", "sub", "file", "none" };

		if (!begin("%s opens nothing in %s", who->name, places[i]))
			continue;
		create_show_fd(raw(SYS_open, places[i], O_TMPFILE | (i == 1 ? O_EXCL | O_RDWR : O_WRONLY), 0640));
		done();
	}
	if (begin("%s opens nothing to read", who->name)) {
		create_show_fd(raw(SYS_open, ".", O_TMPFILE | O_RDONLY, 0640));
		done();
	}
}

static void names(void)
{
	static char longest[257], too_long[258], path[4200];
	const char *const all[] = {
		"", ".", "..", "sub/.", "sub/..", "new/", "new//", "new/.", "file/", "file/new", "none/new", "sub/../new", "./new", "sub//new", "to-sub/new",
		"to-sub/", "dangling/", "dangling", "/proc/self/fd/101/new", "//proc/self/cwd/new", "cwd/sub/new", "/proc/self/new", "/proc/new", "dot/new", "loop/new",
		"over/new", longest, too_long, path, "to-file", "file", "/", "sub/new", "/proc/self/cwd/../place/sub/new", "/proc/thread-self/root/proc/self/cwd/new",
	};

	memset(longest, 'n', 255);
	memset(too_long, 'n', 256);
	for (size_t i = 0; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "./", 2);
	for (size_t n = 0; n < ARRAY_SIZE(all); n++) {
		for (const struct create_way *way = create_ways; way->name; way++) {
			long r;

			if (strcmp(way->name, "bind absolute") == 0 && strlen(all[n]) > 60)
				continue;
			if (!begin("%s, %s of %.70s", who->name, way->name, all[n]))
				continue;
			r = way->call(all[n], 0644);
			if (way->opens)
				create_show_fd(r);
			else
				show_result(r);
			done();
		}
	}
}

static void pointers(void)
{
	static const struct { const char *name; long nr, args[4]; bool opens; } calls[] = {
		{ "open", SYS_open, { -1, O_CREAT | O_RDWR, 0644, 0 }, true }, { "creat", SYS_creat, { -1, 0644, 0, 0 }, true },
		{ "mkdir", SYS_mkdir, { -1, 0755, 0, 0 }, false }, { "mknod", SYS_mknod, { -1, S_IFIFO | 0644, 0, 0 }, false },
		{ "openat", SYS_openat, { FD_DIR, -1, O_CREAT | O_RDWR, 0644 }, true }, { "mkdirat", SYS_mkdirat, { FD_DIR, -1, 0755, 0 }, false },
	};

	for (enum place p = 0; p < P_COUNT; p++) {
		for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
			long a[4], r;

			memcpy(a, calls[i].args, sizeof(a));
			for (size_t k = 0; k < 2; k++)
				if (a[k] == -1)
					a[k] = (long)string_at(p, "new");
			if (!begin("%s, %s of a name at %s", who->name, calls[i].name, place_names[p]))
				continue;
			r = raw(calls[i].nr, a[0], a[1], a[2], a[3]);
			if (calls[i].opens)
				create_show_fd(r);
			else
				show_result(r);
			done();
		}
		if (begin("%s, symlink to a text at %s", who->name, place_names[p])) {
			show_result(raw(SYS_symlink, string_at(p, "target"), "new"));
			done();
		}
		if (begin("%s, symlink of a name at %s", who->name, place_names[p])) {
			show_result(raw(SYS_symlink, "target", string_at(p, "new")));
			done();
		}
	}
}

static void openat2s(void)
{
	static const struct { const char *path; uint64_t flags, mode, resolve; size_t size; uint64_t tail; } all[] = {
		{ "new", O_CREAT | O_RDWR, 0640, 0, 24, 0 }, { "new", O_CREAT | O_RDWR, 0640, 0, 23, 0 }, { "new", O_CREAT | O_RDWR, 0640, 0, 0, 0 },
		{ "new", O_CREAT | O_RDWR, 0640, 0, 32, 0 }, { "new", O_CREAT | O_RDWR, 0640, 0, 32, 1 }, { "new", O_CREAT | O_RDWR, 0640, 0, 8192, 0 },
		{ "new", O_CREAT | O_RDWR, 010640, 0, 24, 0 }, { "new", O_RDWR, 0640, 0, 24, 0 }, { "new", O_CREAT | O_RDWR | 1ULL << 40, 0640, 0, 24, 0 },
		{ "new", O_CREAT | O_RDWR, 1ULL << 40 | 0640, 0, 24, 0 }, { "new", O_CREAT | O_RDWR, 0640, 0x1000, 24, 0 },
		{ "../place/new", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH, 24, 0 }, { "sub/../new", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH, 24, 0 },
		{ "/new", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH, 24, 0 }, { "/new", O_CREAT | O_RDWR, 0640, RESOLVE_IN_ROOT, 24, 0 },
		{ "../../sub/new", O_CREAT | O_RDWR, 0640, RESOLVE_IN_ROOT, 24, 0 }, { "to-sub/new", O_CREAT | O_RDWR, 0640, RESOLVE_NO_SYMLINKS, 24, 0 },
		{ "dangling", O_CREAT | O_RDWR, 0640, RESOLVE_NO_SYMLINKS, 24, 0 }, { "to-sub/new", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH, 24, 0 },
		{ "/dev/shm/new-one", O_CREAT | O_RDWR, 0640, RESOLVE_NO_XDEV, 24, 0 }, { "cwd/new", O_CREAT | O_RDWR, 0640, RESOLVE_NO_MAGICLINKS, 24, 0 },
		{ "new", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH | RESOLVE_IN_ROOT, 24, 0 }, { "new", O_CREAT | O_RDWR | O_EXCL, 0640, RESOLVE_CACHED, 24, 0 },
		{ ".", O_TMPFILE | O_RDWR, 0640, RESOLVE_BENEATH, 24, 0 }, { "new", O_CREAT | O_PATH, 0640, 0, 24, 0 },
		{ "new", O_CREAT | O_DIRECTORY, 0640, 0, 24, 0 }, { "sub/new", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS, 24, 0 },
		{ "new", O_CREAT | O_RDWR, 02770, 0, 24, 0 }, { "file", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH, 24, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		uint64_t how[1024] = { all[i].flags, all[i].mode, all[i].resolve, all[i].tail };

		if (!begin("%s, openat2 %zu of %s", who->name, i, all[i].path))
			continue;
		create_show_fd(raw(SYS_openat2, FD_DIR, all[i].path, how, all[i].size));
		unlink("/dev/shm/new-one");
		done();
	}
	if (begin("%s, openat2 of nowhere", who->name)) {
		create_show_fd(raw(SYS_openat2, FD_DIR, "new", NOWHERE, 24));
		done();
	}
}

static void descriptors(void)
{
	static const int fds[] = { FD_DIR, 999, -1, 500, 501 };
	struct rlimit limit, none;

	put_fd(open("file", O_RDONLY), 500);
	put_fd(open("sub", O_RDONLY | O_DIRECTORY), 501);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (begin("%s, openat at %d", who->name, fds[i])) {
			create_show_fd(raw(SYS_openat, fds[i], "new", O_CREAT | O_RDWR, 0644));
			done();
		}
		if (begin("%s, mkdirat at %d", who->name, fds[i])) {
			show_result(raw(SYS_mkdirat, fds[i], "new", 0755));
			done();
		}
		if (begin("%s, symlinkat at %d", who->name, fds[i])) {
			show_result(raw(SYS_symlinkat, "target", fds[i], "new"));
			done();
		}
	}
	close(501);
	if (begin("%s, in a directory that is gone", who->name)) {
		if (mkdir("gone", 0777) < 0 || chdir("gone") < 0 || rmdir("../gone") < 0)
			die("gone");
		create_show_fd(raw(SYS_open, "new", O_CREAT | O_RDWR, 0644));
		show_result(raw(SYS_mkdir, "new", 0755));
		show_result(raw(SYS_symlink, "target", "new"));
		done();
	}
	/* all below 500 are taken */
	getrlimit(RLIMIT_NOFILE, &limit);
	none = (struct rlimit){ 3, limit.rlim_max };
	if (begin("%s, without a descriptor left", who->name)) {
		setrlimit(RLIMIT_NOFILE, &none);
		create_show_fd(raw(SYS_open, "new", O_CREAT | O_RDWR, 0644));
		create_show_fd(raw(SYS_open, ".", O_TMPFILE | O_RDWR, 0644));
		create_show_fd(raw(SYS_open, "file", O_CREAT | O_RDWR, 0644));
		show_result(raw(SYS_mkdir, "sub/new", 0755));
		setrlimit(RLIMIT_NOFILE, &limit);
		done();
	}
	close(500);
}

static void addresses(void)
{
	static const struct { const char *name, *path; long n; sa_family_t family; } all[] = {
		{ "abstract", "\0abstract", 11, AF_UNIX }, { "autobind", "", 2, AF_UNIX }, { "short", "", 1, AF_UNIX }, { "nothing", "", 0, AF_UNIX },
		{ "without its NUL", "newer", 5, AF_UNIX }, { "with more behind", "new\0more", 11, AF_UNIX }, { "no family", "new", 6, AF_UNSPEC },
		{ "another family", "new", 6, AF_INET }, { "too large", "new", 111, AF_UNIX }, { "whole", "new", 110, AF_UNIX }, { "a file", "file", 7, AF_UNIX },
		{ "a link", "dangling", 11, AF_UNIX }, { "elsewhere", "none/new", 11, AF_UNIX }, { "a directory", "sub", 6, AF_UNIX },
		{ "in a directory", "sub/new", 10, AF_UNIX }, { "negative", "new", -1, AF_UNIX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct { struct sockaddr_un un; char more[64]; } address = { .un = { .sun_family = all[i].family } };
		struct sockaddr_un got;
		socklen_t n = sizeof(got);
		int fd;

		memcpy(address.un.sun_path, all[i].path, strlen(all[i].path) ? strlen(all[i].path) + 1 : 9);
		if (strcmp(all[i].name, "with more behind") == 0 || strcmp(all[i].name, "abstract") == 0)
			memcpy(address.un.sun_path, all[i].path, 9);
		for (int type = 0; type < 2; type++) {
			if (!begin("%s, bind%d to %s", who->name, type, all[i].name))
				continue;
			fd = socket(AF_UNIX, type ? SOCK_DGRAM : SOCK_STREAM, 0);
			show_result(raw(SYS_bind, fd, &address, all[i].n));
			n = sizeof(got);
			if (!(host_in_sight && strchr(all[i].path, '/')) && getsockname(fd, (struct sockaddr *)&got, &n) == 0)
				out(" %u %s", i == 1 ? 0 : n, n > 2 ? got.sun_path : "");
			/* one that has an address has it for ever */
			show_result(raw(SYS_bind, fd, (&(struct sockaddr_un){ AF_UNIX, "sub/new-too" }), 14));
			close(fd);
			done();
		}
	}
	if (begin("%s, bind of no socket", who->name)) {
		show_result(raw(SYS_bind, FD_DIR, (&(struct sockaddr_un){ AF_UNIX, "new" }), 6));
		show_result(raw(SYS_bind, 999, (&(struct sockaddr_un){ AF_UNIX, "new" }), 6));
		show_result(raw(SYS_bind, 999, NOWHERE, 6));
		done();
	}
}

static void types(void)
{
	static const mode_t modes[] = { S_IFDIR | 0755, S_IFLNK | 0777, 0170000 | 0644, 0030000 | 0644, S_IFREG | 0177777, 0x10000 | 0644 };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (!begin("%s, mknod %o", who->name, modes[i]))
			continue;
		show_result(raw(SYS_mknod, "new", modes[i], 0));
		done();
	}
	if (begin("%s, mkdir 0177777", who->name)) {
		show_result(raw(SYS_mkdir, "new", 0177777));
		done();
	}
	if (begin("%s, symlink to nothing", who->name)) {
		show_result(raw(SYS_symlink, "", "new"));
		done();
	}
}

void situations(const struct create_user *user)
{
	who = user;
	umask(022);
	create_enter("place");
	flags_of_open();
	names();
	pointers();
	openat2s();
	descriptors();
	addresses();
	types();
}
