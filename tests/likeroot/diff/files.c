/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random calls that make, name, change and remove files of every type, by several users, in a few directories; behind each call, all that there is.
 * Everybody may do everything with every file here, as far as modes go, for those are not compared: see docs/limits.md.
 */
#include "create.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "diff.h"
#include "ids.h"

#define DIRS 3
#define NAMES 4
#define FILES 3 /* descriptors */
#define FD_FILE 140
#define STEPS 300

static struct seq seq;
static bool is_tmpfs;

static const struct actor {
	uid_t uid;
	gid_t gid, group; /* and a supplementary one */
} actors[] = { { 0, 0, 0 }, { 0, 50, 60 }, { 1000, 1000, 50 }, { 1001, 60, 60 }, { 0, 0, 0 } };

static const mode_t modes[] = { 0666, 0777, 06777, 02766, 01777, 0676 };

/* user::rw- user:42:rwx group::rw- group:60:rw- mask::rwx other::rw-, its short form, and one that is not valid */
static const unsigned char acls[][52] = {
	{ 2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 7, 0, 42, 0, 0, 0, 4, 0, 6, 0, 255, 255, 255, 255, 8, 0, 6, 0, 60, 0, 0, 0,
	  16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 6, 0, 255, 255, 255, 255 },
	{ 2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 4, 0, 7, 0, 255, 255, 255, 255, 32, 0, 7, 0, 255, 255, 255, 255 },
	{ 2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 4, 0, 7, 0, 255, 255, 255, 255 },
};
static const size_t acl_sizes[] = { 52, 28, 20 };

static uint32_t pick(uint32_t below)
{
	return draw(&seq, below);
}

static const char *path(void)
{
	static char paths[4][16];
	static unsigned int next;
	char *p = paths[next++ % 4];

	snprintf(p, sizeof(paths[0]), "d%u/n%u", pick(DIRS), pick(NAMES));
	return p;
}

static uid_t some_id(void)
{
	static const uid_t ids[] = { 0, 42, 50, 60, 1000, 1001, -1 };

	return ids[pick(ARRAY_SIZE(ids))];
}

static void be(const struct actor *a)
{
	if (raw(WIDE(setresuid), -1, 0, -1) < 0 || raw(WIDE(setgroups), 1, &a->group) < 0 || raw(WIDE(setresgid), -1, a->gid, -1) < 0 ||
	    raw(WIDE(setresuid), -1, a->uid, -1) < 0)
		die("set ids");
}

/* Would it be opened, cut to nothing even, as by real root? See docs/limits.md. A fifo's other end is nobody's. */
static bool may_open(const char *p)
{
	struct stat st;

	if (stat(p, &st) < 0)
		return true;
	return !S_ISFIFO(st.st_mode) && !(st.st_mode & 06000) && !(is_tmpfs && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)));
}

/* So of ACLs: those of fifos and sockets are the kernel's, and tmpfs, alone, has a removed one take away S_ISGID. */
static bool may_have_acl(const char *p, bool removes)
{
	struct stat st;

	if (stat(p, &st) < 0)
		return true;
	return !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode) && !(removes && is_tmpfs && st.st_mode & 02000);
}

static long make(void)
{
	size_t n = 0, way;
	const char *p = path();
	mode_t mode = modes[pick(ARRAY_SIZE(modes))];
	long fd;

	while (create_ways[n].name)
		n++;
	way = pick((uint32_t)n);
	if (strncmp(create_ways[way].name, "bind", 4) == 0 || strcmp(create_ways[way].name, "socketcall") == 0)
		mode = 0644;
	/* no link to ".", which is one of the directories that everybody may use */
	if (strcmp(create_ways[way].name, "symlinkat") == 0)
		mode |= 1;
	out(" %s %s %o", create_ways[way].name, p, mode);
	if (create_ways[way].opens && !may_open(p))
		return 1;
	fd = create_ways[way].call(p, mode);
	if (create_ways[way].opens && fd >= 0) {
		close((int)fd);
		fd = 0;
	}
	return fd;
}

static long name_call(bool root)
{
	static const unsigned int flags[] = { 0, 0, RENAME_EXCHANGE, RENAME_NOREPLACE };
	const char *from = path(), *to = path();
	unsigned int what = pick(6), flag = flags[pick(4)];

	out(" %u %x %s %s", what, flag, from, to);
	switch (what) {
	case 0:
	case 1:
		return raw(SYS_renameat2, AT_FDCWD, from, FD_DIR, to, flag);
	case 2:
		/* whose files one may link to is decided by sysctl and modes */
		return root ? raw(SYS_linkat, AT_FDCWD, from, FD_DIR, to, 0) : 1;
	case 3:
		return raw(SYS_unlink, from);
	case 4:
		return raw(SYS_rmdir, from);
	default:
		return raw(SYS_symlinkat, pick(2) ? "../d0/n1" : "n3", AT_FDCWD, to);
	}
}

static long owner_call(void)
{
	const char *p = path();
	uid_t uid = some_id(), gid = some_id();
	unsigned int what = pick(4);
	int fd = FD_FILE + (int)pick(FILES);

	out(" %u %s %d %d:%d", what, p, fd, (int)uid, (int)gid);
	switch (what) {
	case 0:
		return raw(WIDE(chown), p, uid, gid);
	case 1:
		return raw(WIDE(lchown), p, uid, gid);
	case 2:
		return raw(SYS_fchownat, fd, "", uid, gid, AT_EMPTY_PATH);
	default:
		return raw(SYS_fchownat, FD_DIR, p, uid, gid, AT_SYMLINK_NOFOLLOW);
	}
}

