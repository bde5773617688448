/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

struct object objects[128];
size_t object_count;
char tree_path[256];
const char *proc = "/proc";
bool host_in_sight;
bool small_inodes;

/* atime lies in the future, so that no mount option makes a look at the object change it */
static const struct timespec times[2] = { { 2000000000, 123456789 }, { 1000000000, 987654321 } };

static const struct made {
	const char *name;
	unsigned int type, mode;
	const char *text; /* what is in it, or where it leads */
} made[] = {
	{ "reg", S_IFREG, 0644, "hello" }, { "dir", S_IFDIR, 0755, NULL },          { "dir/in", S_IFREG, 0640, "in" },
	{ "sticky", S_IFDIR, 01777, NULL }, { "setgid", S_IFDIR, 02775, NULL },     { "suid", S_IFREG, 04755, "#!" },
	{ "ln", S_IFLNK, 0, "reg" },       { "ldir", S_IFLNK, 0, "dir" },           { "dang", S_IFLNK, 0, "nowhere" },
	{ "loop", S_IFLNK, 0, "loop" },    { "fifo", S_IFIFO, 0600, NULL },         { "sock", S_IFSOCK, 0755, NULL },
	{ "one", S_IFREG, 0600, "twice" }, { "withx", S_IFREG, 0604, "x" },
};

void die(const char *what)
{
	dprintf(FD_ERR, "difftest: %s: %s\n", what, strerror(errno));
	_exit(1);
}

int put_fd(int fd, int number)
{
	if (fd < 0 || dup3(fd, number, O_CLOEXEC) < 0)
		die("descriptor");
	if (fd != number)
		close(fd);
	return number;
}

const struct object *object_find(uint64_t ino, uint32_t dev_major, uint32_t dev_minor)
{
	for (size_t i = 0; i < object_count; i++) {
		const struct object *o = &objects[i];

		if (o->ino == ino && (dev_minor == UINT32_MAX || (o->dev_major == dev_major && o->dev_minor == dev_minor)))
			return o;
	}
	return NULL;
}

static int look(const struct object *o, struct statx *stx)
{
	int flags = o->fd < 0 ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH;

	return (int)syscall(SYS_statx, o->fd < 0 ? FD_TREE : o->fd, o->fd < 0 ? o->name : "", flags,
			    STATX_BASIC_STATS | STATX_BTIME, stx);
}

static void object_look(struct object *o)
{
	struct statx stx;

	if (look(o, &stx) < 0)
		die(o->name);
	o->dev_major = stx.stx_dev_major;
	o->dev_minor = stx.stx_dev_minor;
	o->mode = stx.stx_mode;
	o->nlink = stx.stx_nlink;
	o->uid = stx.stx_uid;
	o->gid = stx.stx_gid;
	o->ino = stx.stx_ino;
	o->size = stx.stx_size;
	o->time[0] = stx.stx_atime.tv_sec;
	o->time[1] = stx.stx_mtime.tv_sec;
	o->time[2] = stx.stx_ctime.tv_sec;
	o->time[3] = stx.stx_btime.tv_sec;
	o->nsec[0] = stx.stx_atime.tv_nsec;
	o->nsec[1] = stx.stx_mtime.tv_nsec;
	o->nsec[2] = stx.stx_ctime.tv_nsec;
	o->nsec[3] = stx.stx_btime.tv_nsec;
	if (small_inodes && o->fd < FD_PIPE && o->ino > UINT16_MAX)
		die("inode number too large for oldstat");
}

