/* SPDX-License-Identifier: Apache-2.0 */
/* mknod(2): what it makes of every type and number, for whom, and what is then seen of a device, changed of it and written to it. */
#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"

#define CWD ((unsigned long)AT_FDCWD)
#define DEV(major, minor) ((minor & 0xff) | (major) << 8 | (minor & ~0xffU) << 12)

static void root(void) { }
static void user(void)
{
	gid_t groups[] = { 5, 6 };

	if (raw(WIDE(setgroups), 2, groups) < 0 || raw(WIDE(setresgid), 43, 43, 43) < 0 || raw(WIDE(setresuid), 42, 42, 42) < 0)
		die("user");
}
static void capable_user(void)
{
	struct sets sets = { CAP_BIT(CAP_MKNOD), CAP_BIT(CAP_MKNOD), 0 };

	if (raw(SYS_prctl, PR_SET_KEEPCAPS, 1) < 0 || raw(WIDE(setresgid), 80000, 80000, 80000) < 0 ||
	    raw(WIDE(setresuid), 70000, 70000, 70000) < 0 || set_sets(&sets) < 0)
		die("capable user");
}
static void without_mknod(void)
{
	struct sets sets;

	get_sets(&sets);
	sets.effective &= ~CAP_BIT(CAP_MKNOD);
	set_sets(&sets);
}
/* what decides is in the effective set alone */
static void without_bounding(void)
{
	raw(SYS_prctl, PR_CAPBSET_DROP, CAP_MKNOD);
}
static void by_fsids(void)
{
	raw(WIDE(setfsgid), 43);
	raw(WIDE(setfsuid), 42);
}

static const struct who {
	const char *name;
	void (*become)(void);
} whos[] = {
	{ "root", root }, { "user", user }, { "user+mknod", capable_user }, { "root-mknod", without_mknod }, { "root-bounding", without_bounding },
	{ "root/fsids", by_fsids },
};

static const struct make {
	unsigned int mode, dev;
} makes[] = {
	{ S_IFCHR | 0666, DEV(1, 3) }, { S_IFBLK | 0660, DEV(259, 70000) }, { S_IFCHR | 06755, DEV(4095, 1048575) }, { S_IFBLK | 02711, DEV(8, 1) },
	{ S_IFCHR | 01600, DEV(5, 0) }, { S_IFBLK, 0 }, { S_IFCHR | 0640, 0 }, { S_IFCHR, DEV(0, 1) }, { S_IFCHR | 0644, 0x12345678 }, { S_IFBLK | 0644, 0xfff00000 },
	{ 0xfff00000 | S_IFCHR | 0600, DEV(1, 5) }, { S_IFREG | 0644, DEV(1, 3) }, { 04755, DEV(1, 3) }, { S_IFIFO | 0644, DEV(1, 3) },
	{ S_IFSOCK | 0600, 7 }, { S_IFDIR | 0755, 0 }, { S_IFLNK | 0777, 0 }, { 0170644, 0 }, { 0130644, DEV(1, 3) }, { 0010000 | 0020000, 0 },
};

/* The call by its way; the directory is the working directory and FD_TREE. */
static long make_node(int way, const char *name, unsigned int mode, unsigned int dev)
{
	switch (way) {
	case 0: return raw(SYS_mknod, name, mode, dev);
	case 1: return raw(SYS_mknodat, AT_FDCWD, name, mode, dev);
	default: return raw(SYS_mknodat, FD_TREE, name, mode, dev);
	}
}

