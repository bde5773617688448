/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race-path FILE ROUTE...: another thread rewrites the path between FILE and each ROUTE, which leads out of the container or
 * would if anybody but the caller followed it. Either FILE changes and the call says so, or neither.
 */
#include "hostile.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* the path lies across two pages, which are read one after the other */
static char *path;
static const char *inside, *route;

static void rewrite(void *none)
{
	(void)none;
	strcpy(path, route);
	linger(20);
	strcpy(path, inside);
	linger(20);
}

/* lchown only where the route is no link, which it would change */
static long change(unsigned int way, bool link, uid_t id)
{
	switch (way % 3) {
	case 0:
		return sys_chown(path, id, id);
	case 1:
		return link ? sys_chown(path, id, id) : sys_lchown(path, id, id);
	default:
		return sys_fchownat(-100, path, id, id, 0);
	}
}

static void race_chown(int fd)
{
	struct race r = race_start("chown of a path that is rewritten", 300, 60, "inside", "refused");
	bool link = sys_lstat(route).r == 0;
	uid_t old = owner_of(fd);

	while (race_goes_on(&r)) {
		uid_t id = 1000 + (uid_t)r.done % 60000;
		long result = change((unsigned int)r.done, link, id);
		uid_t now_is = owner_of(fd);

		if (result == 0) {
			r.seen_before++;
			if (now_is != id)
				wrong("%s: the call succeeded, but not on %s: %u, not %u", route, inside, now_is, id);
		} else if (now_is != old) {
			wrong("%s: the call failed (%ld), but %s changed", route, result, inside);
		} else if (result == -ENOENT || result == -EACCES || result == -EPERM || result == -EINVAL || result == -ENOTDIR || result == -ELOOP) {
			r.seen_after++;
		} else {
			r.seen_neither++;
			wrong("%s: answered with %ld", route, result);
		}
		old = now_is;
	}
	race_finish(&r);
}

/*
 * What a stat says is all of the one file, or nothing. The kernel reads the path again when it is left to answer, and then shows
 * the owner that it knows, which is root.
 */
static void race_stat(int fd)
{
	struct race r = race_start("stat of a path that is rewritten", 300, 60, "inside", "refused");
	uint64_t ino = inode_of(fd);
	uid_t owner = owner_of(fd);

	while (race_goes_on(&r)) {
		struct shown s = r.done % 3 == 0 ? sys_stat(path) : r.done % 3 == 1 ? sys_fstatat(-100, path, 0) : sys_statx(-100, path, 0);

		if (s.r < 0)
			r.seen_after++;
		else if (s.ino == ino && s.uid == owner)
			r.seen_before++;
		else if (s.ino == ino && s.uid == 0)
			r.seen_neither++;
		else
			wrong("%s: stat says inode %lu, owner %u", route, (unsigned long)s.ino, s.uid);
	}
	race_finish(&r);
}

int main(int argc, char **argv)
{
	long page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct helper h;
	int fd;

	check(argc > 2 && pages != MAP_FAILED, "race-path FILE ROUTE...");
	path = pages + page - 6;
	inside = argv[1];
	fd = make_file(inside);
	for (int i = 2; i < argc; i++) {
		route = argv[i];
		printf("%s:\n", route);
		strcpy(path, inside);
		helper_start(&h, rewrite, NULL);
		race_chown(fd);
		race_stat(fd);
		helper_stop(&h);
	}
	return verdict();
}
