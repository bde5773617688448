/* SPDX-License-Identifier: Apache-2.0 */
/* New files of every type, by every call, of several users, in several directories: whose are they, and with which mode? */
#include "create.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "diff.h"
#include "ids.h"

static const char *base; /* the directory of all */

static void be_in(uid_t ruid, uid_t euid, gid_t gid, const gid_t *groups, size_t n)
{
	if (raw(WIDE(setgroups), n, groups) < 0 || raw(WIDE(setresgid), gid, gid, gid) < 0 || raw(WIDE(setresuid), ruid, euid, ruid) < 0)
		die("set ids");
}

static void be_user(void) { be_in(1000, 1000, 1000, (gid_t[]){ 1000, 50 }, 2); }
static void be_other(void) { be_in(1001, 1001, 1001, (gid_t[]){ 60 }, 1); }
static void be_euid(void) { be_in(0, 1000, 0, NULL, 0); }
static void be_fsuid(void) { raw(WIDE(setfsuid), 1000); }
static void be_fsgid(void) { raw(WIDE(setfsgid), 1000); }
static void be_egid(void) { raw(WIDE(setresgid), -1, 50, -1); }
static void be_root(void) { }

static void be_keeper(void)
{
	struct sets sets = { CAP_BIT(CAP_FSETID), CAP_BIT(CAP_FSETID), 0 };

	raw(SYS_prctl, PR_SET_KEEPCAPS, 1);
	be_user();
	if (set_sets(&sets) < 0)
		die("capset");
}

const struct create_user create_users[] = {
	{ "root", be_root }, { "user", be_user }, { "other", be_other }, { "euid", be_euid }, { "fsuid", be_fsuid }, { "fsgid", be_fsgid },
	{ "egid", be_egid }, { "keeper", be_keeper },
};
const size_t create_user_count = ARRAY_SIZE(create_users);

static const struct dir {
	const char *name;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	bool acl;
} dirs[] = {
	{ "plain", 0, 0, 0777, false }, { "sgid-in", 0, 50, 02777, false }, { "sgid-out", 7, 60, 03777, false },
	{ "sgid-0", 0, 0, 02777, false }, { "sticky", 8, 9, 01777, false }, { "acl", 0, 0, 0777, true }, { "sgid-acl", 0, 60, 02777, true },
};

/* user::rwx user:42:rw- group::r-x group:60:-wx mask::rwx other::--x; acl(5) has it in little endian */
static const unsigned char default_acl[] = {
	2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 6, 0, 42, 0, 0, 0, 4, 0, 5, 0, 255, 255, 255, 255, 8, 0, 3, 0, 60, 0, 0, 0,
	16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 1, 0, 255, 255, 255, 255,
};

void create_show(const char *name)
{
	char acl[256], target[128];
	struct stat st;
	ssize_t n;

	if (lstat(name, &st) < 0) {
		out(" no %s", name);
		return;
	}
	out(" %s=%o %u:%u %u %lld", name, st.st_mode, st.st_uid, st.st_gid, (unsigned int)st.st_nlink, S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_size);
	n = S_ISLNK(st.st_mode) ? readlink(name, target, sizeof(target)) : -1;
	if (n >= 0)
		out(" -> %.*s", (int)n, target);
	/* of fifos and sockets, an ACL is not kept, see docs/limits.md */
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return;
	n = getxattr(name, "system.posix_acl_access", acl, sizeof(acl));
	for (ssize_t i = 4; i + 8 <= n; i += 8)
		out(" %d:%d:%d", acl[i], acl[i + 4], acl[i + 2]);
	n = getxattr(name, "system.posix_acl_default", acl, sizeof(acl));
	if (n >= 0)
		out(" default %zd", n);
}

