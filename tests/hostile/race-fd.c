/* SPDX-License-Identifier: Apache-2.0 */
/* race-fd DIR: another thread exchanges what a descriptor stands for, by dup2(2). One object changes, or answers, as a whole. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SWAPPED 50

struct pair {
	int a, b;       /* what SWAPPED is, in turn */
	int file[2];    /* the files that change then */
	uint64_t ino[2];
	const char *below; /* the path that is used with it */
	int flags;
};

static void swap(void *argument)
{
	struct pair *p = argument;

	dup2(p->a, SWAPPED);
	linger(20);
	dup2(p->b, SWAPPED);
	linger(20);
}

static void race_chown(const char *name, struct pair *p)
{
	struct race r = race_start(name, 400, 80, "first", "second");
	uid_t old[2] = { owner_of(p->file[0]), owner_of(p->file[1]) };
	struct helper h;

	dup2(p->a, SWAPPED);
	helper_start(&h, swap, p);
	while (race_goes_on(&r)) {
		uid_t id = 1000 + (uid_t)r.done % 60000, new[2];
		long result = p->below ? sys_fchownat(SWAPPED, p->below, id, id, p->flags) : sys_fchown(SWAPPED, id, id);
		int changed;

		new[0] = owner_of(p->file[0]);
		new[1] = owner_of(p->file[1]);
		changed = (new[0] != old[0]) + (new[1] != old[1]);
		if (result < 0 || changed != 1 || (new[0] != id && new[1] != id))
			wrong("%s: result %ld, %d objects changed", name, result, changed);
		else if (new[0] == id)
			r.seen_before++;
		else
			r.seen_after++;
		old[0] = new[0];
		old[1] = new[1];
	}
	helper_stop(&h);
	race_finish(&r);
}

static void race_stat(const char *name, struct pair *p)
{
	struct race r = race_start(name, 400, 80, "first", "second");
	struct helper h;

	sys_fchown(p->file[0], 11, 11);
	sys_fchown(p->file[1], 22, 22);
	dup2(p->a, SWAPPED);
	helper_start(&h, swap, p);
	while (race_goes_on(&r)) {
		struct shown s = !p->below ? sys_fstat(SWAPPED) : r.done % 2 ? sys_fstatat(SWAPPED, p->below, p->flags)
									    : sys_statx(SWAPPED, p->below, p->flags);

		if (s.r == 0 && s.ino == p->ino[0] && s.uid == 11)
			r.seen_before++;
		else if (s.r == 0 && s.ino == p->ino[1] && s.uid == 22)
			r.seen_after++;
		else
			wrong("%s: result %ld, inode %lu with owner %u", name, s.r, (unsigned long)s.ino, s.uid);
	}
	helper_stop(&h);
	race_finish(&r);
}

static int directory(const char *path)
{
	int fd;

	check(mkdir(path, 0755) == 0 || errno == EEXIST, path);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	check(fd >= 0, path);
	return fd;
}

int main(int argc, char **argv)
{
	struct pair files = { 0 }, empty, below;

	check(argc == 2 && chdir(argv[1]) == 0, "race-fd DIR");
	below.a = directory("one");
	below.b = directory("two");
	files.file[0] = files.a = make_file("one/f");
	files.file[1] = files.b = make_file("two/f");
	files.ino[0] = inode_of(files.a);
	files.ino[1] = inode_of(files.b);
	empty = files;
	empty.below = "";
	empty.flags = AT_EMPTY_PATH;
	below.file[0] = files.file[0];
	below.file[1] = files.file[1];
	below.ino[0] = files.ino[0];
	below.ino[1] = files.ino[1];
	below.below = "f";
	below.flags = 0;
	race_chown("fchown of a descriptor that is exchanged", &files);
	race_chown("fchownat of it with an empty path", &empty);
	race_chown("fchownat below it", &below);
	race_stat("fstat of it", &files);
	race_stat("fstatat and statx of it with an empty path", &empty);
	race_stat("fstatat and statx below it", &below);
	return verdict();
}
