/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race-name DIR OUTSIDE: names change their meaning while they are looked up. OUTSIDE is the path of a directory of the host
 * in which there is a file "victim".
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct names {
	const char *a, *b; /* exchanged, or a is moved to b and back */
	bool move;
	bool eager; /* as often as can be */
};

static void flip(void *argument)
{
	struct names *n = argument;

	if (!n->eager)
		linger(30);
	if (!n->move) {
		renameat2(AT_FDCWD, n->a, AT_FDCWD, n->b, RENAME_EXCHANGE);
		return;
	}
	rename(n->a, n->b);
	linger(30);
	rename(n->b, n->a);
}

/* What the path may lead to: files, of which the second may be missing, for then the lookup has to fail. */
struct target {
	const char *name, *path;
	int dirfd, file[2];
	bool nofollow;
	struct names names;
};

static void race_chown(const struct target *t)
{
	struct race r = race_start(t->name, 400, 60, "the one", t->file[1] < 0 ? "refused" : "the other");
	uid_t old[2], new[2] = { 0 };
	struct names names = t->names;
	struct helper h;

	old[0] = owner_of(t->file[0]);
	old[1] = t->file[1] < 0 ? 0 : owner_of(t->file[1]);
	helper_start(&h, flip, &names);
	while (race_goes_on(&r)) {
		uid_t id = 1000 + (uid_t)r.done % 60000;
		long result = sys_fchownat(t->dirfd, t->path, id, id, t->nofollow ? AT_SYMLINK_NOFOLLOW : 0);
		int changed;

		new[0] = owner_of(t->file[0]);
		new[1] = t->file[1] < 0 ? 0 : owner_of(t->file[1]);
		changed = (new[0] != old[0]) + (new[1] != old[1]);
		if (changed != (result == 0) || (result == 0 && new[0] != id && new[1] != id))
			wrong("%s: result %ld, %d objects changed", t->name, result, changed);
		else if (new[0] != old[0])
			r.seen_before++;
		else if (new[1] != old[1] || (t->file[1] < 0 && (result == -ENOENT || result == -ENOTDIR)))
			r.seen_after++;
		else if (result == -ENOENT || result == -ELOOP)
			r.seen_neither++; /* between two renames */
		else
			wrong("%s: result %ld", t->name, result);
		memcpy(old, new, sizeof(old));
	}
	helper_stop(&h);
	race_finish(&r);
}

static void race_stat(const struct target *t)
{
	char name[100];
	struct race r;
	struct names names = t->names;
	uint64_t ino[2] = { inode_of(t->file[0]), t->file[1] < 0 ? 0 : inode_of(t->file[1]) };
	struct helper h;

	snprintf(name, sizeof(name), "%s (stat)", t->name);
	r = race_start(name, t->names.eager ? 40000 : 400, 60, "the one", t->file[1] < 0 ? "refused" : "the other");
	sys_fchownat(t->file[0], "", 11, 11, AT_EMPTY_PATH);
	if (t->file[1] >= 0)
		sys_fchownat(t->file[1], "", 22, 22, AT_EMPTY_PATH);
	helper_start(&h, flip, &names);
	while (race_goes_on(&r)) {
		int flags = t->nofollow ? AT_SYMLINK_NOFOLLOW : 0;
		struct shown s = r.done % 2 ? sys_fstatat(t->dirfd, t->path, flags) : sys_statx(t->dirfd, t->path, flags);

		if (s.r == 0 && s.ino == ino[0] && s.uid == 11)
			r.seen_before++;
		else if (s.r == 0 && ino[1] && s.ino == ino[1] && s.uid == 22)
			r.seen_after++;
		else if (s.r < 0 && t->file[1] < 0)
			r.seen_after++;
		else if (s.r == -ENOENT || s.r == -ELOOP || (s.r == 0 && (s.ino == ino[0] || s.ino == ino[1]) && s.uid == 0))
			r.seen_neither++; /* of 0: the kernel was left to answer, and has found another object than we */
		else
			wrong("%s: result %ld, inode %lu with owner %u", name, s.r, (unsigned long)s.ino, s.uid);
	}
	helper_stop(&h);
	race_finish(&r);
}