void object_add(const char *name, int fd)
{
	struct object *o = &objects[object_count++];

	if (object_count >= ARRAY_SIZE(objects))
		die("too many objects");
	memset(o, 0, sizeof(*o));
	snprintf(o->name, sizeof(o->name), "%s", name);
	o->fd = fd;
	if (fd < 0 && utimensat(FD_TREE, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		die(name);
	object_look(o);
	for (int i = 0; fd < 0 && i < 2; i++) {
		o->time[i] = times[i].tv_sec;
		o->nsec[i] = (uint32_t)times[i].tv_nsec;
	}
}

void tree_show_changes(void)
{
	const char *separator = " | changed:";
	struct statx stx;

	for (size_t i = 0; i < object_count; i++) {
		const struct object *o = &objects[i];
		bool later;

		if (look(o, &stx) < 0) {
			out("%s %s{%s}", separator, o->name, strerrorname_np(errno));
			separator = "";
			continue;
		}
		later = stx.stx_ctime.tv_sec != o->time[2] || stx.stx_ctime.tv_nsec != o->nsec[2];
		if (stx.stx_mode == o->mode && stx.stx_nlink == o->nlink && stx.stx_uid == o->uid && stx.stx_gid == o->gid &&
		    stx.stx_size == o->size && !later)
			continue;
		out("%s %s{%o %u %u %u%s}", separator, o->name, stx.stx_mode, stx.stx_nlink, stx.stx_uid, stx.stx_gid,
		    later ? " ctime advanced" : "");
		separator = "";
	}
}

static void make_file(const struct made *m)
{
	int fd = open(m->name, O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (fd < 0 || write(fd, m->text, strlen(m->text)) < 0 || fchmod(fd, m->mode) < 0)
		die(m->name);
	close(fd);
}

static void make_socket(const char *name, unsigned int mode)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(name, mode) < 0)
		die(name);
	close(fd);
}

static void make(const struct made *m)
{
	if (m->type == S_IFREG)
		make_file(m);
	else if (m->type == S_IFSOCK)
		make_socket(m->name, m->mode);
	else if (m->type == S_IFLNK ? symlink(m->text, m->name) < 0 :
		 m->type == S_IFIFO ? mkfifo(m->name, m->mode) < 0 : mkdir(m->name, 0700) < 0 || chmod(m->name, m->mode) < 0)
		die(m->name);
}

static void open_tree(void)
{
	put_fd(open(".", O_RDONLY | O_DIRECTORY), FD_TREE);
	put_fd(open("dir", O_RDONLY | O_DIRECTORY), FD_DIR);
	put_fd(open("reg", O_RDWR), FD_REG);
	put_fd(open("reg", O_PATH), FD_OPREG);
	put_fd(open("ln", O_PATH | O_NOFOLLOW), FD_OPLN);
	put_fd(open("dir", O_PATH), FD_OPDIR);
	put_fd(open(proc, O_RDONLY | O_DIRECTORY), FD_PROC);
	put_fd(open("fifo", O_PATH), FD_OPFIFO);
}

static void open_anonymous(void)
{
	static const char *const names[] = { "pipe", "pipe-end", "socketpair", "memfd", "tmpfile", "unlinked" };
	int pair[2];

	if (pipe(pair) < 0)
		die("pipe");
	put_fd(pair[0], FD_PIPE);
	put_fd(pair[1], FD_PIPE + 1);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		die("socketpair");
	put_fd(pair[0], FD_SOCKET);
	close(pair[1]);
	put_fd(memfd_create("memfd", 0), FD_MEMFD);
	put_fd(open(".", O_TMPFILE | O_RDWR, 0600), FD_TMPFILE);
	put_fd(open("gone", O_CREAT | O_RDWR, 0600), FD_UNLINKED);
	put_fd(eventfd(0, 0), FD_EVENT);
	put_fd(epoll_create1(0), FD_EPOLL);
	if (unlink("gone") < 0 || mkdir("gonedir", 0755) < 0)
		die("gone");
	put_fd(open("gonedir", O_RDONLY | O_DIRECTORY), FD_RMDIR);
	if (rmdir("gonedir") < 0)
		die("gonedir");
	put_fd(open("/dev/null", O_RDWR), FD_NULL);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (i != 1)
			object_add(names[i], FD_PIPE + (int)i);
	object_add("rmdir", FD_RMDIR);
}

static void make_link(const char *name, const char *format, const char *a)
{
	char text[512];

	snprintf(text, sizeof(text), format, a);
	if (symlink(text, name) < 0)
		die(name);
	object_add(name, -1);
}

static void make_links(void)
{
	char name[24], text[24] = "reg";

	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		if (symlink(text, name) < 0)
			die(name);
		strcpy(text, name);
	}
	make_link("labs", "%s/reg", tree_path);
	make_link("lup", "../../../../../../..%s/reg", tree_path);
	make_link("lroot", "/%s", "");
	make_link("lslash", "%sdir/", "");
	make_link("lregslash", "%sreg/", "");
	make_link("llong", "%s/./././././././././././././././././././././././././././././././././reg", tree_path);
	make_link("lfd", "%s/self/fd/102", proc);
	make_link("ltfd", "%s/thread-self/fd/102", proc);
	make_link("lcwd", "%s/self/cwd/dir/in", proc);
	make_link("lself", "%s/self", proc);
	make_link("lfddir", "%s/self/fd/101", proc);
	make_link("lmounts", "%s/mounts", proc);
}