/* The descriptor that a call returned: where it leads, what it may. Closes it. */
void create_show_fd(long fd)
{
	char link[64], target[4200];
	struct stat st;
	ssize_t n;

	show_result(fd < 0 ? fd : 0);
	if (fd < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%ld", fd);
	n = readlink(link, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	/* a number of an inode without a name is no news */
	if (strncmp(target, base, strlen(base)) == 0)
		out(" %s", strchr(target, '#') ? "nameless" : target + strlen(base));
	/* a file made for an i386 program can be large, see docs/limits.md */
	out(" flags %x %x", fcntl((int)fd, F_GETFL) & (sizeof(long) == 4 ? ~0100000 : ~0), fcntl((int)fd, F_GETFD));
	/* a write by root in a user namespace clears set-id bits, see docs/limits.md */
	if (!(fstat((int)fd, &st) == 0 && st.st_mode & 06000) && write((int)fd, "new", 3) != 3)
		out(" %s", strerrorname_np(errno));
	close((int)fd);
}

static long bind_to(const char *path, long (*call)(int fd, void *address, long n))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX }, got = { 0 };
	socklen_t n = sizeof(got);
	long r;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ECANCELED;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(address.sun_path, path);
	r = call(fd, &address, (long)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1));
	/* through links of procfs, or where our worker is in sight, it is another name for the same, see docs/limits.md */
	if (!strstr(path, "proc") && !strstr(path, "cwd") && !(host_in_sight && strchr(path, '/')) && getsockname(fd, (struct sockaddr *)&got, &n) == 0)
		out(" named %.*s", (int)(n - 2), got.sun_path);
	close(fd);
	return r;
}

static long call_bind(int fd, void *address, long n)
{
	return raw(SYS_bind, fd, address, n);
}

static long way_open(const char *path, mode_t mode) { return raw(SYS_open, path, O_CREAT | O_EXCL | O_RDWR, mode); }
static long way_openat(const char *path, mode_t mode) { return raw(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_CLOEXEC, mode); }
static long way_creat(const char *path, mode_t mode) { return raw(SYS_creat, path, mode); }

static long way_openat2(const char *path, mode_t mode)
{
	struct open_how how = { .flags = O_CREAT | O_RDWR | O_APPEND, .mode = mode, .resolve = RESOLVE_NO_SYMLINKS };

	return raw(SYS_openat2, FD_DIR, path, &how, sizeof(how));
}