static long other_call(bool root)
{
	const char *p = path(), *name = pick(2) ? "system.posix_acl_access" : "system.posix_acl_default";
	unsigned int what = pick(root ? 8 : 6), acl = pick(3);
	mode_t mode = modes[pick(ARRAY_SIZE(modes))];
	int fd = FD_FILE + (int)pick(FILES);
	long r;

	out(" %u %s %o %d %u %s", what, p, mode, fd, acl, name);
	switch (what) {
	case 0:
		return raw(SYS_chmod, p, mode);
	case 1:
		return raw(SYS_fchmodat, FD_DIR, p, mode);
	case 2:
		r = raw(SYS_openat, AT_FDCWD, p, O_PATH | O_NOFOLLOW);
		if (r >= 0)
			put_fd((int)r, fd);
		return r < 0 ? r : 0;
	case 3:
		r = may_open(p) ? raw(SYS_openat, AT_FDCWD, p, O_CREAT | O_RDWR | O_TRUNC, mode) : -ECANCELED;
		if (r >= 0)
			close((int)r);
		return r < 0 ? r : 0;
	case 4:
		return may_have_acl(p, false) ? raw(SYS_setxattr, p, name, acls[acl], acl_sizes[acl], 0) : -ECANCELED;
	case 5:
		return may_have_acl(p, true) ? raw(SYS_lremovexattr, p, name) : -ECANCELED;
	case 6:
		return raw(SYS_setxattr, p, "trusted.x", "value", acl + 1, acl);
	default:
		/* /dev/shm lets nobody open devices, while we do, see docs/limits.md */
		if (is_tmpfs || pick(2))
			return raw(SYS_mknodat, FD_DIR, p, S_IFBLK | mode, makedev(259, 70000));
		return raw(SYS_mknodat, FD_DIR, p, S_IFCHR | mode, makedev(1, 3));
	}
}

static void show_xattrs(const char *p)
{
	static const char *const names[] = { "system.posix_acl_access", "system.posix_acl_default", "trusted.x" };
	char bytes[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ssize_t n = lgetxattr(p, names[i], bytes, sizeof(bytes));

		for (ssize_t k = 4; i < 2 && k + 2 < n; k += 8)
			out(" %d%d", bytes[k], bytes[k + 2]);
		if (n >= 0)
			out(" %zu:%zd", i, n);
	}
}

static void show_all(void)
{
	char p[16], target[32];
	struct stat st;

	for (unsigned int i = 0; i < DIRS * NAMES; i++) {
		snprintf(p, sizeof(p), "d%u/n%u", i / NAMES, i % NAMES);
		if (lstat(p, &st) < 0)
			continue;
		out(" %u=%o %u:%u %u", i, st.st_mode, st.st_uid, st.st_gid, (unsigned int)st.st_nlink);
		if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
			out(" %x", (unsigned int)st.st_rdev);
		if (S_ISLNK(st.st_mode))
			out(" %zd", readlink(p, target, sizeof(target)));
		else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
			show_xattrs(p);
	}
	for (int fd = FD_FILE; fd < FD_FILE + FILES; fd++)
		if (fstat(fd, &st) == 0)
			out(" fd=%o %u:%u %u", st.st_mode, st.st_uid, st.st_gid, (unsigned int)st.st_nlink);
}

static void step(void)
{
	static const mode_t masks[] = { 0, 011, 0111 };
	const struct actor *a = &actors[pick(ARRAY_SIZE(actors))];
	bool root = a->uid == 0;
	long r;

	if (!begin("%u by %u:%u,%u", (unsigned int)seq.step, a->uid, a->gid, a->group))
		return;
	umask(masks[pick(ARRAY_SIZE(masks))]);
	be(a);
	switch (pick(8)) {
	case 0:
	case 1:
		r = make();
		break;
	case 2:
	case 3:
		r = name_call(root);
		break;
	case 4:
	case 5:
		r = owner_call();
		break;
	default:
		r = other_call(root);
	}
	show_result(r);
	be(&actors[0]);
	out(" |");
	show_all();
	end();
}

static void start(const char *at, unsigned long seed)
{
	static char name[64];
	int fd;

	snprintf(name, sizeof(name), "%s/%lu", at, seed);
	umask(0);
	if ((mkdir(at, 0777) < 0 && errno != EEXIST) || mkdir(name, 0777) < 0 || chdir(name) < 0 || mkdir("d0", 0777) < 0 || mkdir("d1", 0777) < 0 ||
	    mkdir("d2", 0777) < 0 || raw(WIDE(chown), "d1", 0, 50) < 0 || chmod("d1", 02777) < 0 ||
	    setxattr("d2", "system.posix_acl_default", acls[0], acl_sizes[0], 0) < 0)
		die(name);
	fd = open(".", O_PATH | O_DIRECTORY);
	put_fd(fd, FD_DIR);
	for (int i = FD_FILE; i < FD_FILE + FILES; i++)
		close(i);
	seq = (struct seq){ .random = seed };
	set_prefix(name);
	is_tmpfs = at[1] == 'd';
}

void files_pass(unsigned long seed, unsigned long count)
{
	static const char *const places[] = { "/work/files", "/dev/shm/files" };

	memory_init();
	for (unsigned long i = 0; i < count; i++) {
		start(places[i % 2], seed + i);
		for (seq.step = 0; seq.step < STEPS; seq.step++)
			step();
	}
}