static void make_odd(void)
{
	static char longest[256];
	static const char *const names[] = { "new\nline", "\xff\xfe\x80", " ", "a b", "-n", "*", "reg (deleted)", "\\040", "..." };
	const struct made *m;

	memset(longest, 'n', sizeof(longest) - 1);
	for (size_t i = 0; i <= ARRAY_SIZE(names); i++) {
		m = &(struct made){ i < ARRAY_SIZE(names) ? names[i] : longest, S_IFREG, 0644, "odd" };
		make(m);
		if (m->name != longest)
			object_add(m->name, -1);
	}
}

/* Owners that tell the objects apart, some wider than 16 bits. */
static void make_owned(void)
{
	for (size_t i = 0; i < object_count; i++) {
		struct object *o = &objects[i];
		unsigned long uid = i % 5 ? 1000 + i : 70000 + i, gid = i % 7 ? 2000 + i : 80000 + i;

		if (syscall(SYS_fchownat, o->fd < 0 ? FD_TREE : o->fd, o->fd < 0 ? o->name : "", uid, gid,
			    o->fd < 0 ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH) < 0)
			die(o->name);
	}
}

/* Trees are kept where the file system takes long to make a new object in the place of one that has just gone. */
static bool fine_times, keeps;
static unsigned int tree_count;
static char base_path[64];

static struct timespec made_at;
static bool has_anonymous;

void tree_build(unsigned int what)
{
	/* its parent has only this one in it */
	snprintf(tree_path, sizeof(tree_path), "%s/%u", base_path, tree_count++);
	if (mkdir(tree_path, 0755) < 0)
		die(tree_path);
	strcat(tree_path, "/tree");
	if (mkdir(tree_path, 0755) < 0 || chdir(tree_path) < 0)
		die(tree_path);
	object_count = 0;
	has_anonymous = what & TREE_ANON;
	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		make(&made[i]);
	if (link("one", "two") < 0 || setxattr("withx", "user.x", "value", 5, 0) < 0 ||
	    setxattr("withx", "user.second", "another", 7, 0) < 0 || setxattr("setgid", "user.x", "of a dir", 8, 0) < 0)
		die("tree");
	open_tree();
	object_add(".", FD_TREE);
	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		object_add(made[i].name, -1);
	object_add("two", -1);
	if (what & TREE_LINKS)
		make_links();
	if (what & TREE_ODD)
		make_odd();
	if (what & TREE_ANON)
		open_anonymous();
	object_look(&objects[0]);
	if (what & TREE_OWNED)
		make_owned();
	clock_gettime(CLOCK_REALTIME, &made_at);
}

static void remove_all(int dir)
{
	DIR *d = fdopendir(dir);
	struct dirent *e;

	if (!d)
		die("fdopendir");
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type == DT_DIR)
			remove_all(openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		if (unlinkat(dir, e->d_name, e->d_type == DT_DIR ? AT_REMOVEDIR : 0) < 0)
			die(e->d_name);
	}
	closedir(d);
}

void tree_remove(void)
{
	if (chdir("/") < 0)
		die("/");
	for (int fd = FD_TREE; fd <= FD_LAST; fd++)
		close(fd);
	if (keeps)
		return;
	*strrchr(tree_path, '/') = '\0';
	remove_all(open(tree_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (rmdir(tree_path) < 0)
		die(tree_path);
}

/* Do times of this file system tell changes apart that follow one another at once? (Linux 6.13 on most) */
static bool has_fine_times(const char *dir)
{
	struct statx before, after;
	bool fine = true;

	for (int i = 0; i < 20 && fine; i++) {
		if (syscall(SYS_statx, AT_FDCWD, dir, 0, STATX_BASIC_STATS, &before) < 0 || chmod(dir, 0755) < 0 ||
		    syscall(SYS_statx, AT_FDCWD, dir, 0, STATX_BASIC_STATS, &after) < 0)
			die(dir);
		fine = memcmp(&before.stx_ctime, &after.stx_ctime, sizeof(before.stx_ctime)) != 0;
	}
	return fine;
}

void tree_init(const char *dir, bool keep)
{
	snprintf(base_path, sizeof(base_path), "%s", dir);
	keeps = keep;
	if (mkdir(dir, 0755) < 0)
		die(dir);
	fine_times = has_fine_times(dir);
}

void tree_settle(void)
{
	struct timespec now, pause = { 0, 300000 };

	if (fine_times && !has_anonymous)
		return;
	do {
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (now.tv_sec < made_at.tv_sec || (now.tv_sec == made_at.tv_sec && now.tv_nsec <= made_at.tv_nsec));
}
