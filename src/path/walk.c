/* SPDX-License-Identifier: Apache-2.0 */
#include "path/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/sys.h"
#include "cred/as_caller.h"
#include "object/object.h"
#include "proc/procfs.h"
#include "proc/task.h"

struct walk {
	const struct task *t;
	int dir;                 /* where the next component is looked up */
	bool follow;
	bool below_self;         /* dir is the caller's own directory in a procfs, or below it */
	unsigned int links;
	size_t at;               /* the next component in rest */
	char rest[2 * PATH_MAX]; /* what is left of the path, with links expanded */
	char name[NAME_MAX + 2]; /* a longer one is cut to NAME_MAX + 1 bytes, with which the kernel fails as well */
};

/* Takes the next component; false at the end. */
static bool next_name(struct walk *w)
{
	size_t n, length;

	w->at += strspn(w->rest + w->at, "/");
	n = strcspn(w->rest + w->at, "/");
	length = n < sizeof(w->name) ? n : sizeof(w->name) - 1;
	memcpy(w->name, w->rest + w->at, length);
	w->name[length] = '\0';
	w->at += n;
	return n > 0;
}

/* Replaces the component just taken by the n bytes of a link. */
static int expand(struct walk *w, const char *target, size_t n)
{
	size_t left = strlen(w->rest + w->at);

	if (n + left >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + n, w->rest + w->at, left + 1);
	memcpy(w->rest, target, n);
	w->at = 0;
	if (target[0] == '/') {
		int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root < 0)
			return -errno;
		replace_fd(&w->dir, root);
	}
	return 0;
}

static int follow_text(struct walk *w, int link)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target));

	w->below_self = false;
	if (n <= 0)
		return n < 0 ? -errno : -ENOENT;
	return (size_t)n < sizeof(target) ? expand(w, target, (size_t)n) : -ENAMETOOLONG;
}

/* "self" or "thread-self" in the root of a procfs. */
static int follow_self(struct walk *w, bool thread)
{
	char target[TASK_SELF_MAX];
	int n = task_self(w->t, w->dir, thread, target);

	w->below_self = n >= 0;
	return n < 0 ? n : expand(w, target, (size_t)n);
}

static bool is_procfs_root(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_ino == PROCFS_ROOT_INO;
}

/*
 * A link that leads to an object, not to a path. The kernel lets a thread group follow its own links always, and those of others by
 * ptrace(2)'s rules, for which the worker shall have no more capabilities than the caller.
 */
static int follow_magic(struct walk *w)
{
	int owns = task_owns(w->t, w->dir);
	int r = 0, fd;

	w->below_self = false;
	/* Landlock keeps a task from those outside of its domain, in which we are not */
	if (owns < 0 || (!owns && w->t->isolation & MAY_BE_CONFINED))
		return WALK_FOREIGN;
	if (!owns)
		r = as_caller_drop_capabilities(w->t);
	if (r < 0)
		return r;
	fd = openat(w->dir, w->name, O_PATH | O_CLOEXEC);
	r = fd < 0 ? -errno : 0;
	replace_fd(&w->dir, fd);
	if (!owns && as_caller_drop_file_capabilities(w->t) < 0)
		return -ENOENT; /* the call is no longer pending */
	return r;
}

static bool is_magic(const struct walk *w)
{
	auto_fd fd = sys_openat2(w->dir, w->name, O_PATH, 0, RESOLVE_NO_MAGICLINKS);

	return fd == -ELOOP;
}

/* Goes on through the link w->name, open as link. 0; or an error, or WALK_FOREIGN. */
static int follow_link(struct walk *w, int link)
{
	if (++w->links > LIMIT_SYMLINKS)
		return -ELOOP;
	if (!object_is_procfs(w->dir))
		return follow_text(w, link);
	if (is_procfs_root(w->dir) && strcmp(w->name, "self") == 0)
		return follow_self(w, false);
	if (is_procfs_root(w->dir) && strcmp(w->name, "thread-self") == 0)
		return follow_self(w, true);
	return is_magic(w) ? follow_magic(w) : follow_text(w, link);
}

/* One component. 0: go on; 1: w->dir is the object; or an error. */
static int step(struct walk *w)
{
	const char *behind = w->rest + w->at;
	bool last = behind[strspn(behind, "/")] == '\0';
	auto_fd fd = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	/* a thread group that has lost its leader has no descriptors in /proc, where it may look itself, but not we */
	if (fd < 0 && errno == EACCES && w->below_self)
		return -ENOENT;
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (strcmp(w->name, "..") == 0)
		w->below_self = false;
	if (S_ISLNK(st.st_mode) && (!last || *behind == '/' || w->follow))
		return follow_link(w, fd);
	replace_fd(&w->dir, steal_fd(&fd));
	return last && *behind != '/';
}

/* At the end of the path: a slash there wants a directory. */
static int end(const struct walk *w)
{
	struct stat st;

	if (w->at > 0 && w->rest[w->at - 1] == '/' && (fstat(w->dir, &st) < 0 || !S_ISDIR(st.st_mode)))
		return -ENOTDIR;
	return 1;
}

int walk_open(const struct task *t, int start, const char *path, bool follow)
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
		r = next_name(&w) ? step(&w) : end(&w);
	} while (r == 0);
	dir = w.dir;
	return r < 0 ? r : steal_fd(&dir);
}
