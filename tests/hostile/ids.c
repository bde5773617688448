/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ids storm | exhaust MINIMUM | crowd | work PROCESSES ROUNDS: many changes of ids at once, and more different ones than are kept.
 */
#include "hostile.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 16
#define CHANGES 300 /* scaled */

static long raw_setresuid(uid_t r, uid_t e, uid_t s)
{
	long result = syscall(SYS_setresuid, r, e, s);

	return result < 0 ? -errno : result;
}

static void wait_for(int n, const char *what)
{
	int status;

	for (int i = 0; i < n; i++)
		if (wait(&status) < 0 || status != 0)
			wrong("%s: a process ended with status %x", what, status);
}

static pid_t must_fork(void)
{
	pid_t pid = fork();

	check(pid >= 0, "fork");
	return pid;
}

static unsigned long changes;

/* Without the C library's lock; we keep ids per process, so every thread may see another's, but nothing else. */
static void *raw_storm(void *number)
{
	uid_t me = 1000 + (uid_t)(intptr_t)number, r, e, s;

	for (unsigned long i = 0; i < scaled(CHANGES); i++) {
		if (raw_setresuid(me, 0, me) != 0)
			wrong("setresuid in a storm");
		if (syscall(SYS_getresuid, &r, &e, &s) != 0 || r != s || r < 1000 || r >= 1000 + THREADS || e != 0)
			wrong("ids %u,%u,%u in a storm", r, e, s);
		__atomic_fetch_add(&changes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void storm(void)
{
	pthread_t t[THREADS];
	uid_t r, e, s;

	for (intptr_t i = 0; i < THREADS; i++)
		check(pthread_create(&t[i], NULL, raw_storm, (void *)i) == 0, "pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	if (setresuid(7, 8, 9) != 0 || getresuid(&r, &e, &s) != 0 || r != 7 || e != 8 || s != 9)
		wrong("ids %u,%u,%u after the storm", r, e, s);
	at_least("changes in a storm of threads", changes, THREADS * scaled(CHANGES));
}

/* One of a process's threads sets and the C library repeats it on all: where all ids were the same, a second time would do more. */
static void *idle(void *end)
{
	char c;

	while (read(*(int *)end, &c, 1) < 0 && errno == EINTR)
		;
	return NULL;
}

static int crowd_member(void)
{
	pthread_t t[8];
	uid_t r, e, s;
	int end[2];

	check(pipe(end) == 0, "pipe");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		check(pthread_create(&t[i], NULL, idle, &end[0]) == 0, "pthread_create");
	for (unsigned long i = 0; i < scaled(20); i++) {
		check(setresuid(1000, 1000, 0) == 0, "setresuid");
		check(setuid(0) == 0, "setuid");
		if (getresuid(&r, &e, &s) != 0 || r != 1000 || e != 0 || s != 0)
			wrong("setuid(0) of a user makes %u,%u,%u", r, e, s);
		check(setuid(0) == 0, "setuid");
		if (getresuid(&r, &e, &s) != 0 || r != 0 || e != 0 || s != 0)
			wrong("setuid(0) of root makes %u,%u,%u", r, e, s);
	}
	close(end[1]);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		pthread_join(t[i], NULL);
	return verdict();
}

/* More processes than there are whose last change is remembered. */
static void crowd(void)
{
	for (int i = 0; i < 40; i++)
		if (must_fork() == 0)
			_exit(crowd_member());
	wait_for(40, "a crowd");
}

/*
 * New combinations, more than there is room for: those that no process has any more make room, a second or two after they were looked for.
 * A call that is refused meanwhile changes nothing.
 */
static void exhaust(unsigned long combinations)
{
	unsigned long made = 0, refused = 0, in_vain = 0;
	uid_t r, e, s;

	while (made < combinations && in_vain < 300) {
		long result = raw_setresuid((uid_t)(100000 + made), 0, 0);

		if (result == 0) {
			made++;
			in_vain = 0;
			continue;
		}
		if (result != -EAGAIN)
			wrong("setresuid: %ld", result);
		if (getresuid(&r, &e, &s) != 0 || r != 100000 + made - 1 || e != 0 || s != 0)
			wrong("ids %u,%u,%u after a refused change", r, e, s);
		refused++;
		in_vain++;
		usleep(100000);
	}
	printf("%lu combinations, %lu calls were refused\n", made, refused);
	at_least("combinations", made, combinations);
	if (setresuid(100000, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
		wrong("known ids cannot be set any more");
}

static uid_t id_of(int number, int round) { return (uid_t)(1 + number * 7 + round % 5); }

/* Processes with children, of which each has to have the ids that it was given. */
static int work(int number, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		uid_t id = id_of(number, i), r, e, s;
		gid_t groups[4];

		if (must_fork() == 0) {
			check(setgroups(2, (gid_t[]){ id, id + 1 }) == 0 && setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0, "set");
			if (must_fork() == 0) {
				if (getresuid(&r, &e, &s) != 0 || r != id || e != id || s != id || getgid() != id || getgroups(4, groups) != 2 ||
				    groups[0] != id || groups[1] != id + 1)
					wrong("ids %u,%u,%u instead of %u", r, e, s, id);
				if (setuid(0) == 0 || errno != EPERM)
					wrong("root again");
				_exit(verdict());
			}
			wait_for(1, "a grandchild");
			_exit(verdict());
		}
		wait_for(1, "a child");
		if (getuid() != 0)
			wrong("a child's change is the parent's");
		__atomic_fetch_add(&changes, 1, __ATOMIC_RELAXED);
	}
	return verdict();
}

static void many(int processes, int rounds)
{
	for (int i = 0; i < processes; i++)
		if (must_fork() == 0)
			_exit(work(i, rounds));
	wait_for(processes, "a worker");
	printf("%d processes, each with %d children that changed their ids and had one\n", processes, rounds);
}

int main(int argc, char **argv)
{
	check(argc > 1, "ids HOW");
	if (strcmp(argv[1], "storm") == 0)
		storm();
	else if (strcmp(argv[1], "crowd") == 0)
		crowd();
	else if (strcmp(argv[1], "exhaust") == 0)
		exhaust(strtoul(argv[2], NULL, 10));
	else
		many(atoi(argv[2]), atoi(argv[3]));
	return verdict();
}