static void make_dir(const char *path)
{
	check(mkdir(path, 0755) == 0, path);
}

static void make_link(const char *target, const char *path)
{
	check(symlink(target, path) == 0, path);
}

static int open_path(const char *path)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	check(fd >= 0, path);
	return fd;
}

static char *join(char out[static PATH_MAX], const char *prefix, const char *a, const char *b)
{
	check(snprintf(out, PATH_MAX, "%s%s%s", prefix, a, b) < PATH_MAX, "join");
	return out;
}

int main(int argc, char **argv)
{
	char absolute[PATH_MAX], up[PATH_MAX], dir[PATH_MAX], magic[PATH_MAX];
	int one, other, link, deep, above, moved, here;

	check(argc == 3 && chdir(argv[1]) == 0, "race-name DIR OUTSIDE");
	join(absolute, argv[2], "/victim", "");
	join(up, "../../../../../../../..", argv[2], "/victim");
	join(dir, "../../../../../../../../", argv[2], "");
	join(magic, "/proc/self/root/../..", argv[2], "/victim");
	one = make_file("file");
	other = make_file("other");
	make_link(absolute, "to-absolute");
	make_link(up, "to-up");
	make_link(magic, "to-magic");
	make_link("other", "to-other");
	link = open_path("to-other");
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/b");
	make_dir("z");
	make_link(dir, "to-dir");
	moved = make_file("d/victim");
	here = make_file("z/victim");
	above = make_file("victim");
	deep = open("d/a/b", O_PATH | O_DIRECTORY | O_CLOEXEC);
	check(deep >= 0, "d/a/b");

	struct target targets[] = {
		{ "a file and a link to the host", "file", AT_FDCWD, { one, -1 }, false, { .a = "file", .b = "to-absolute" } },
		{ "a file and a link up to the host", "file", AT_FDCWD, { one, -1 }, false, { .a = "file", .b = "to-up" } },
		{ "a file and a link through /proc", "file", AT_FDCWD, { one, -1 }, false, { .a = "file", .b = "to-magic" } },
		{ "a file and a link to another", "file", AT_FDCWD, { one, other }, false, { .a = "file", .b = "to-other" } },
		{ "a file and a link, not followed", "file", AT_FDCWD, { one, link }, true, { .a = "file", .b = "to-other" } },
		{ "two files", "file", AT_FDCWD, { one, other }, false, { .a = "file", .b = "other" } },
		{ "two files, eagerly", "file", AT_FDCWD, { one, other }, true, { .a = "file", .b = "other", .eager = true } },
		{ "two files in a directory, eagerly", "./file", AT_FDCWD, { one, other }, false, { .a = "file", .b = "other", .eager = true } },
		{ "a directory and a link to the host's", "d/victim", AT_FDCWD, { moved, -1 }, false, { .a = "d", .b = "to-dir" } },
		{ "two directories", "d/victim", AT_FDCWD, { moved, here }, false, { .a = "d", .b = "z" } },
		{ "up from a directory that is moved", "../../victim", deep, { moved, here }, false, { .a = "d/a", .b = "z/a", .move = true } },
		{ "up from one that is moved higher", "../../victim", deep, { moved, above }, false, { .a = "d/a", .b = "a", .move = true } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		uint64_t first = sys_lstat(targets[i].names.a).ino;

		race_chown(&targets[i]);
		race_stat(&targets[i]);
		/* the next race shall begin as this one did */
		if (!targets[i].names.move && sys_lstat(targets[i].names.a).ino != first)
			renameat2(AT_FDCWD, targets[i].names.a, AT_FDCWD, targets[i].names.b, RENAME_EXCHANGE);
	}
	return verdict();
}