/* All that all calls say of it, and what is said of a descriptor. */
static void show_all(const char *name)
{
	int fd = open(name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	for_each_call(c, STAT) {
		struct args a = { .dirfd = c->traits & T_FD ? (unsigned long)fd : CWD, .path = name, .mask = 0x7fffffff, .buf = buffer_at(P_GOOD, 256) };
		long r = call_run(c, &a);

		out(" | %s", c->name);
		if (r == 0)
			show_stat(c->layout, a.buf);
		else
			show_result(r);
	}
	close(fd);
}

static void make_cases(const char *where, const char *who)
{
	static const unsigned int umasks[] = { 0, 022, 077 };

	for (size_t m = 0; m < ARRAY_SIZE(makes); m++)
		for (size_t u = 0; u < ARRAY_SIZE(umasks); u++)
			for (int way = 0; way < 3; way++) {
				long r;

				if (!begin("make/%s/%s/%o/%x/%03o/%d", where, who, makes[m].mode, makes[m].dev, umasks[u], way))
					continue;
				umask(umasks[u]);
				r = make_node(way, "node", makes[m].mode, makes[m].dev);
				umask(0);
				show_result(r);
				/* at some only when they are not new any more */
				if (r == 0 && u == 0 && way == 0)
					usleep(20000);
				if (r == 0)
					show_all("node");
				unlink("node");
				end();
			}
}

/* Names with which it cannot be, and which error comes first. */
static void name_cases(const char *where, const char *who)
{
	static char longest[256], longer[257];
	static const char *const names[] = {
		"file", "dir", "dangling", "to-file", "none/x", "file/x", "dir/../x", "dangling/x", "new/", "file/", "dir/", ".", "..", "/", "", "loop/x",
		longest, longer, NULL,
	};

	memset(longest, 'n', sizeof(longest) - 1);
	memset(longer, 'n', sizeof(longer) - 1);
	for (size_t n = 0; n < ARRAY_SIZE(names); n++)
		for (size_t m = 0; m < ARRAY_SIZE(makes); m += m < 2 ? 1 : 4)
			for (int way = 0; way < 3; way += 2) {
				long r;

				if (!begin("name/%s/%s/%zu/%.20s/%o/%d", where, who, n, names[n] ? names[n] : "NULL", makes[m].mode, way))
					continue;
				r = make_node(way, names[n], makes[m].mode, makes[m].dev);
				show_result(r);
				if (r == 0)
					show_path(CWD, names[n], 0);
				if (r == 0)
					unlink(names[n]);
				end();
			}
}

/* What it keeps: its type and number, through all changes of the rest. */
static void change_cases(const char *where, const char *who)
{
	char procname[32];

	for (size_t m = 0; m < 4; m++) {
		int fd;

		if (!begin("change/%s/%s/%o", where, who, makes[m].mode))
			continue;
		show_result(make_node(0, "node", makes[m].mode, makes[m].dev));
		show_result(raw(SYS_chmod, "node", 04711));
		show_path(CWD, "node", 0);
		show_result(raw(WIDE(chown), "node", 9, 70001));
		show_path(CWD, "node", 0);
		show_result(raw(SYS_fchmodat, FD_TREE, "node", 02770));
		show_result(raw(WIDE(lchown), "node", -1, 11));
		show_path(CWD, "node", 0);
		show_result(link("node", "other"));
		show_result(rename("node", "dir/moved"));
		fd = open("dir/moved", O_PATH | O_CLOEXEC);
		snprintf(procname, sizeof(procname), "/proc/self/fd/%d", fd);
		show_result(raw(WIDE(chown), procname, 0, 0));
		show_path((unsigned long)fd, "", AT_EMPTY_PATH);
		show_path(CWD, "other", 0);
		show_result(raw(SYS_execve, "other", NULL, NULL) < 0 ? -errno : 0);
		show_result(mknod("other", S_IFIFO | 0600, 0) < 0 ? -errno : 0);
		unlink("other");
		show_path((unsigned long)fd, "", AT_EMPTY_PATH);
		unlink("dir/moved");
		close(fd);
		end();
	}
}

/* Opened as what it is, by opens that might make a file. */
static void open_cases(const char *where, const char *who)
{
	static const struct { unsigned int minor; const char *name; } nodes[] = { { 3, "null" }, { 5, "zero" }, { 7, "full" }, { 8, "random" }, { 9, "urandom" } };
	static const int flags[] = {
		O_WRONLY | O_TRUNC, O_WRONLY, O_RDWR | O_APPEND, O_RDONLY, O_RDWR | O_NONBLOCK | O_NOFOLLOW, O_WRONLY | O_EXCL, O_RDWR | O_CLOEXEC | O_SYNC,
		O_WRONLY | O_DIRECTORY,
	};

	for (size_t n = 0; n < ARRAY_SIZE(nodes); n++)
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++)
			for (int linked = 0; linked < 2; linked++) {
				char four[4] = "none";
				int fd;

				if (!begin("open/%s/%s/%s/%x/%d", where, who, nodes[n].name, flags[f], linked))
					continue;
				show_result(make_node(0, "node", S_IFCHR | 0666, DEV(1, nodes[n].minor)));
				if (linked && symlink("node", "link") < 0)
					die("link");
				fd = open(linked ? "link" : "node", flags[f] | O_CREAT, 0600);
				show_result(fd < 0 ? -errno : 0);
				if (fd >= 0) {
					show_result(write(fd, "five\n", 5) < 0 ? -errno : 5);
					show_result(read(fd, four, 4) < 0 ? -errno : 4);
					/* without O_LARGEFILE of i386; the one handed over was opened by another name */
					out(" flags=%x %x", fcntl(fd, F_GETFL) & ~(0100000 | O_NOFOLLOW), fcntl(fd, F_GETFD));
					out(" %s", nodes[n].minor > 7 ? "random" : memcmp(four, "\0\0\0\0", 4) == 0 ? "zeros" : "nothing");
					close(fd);
				}
				show_path(CWD, "node", 0);
				unlink("link");
				unlink("node");
				end();
			}
}

static void run_in(const char *where, const char *dir, unsigned int mode, uint32_t gid, const struct who *w)
{
	pid_t pid;
	int status;

	if (mkdir(dir, 0777) < 0 || raw(WIDE(chown), dir, 7, gid) < 0 || chmod(dir, mode) < 0 || chdir(dir) < 0 || mkdir("dir", 0777) < 0 ||
	    chmod("dir", 0777) < 0 || symlink("nowhere", "dangling") < 0 || symlink("file", "to-file") < 0 || symlink("loop", "loop") < 0)
		die(dir);
	close(open("file", O_CREAT | O_WRONLY, 0644));
	put_fd(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), FD_TREE);
	pid = fork();
	if (pid == 0) {
		w->become();
		make_cases(where, w->name);
		name_cases(where, w->name);
		change_cases(where, w->name);
		/* nobody opens devices of a file system with "nodev" */
		if (strncmp(dir, "/work", 5) == 0)
			open_cases(where, w->name);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("fork");
	close(FD_TREE);
}

void device_pass(void)
{
	static const struct { const char *name, *dir; unsigned int mode; uint32_t gid; } dirs[] = {
		{ "plain", "/work/device", 0777, 0 }, { "setgid", "/work/device", 02777, 5 }, { "tmpfs", "/dev/shm/device", 01777, 7 },
	};
	char dir[64];

	memory_init();
	set_prefix("device");
	for (size_t d = 0; d < ARRAY_SIZE(dirs); d++)
		for (size_t w = 0; w < ARRAY_SIZE(whos); w++) {
			snprintf(dir, sizeof(dir), "%s.%zu.%zu", dirs[d].dir, d, w);
			umask(0);
			run_in(dirs[d].name, dir, dirs[d].mode, dirs[d].gid, &whos[w]);
		}
}