static long way_tmpfile(const char *path, mode_t mode)
{
	long fd = raw(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, mode);
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%ld", fd);
	if (fd >= 0)
		show_result(raw(SYS_linkat, AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
	return fd;
}

static long way_mkdir(const char *path, mode_t mode) { return raw(SYS_mkdir, path, mode); }
static long way_mkdirat(const char *path, mode_t mode) { return raw(SYS_mkdirat, FD_DIR, path, mode); }
static long way_reg(const char *path, mode_t mode) { return raw(SYS_mknod, path, S_IFREG | mode, 0); }
static long way_none(const char *path, mode_t mode) { return raw(SYS_mknodat, FD_DIR, path, mode, 0); }
static long way_fifo(const char *path, mode_t mode) { return raw(SYS_mknod, path, S_IFIFO | mode, 0); }
static long way_sock(const char *path, mode_t mode) { return raw(SYS_mknodat, AT_FDCWD, path, S_IFSOCK | mode, 0); }
static long way_symlink(const char *path, mode_t mode) { return raw(SYS_symlink, mode & 1 ? "some/where" : "/nowhere/", path); }
static long way_symlinkat(const char *path, mode_t mode) { return raw(SYS_symlinkat, mode & 1 ? path : ".", FD_DIR, path); }
static long way_bind(const char *path, mode_t mode) { return mode == 0644 ? bind_to(path, call_bind) : -ECANCELED; }

static long way_bind_absolute(const char *path, mode_t mode)
{
	char here[4096];

	if (mode != 0644 || !getcwd(here, sizeof(here) - 300))
		return -ECANCELED;
	strcat(strcat(here, "/"), path);
	return bind_to(here, call_bind);
}

#ifdef __i386__
static long call_socketcall(int fd, void *address, long n)
{
	return raw(SYS_socketcall, 2 /* SYS_BIND */, ((long[]){ fd, (long)address, n }));
}

static long way_socketcall(const char *path, mode_t mode) { return mode == 0644 ? bind_to(path, call_socketcall) : -ECANCELED; }
#endif

const struct create_way create_ways[] = {
	{ "open", way_open, true }, { "openat", way_openat, true }, { "openat2", way_openat2, true }, { "creat", way_creat, true },
	{ "tmpfile", way_tmpfile, true }, { "mkdir", way_mkdir, false }, { "mkdirat", way_mkdirat, false }, { "mknod reg", way_reg, false },
	{ "mknodat 0", way_none, false }, { "mknod fifo", way_fifo, false }, { "mknodat sock", way_sock, false },
	{ "symlink", way_symlink, false }, { "symlinkat", way_symlinkat, false }, { "bind", way_bind, false },
	{ "bind absolute", way_bind_absolute, false },
#ifdef __i386__
	{ "socketcall", way_socketcall, false },
#endif
	{ NULL, NULL, false },
};

void create_enter(const char *name)
{
	int fd;

	if (chdir(base) < 0 || chdir(name) < 0)
		die(name);
	fd = open(".", O_PATH | O_DIRECTORY);
	put_fd(fd, FD_DIR);
}

/* As a user in a process of its own. */
void create_as(const struct create_user *user, void (*body)(const struct create_user *user))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		user->become();
		body(user);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("a user's process");
}

static void all_ways(const struct create_user *user)
{
	static const mode_t masks[] = { 0, 022, 077, 0777 }, modes[] = { 0644, 02755, 06711, 0, 01777 };

	for (size_t d = 0; d < ARRAY_SIZE(dirs); d++) {
		create_enter(dirs[d].name);
		for (const struct create_way *way = create_ways; way->name; way++) {
			for (size_t i = 0; i < ARRAY_SIZE(masks) * ARRAY_SIZE(modes); i++) {
				mode_t mode = modes[i / ARRAY_SIZE(masks)], mask = masks[i % ARRAY_SIZE(masks)];
				long r;

				/* some of each */
				if (mode != 0644 && mask != 0 && mask != 022)
					continue;
				umask(mask);
				if (!begin("%s in %s, %s %o with %o", user->name, dirs[d].name, way->name, mode, mask))
					continue;
				r = way->call("new", mode);
				if (way->opens)
					create_show_fd(r);
				else
					show_result(r);
				out(" umask %o", umask(0));
				create_show("new");
				end();
				if (unlink("new") < 0)
					rmdir("new");
			}
		}
	}
}

static void make_dirs(const char *at)
{
	base = at;
	if (mkdir(base, 0755) < 0 || chdir(base) < 0)
		die(base);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (mkdir(dirs[i].name, 0777) < 0 || raw(WIDE(chown), dirs[i].name, dirs[i].uid, dirs[i].gid) < 0 ||
		    chmod(dirs[i].name, dirs[i].mode) < 0 ||
		    (dirs[i].acl && setxattr(dirs[i].name, "system.posix_acl_default", default_acl, sizeof(default_acl), 0) < 0))
			die(dirs[i].name);
	}
}

static void run_at(const char *at)
{
	umask(0);
	make_dirs(at);
	set_prefix(at);
	for (size_t i = 0; i < ARRAY_SIZE(create_users); i++)
		create_as(&create_users[i], all_ways);
	situations_make();
	/* root, a user, only files are another's */
	for (size_t i = 0; i < 5; i++)
		if (i != 2 && i != 3)
			create_as(&create_users[i], situations);
}

void create_pass(void)
{
	memory_init();
	run_at("/work/create");
	run_at("/dev/shm/create");
}
