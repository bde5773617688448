/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race-task killed | exec | recycled WORKER: the calling task ends amid its call, becomes another program, or its number becomes
 * another task's. What lies then at the address of its path is "poison", which must not change. Not position-independent.
 */
#include "hostile.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define POISON "/tmp/poison"
#define GOOD "/tmp/good"
#define IDS_PER_LOOP 1000

static char path[64] = POISON;
static struct {
	volatile unsigned int started, finished;
} *state;
static int good, poison;

static void call_on(unsigned int base)
{
	strcpy(path, GOOD);
	for (unsigned int i = 1; i < IDS_PER_LOOP; i++) {
		state->started = base + i;
		if (sys_chown(path, base + i, base + i) < 0)
			wrong("a chown fails");
		state->finished = base + i;
	}
	pause();
}

static void *exec_soon(void *none)
{
	while (state->started == 0)
		; /* the parent waits for that, and it would be lost with the program */
	linger(400);
	execl("/proc/self/exe", "race-task", "execed", NULL);
	return none;
}

static pid_t start_caller(unsigned int base, bool exec)
{
	pid_t pid;

	state->started = state->finished = 0;
	pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0) {
		pthread_t t;

		if (exec)
			check(pthread_create(&t, NULL, exec_soon, NULL) == 0, "pthread_create");
		call_on(base);
	}
	while (state->started == 0)
		;
	return pid;
}

/* Was a call in hand, and was it carried out? */
static bool judge(struct race *r, uid_t old)
{
	unsigned int started = state->started, finished = state->finished;
	uid_t owner = owner_of(good);

	if (!finished)
		finished = old;
	if (owner != started && owner != finished)
		wrong("owner %u, started %u, finished %u", owner, started, finished);
	else if (started == finished)
		r->seen_neither++; /* between two calls */
	else if (owner == finished)
		r->seen_before++;
	else
		r->seen_after++;
	if (owner_of(poison) != 0)
		wrong("a path was read from what came later");
	return started != finished;
}

static void killed(void)
{
	struct race r = race_start("a task is killed amid its call", 300, 30, "without effect", "with effect");

	while (race_goes_on(&r)) {
		uid_t old = owner_of(good);
		pid_t pid = start_caller((unsigned int)r.done * IDS_PER_LOOP, false);

		linger(500);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		judge(&r, old);
	}
	race_finish(&r);
}

static void exec(void)
{
	struct race r = race_start("exec amid a call, by another thread", 200, 20, "without effect", "with effect");

	while (race_goes_on(&r)) {
		uid_t old = owner_of(good);
		pid_t pid = start_caller((unsigned int)r.done * IDS_PER_LOOP, true);
		int status;

		waitpid(pid, &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
			wrong("exec: status %x", status);
		judge(&r, old);
	}
	race_finish(&r);
}

/* A process with the number of one that is gone, which has "poison" where that one had its path. */
static pid_t recycle(pid_t number)
{
	for (int i = 0; i < 5000; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (getpid() == number)
				pause();
			_exit(0);
		}
		if (pid == number)
			return pid;
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return -1;
}

/* The worker is slow: it stands still while the number becomes another's. */
static void recycled(pid_t worker)
{
	struct race r = race_start("a number is another task's when the worker goes on", 60, 1, "without effect", "with effect");
	unsigned long in_hand = 0, minimum = scaled(10);

	/* the numbers below 300 are given out once only */
	for (pid_t pid = 0; pid < 300; waitpid(pid, NULL, 0)) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		check(pid > 0, "fork");
	}
	while (race_goes_on(&r) || (in_hand < minimum && now() < r.end)) {
		uid_t old = owner_of(good);
		pid_t pid = start_caller((unsigned int)r.done * IDS_PER_LOOP, false), other;
		bool stuck;

		linger(500);
		check(kill(worker, SIGSTOP) == 0, "SIGSTOP of the worker");
		linger(2000);
		stuck = state->started != state->finished;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		other = stuck ? recycle(pid) : 0;
		kill(worker, SIGCONT);
		if (other < 0)
			die("the number does not come again");
		if (other > 0) {
			/* until the worker has seen it: a call of ours comes behind it */
			owner_of(good);
			kill(other, SIGKILL);
			waitpid(other, NULL, 0);
			in_hand++;
		}
		judge(&r, old);
	}
	at_least("numbers that came again while a call was in hand", in_hand, minimum);
	race_finish(&r);
}

int main(int argc, char **argv)
{
	check(argc > 1, "race-task HOW");
	if (strcmp(argv[1], "execed") == 0) {
		linger(300);
		return 7;
	}
	state = shared_memory(sizeof(*state));
	good = make_file(GOOD);
	poison = make_file(POISON);
	if (strcmp(argv[1], "killed") == 0)
		killed();
	else if (strcmp(argv[1], "exec") == 0)
		exec();
	else
		recycled((pid_t)strtol(argv[2], NULL, 10));
	return verdict();
}
