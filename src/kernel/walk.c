/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/limits.h"
#include "kernel/inode.h"
#include "kernel/task.h"

/* The number of the root directory of every procfs: PROC_ROOT_INO in the kernel. */
#define PROCFS_ROOT_INO 1

struct walk {
	const struct task *t;
	int dir;                 /* where the next component is looked up */
	bool own;                /* dir is in the kept /proc, below the caller's own directory */
	bool follow;
	unsigned int links;
	size_t at;               /* the next component in rest */
	char rest[2 * PATH_MAX]; /* what is left of the path, with links expanded */
	char name[NAME_MAX + 1];
};

/* Takes the next component: its length, 0 at the end; -ENAMETOOLONG. */
static int next_name(struct walk *w)
{
	size_t n;

	w->at += strspn(w->rest + w->at, "/");
	n = strcspn(w->rest + w->at, "/");
	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(w->name, w->rest + w->at, n);
	w->name[n] = '\0';
	w->at += n;
	return (int)n;
}

/* Replaces the component just taken by the text of a link. */
static int expand(struct walk *w, int link)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target));
	size_t left = strlen(w->rest + w->at);

	if (n <= 0)
		return n < 0 ? -errno : -ENOENT;
	if ((size_t)n >= sizeof(target) || (size_t)n + left >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + n, w->rest + w->at, left + 1);
	memcpy(w->rest, target, (size_t)n);
	w->at = 0;
	if (target[0] == '/') {
		int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root < 0)
			return -errno;
		replace_fd(&w->dir, root);
	}
	return 0;
}

static int step_to(struct walk *w, int fd, bool own)
{
	if (fd < 0)
		return fd;
	replace_fd(&w->dir, fd);
	w->own = own;
	return 0;
}

static bool is_magic(const struct walk *w)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	auto_fd fd = (int)syscall(SYS_openat2, w->dir, w->name, &how, sizeof(how));

	return fd < 0 && errno == ELOOP;
}

/* Goes on through the link w->name, open as link. 0; or an error, or WALK_FOREIGN. */
static int follow_link(struct walk *w, int link)
{
	struct stat dir;

	if (++w->links > LIMIT_SYMLINKS)
		return -ELOOP;
	if (w->own) { /* all links below /proc/TGID are magic; these are the caller's */
		int fd = openat(w->dir, w->name, O_PATH | O_CLOEXEC);

		return step_to(w, fd < 0 ? -errno : fd, false);
	}
	if (!inode_is_procfs(w->dir))
		return expand(w, link);
	if (fstat(w->dir, &dir) == 0 && dir.st_ino == PROCFS_ROOT_INO) {
		if (strcmp(w->name, "self") == 0)
			return step_to(w, task_open_self(w->t, false), true);
		if (strcmp(w->name, "thread-self") == 0)
			return step_to(w, task_open_self(w->t, true), true);
	}
	return is_magic(w) ? WALK_FOREIGN : expand(w, link);
}

/* One component. 0: go on; 1: w->dir is the object; or an error. */
static int step(struct walk *w)
{
	const char *behind = w->rest + w->at;
	bool last = behind[strspn(behind, "/")] == '\0';
	auto_fd fd = -1;
	struct stat st;

	/* above the caller's own directory is the kept /proc, with every task of outside */
	if (w->own && strcmp(w->name, "..") == 0)
		return WALK_FOREIGN;
	fd = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode) && (!last || *behind == '/' || w->follow))
		return follow_link(w, fd);
	if ((!last || *behind == '/') && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	replace_fd(&w->dir, steal_fd(&fd));
	return last;
}

int walk_open(const struct task *t, int start, const char *path, bool follow, bool *own)
{
	struct walk w = { .t = t, .dir = -1, .follow = follow };
	auto_fd dir = -1;
	int r;

	if (path[0] == '\0')
		return -ENOENT;
	w.dir = path[0] == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : fcntl(start, F_DUPFD_CLOEXEC, 0);
	if (w.dir < 0)
		return -errno;
	strcpy(w.rest, path);
	do {
		r = next_name(&w);
		if (r == 0)
			r = 1;
		else if (r > 0)
			r = step(&w);
	} while (r == 0);
	dir = w.dir;
	*own = w.own;
	return r < 0 ? r : steal_fd(&dir);
}
