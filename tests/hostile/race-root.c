/* SPDX-License-Identifier: Apache-2.0 */
/* race-root: another thread changes the root directory that both have, by chroot(2) and by pivot_root(2). */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int outer;

static void change_root(void *none)
{
	(void)none;
	check(chroot("/tmp/jail") == 0, "chroot");
	linger(60);
	check(fchdir(outer) == 0 && chroot(".") == 0, "chroot back");
	linger(60);
}

static void pivot(void *none)
{
	(void)none;
	check(syscall(SYS_pivot_root, "/b", "/b/old") == 0, "pivot_root");
	linger(60);
	check(syscall(SYS_pivot_root, "/old", "/old/b") == 0, "pivot_root back");
	linger(60);
}

static void race_chown(const char *name, void (*step)(void *), const int file[2])
{
	struct race r = race_start(name, 300, 60, "outer", "inner");
	uid_t old[2] = { owner_of(file[0]), owner_of(file[1]) };
	struct helper h;

	helper_start(&h, step, NULL);
	while (race_goes_on(&r)) {
		uid_t id = 1000 + (uid_t)r.done % 60000, new[2];
		long result = sys_chown("/f", id, id);

		new[0] = owner_of(file[0]);
		new[1] = owner_of(file[1]);
		if (result < 0 || (new[0] != old[0]) + (new[1] != old[1]) != 1 || (new[0] != id && new[1] != id))
			wrong("%s: result %ld, owners %u and %u, want %u", name, result, new[0], new[1], id);
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

/* A thread cannot leave the mount namespace while others share its root and working directory. */
static void try_setns(void *argument)
{
	int *fd = argument;

	if (setns(*fd, CLONE_NEWNS) == 0 || errno != EINVAL)
		wrong("setns with a shared root directory: errno %d", errno);
}

int main(void)
{
	int file[2], ns;
	struct helper h;

	outer = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	check(mkdir("/tmp/jail", 0755) == 0, "/tmp/jail");
	file[0] = make_file("/f");
	file[1] = make_file("/tmp/jail/f");
	race_chown("chroot amid a call, by another thread", change_root, file);

	ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	check(ns >= 0 && unshare(CLONE_NEWNS) == 0, "unshare");
	check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	helper_start(&h, try_setns, &ns);
	while (h.steps < 100)
		sys_chown("/f", 5, 5);
	helper_stop(&h);
	printf("setns by a thread: refused by the kernel %lu times\n", h.steps);

	check(mkdir("/tmp/m", 0755) == 0 && mount("none", "/tmp/m", "tmpfs", 0, NULL) == 0, "tmpfs");
	check(mkdir("/tmp/m/old", 0755) == 0 && mkdir("/tmp/m/b", 0755) == 0, "mkdir");
	check(syscall(SYS_pivot_root, "/tmp/m", "/tmp/m/old") == 0 && chdir("/") == 0, "first pivot_root");
	check(mount("none", "/b", "tmpfs", 0, NULL) == 0 && mkdir("/b/old", 0755) == 0, "second tmpfs");
	file[0] = make_file("/f");
	file[1] = make_file("/b/f");
	race_chown("pivot_root amid a call, by another thread", pivot, file);
	return verdict();
}
