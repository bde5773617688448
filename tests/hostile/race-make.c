/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race-make DIR: a task of user 1000 makes objects in DIR, and one of root puts something that it made itself a moment before, 50 ms to a second, in the
 * place of each as soon as it is there. What is root's must stay root's.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAKER 1000
#define BATCH 50

static struct {
	unsigned int turn, done; /* counts of objects */
	long result;
} *shared;

static long make(unsigned int n, const char *name)
{
	int r = n % 3 == 0 ? mkdir(name, 0755) : n % 3 == 1 ? mkfifo(name, 0644) : symlink("nowhere", name);

	return r < 0 ? -errno : 0;
}

static void make_all(void)
{
	unsigned int n = 0;

	check(setgid(MAKER) == 0 && setuid(MAKER) == 0, "setuid");
	for (;;) {
		while (__atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE) == n)
			usleep(10);
		shared->result = make(n, "new");
		__atomic_store_n(&shared->done, ++n, __ATOMIC_RELEASE);
	}
}

static void discard(const char *name)
{
	check(unlink(name) == 0 || (errno == EISDIR && rmdir(name) == 0), name);
}

static void race_one(struct race *r, unsigned int n, const char *old)
{
	bool exchanged = false;
	struct shown mine, its;

	__atomic_store_n(&shared->turn, n + 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&shared->done, __ATOMIC_ACQUIRE) != n + 1)
		if (!exchanged)
			exchanged = renameat2(AT_FDCWD, old, AT_FDCWD, "new", RENAME_EXCHANGE) == 0;
	mine = sys_lstat(exchanged ? "new" : old);
	its = sys_lstat(exchanged ? old : "new");
	if (shared->result != 0 || mine.r != 0 || its.r != 0 || mine.uid != 0)
		wrong("object %u: result %ld, root's is of %u", n, shared->result, mine.uid);
	else if (its.uid == MAKER)
		r->seen_before++;
	else if (exchanged && its.uid == 0)
		r->seen_after++; /* the worker cannot find it by its name any more */
	else
		wrong("object %u: the new one is of %u", n, its.uid);
	discard("new");
	discard(old);
}

int main(int argc, char **argv)
{
	struct race r = race_start("a new object and an old one", 400, 60, "found the new one", "found the old one");
	char name[BATCH][16];
	unsigned int n = 0;
	pid_t maker;

	shared = shared_memory(sizeof(*shared));
	check(argc == 2 && chdir(argv[1]) == 0 && chmod(".", 0777) == 0, "race-make DIR");
	maker = fork();
	check(maker >= 0, "fork");
	if (maker == 0)
		make_all();
	for (bool goes_on = true; goes_on;) {
		for (unsigned int i = 0; i < BATCH; i++) {
			snprintf(name[i], sizeof(name[i]), "old%u", i);
			check(make(n + i, name[i]) == 0, name[i]);
		}
		usleep(50000);
		for (unsigned int i = 0; i < BATCH && goes_on; i++) {
			race_one(&r, n++, name[i]);
			goes_on = race_goes_on(&r);
			if (!goes_on)
				while (++i < BATCH)
					discard(name[i]);
		}
	}
	kill(maker, SIGKILL);
	waitpid(maker, NULL, 0);
	race_finish(&r);
	return verdict();
}
