/* SPDX-License-Identifier: Apache-2.0 */
/* The C library sets ids in all threads, by a call of each: all have the same afterwards, those that come later, too. */
#include "ids.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"

#define THREADS 16

struct step {
	int by; /* which thread */
	enum { END, SETUID, SETGID, SETREUID, SETREGID, SETRESUID, SETRESGID, SETEUID, SETEGID, SETGROUPS, NEW_THREAD, FORK, STORM } call;
	uint32_t a[3];
};

static const char *const call_names[] = { "end", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "seteuid", "setegid",
					  "setgroups", "new thread", "fork", "storm" };

#define KEEP_ID UINT32_MAX

static const struct step drops[] = {
	{ 0, SETGROUPS, { 5, 6, 7 } }, { 3, SETGID, { 43 } }, { 15, SETUID, { 42 } }, { 1, SETUID, { 0 } }, { 2, SETGID, { 0 } },
	{ 2, SETGROUPS, { 1, 2, 3 } }, { 4, NEW_THREAD, { 0 } }, { 9, FORK, { 0 } }, { 0, SETREUID, { KEEP_ID, 42 } }, { 0, END, { 0 } },
};
/* setuid() as one who is not root, and then the same as root: it is not the same */
static const struct step regains[] = {
	{ 0, SETRESUID, { 1000, 1000, 0 } }, { 5, SETUID, { 0 } }, { 6, NEW_THREAD, { 0 } }, { 5, SETUID, { 0 } }, { 5, SETUID, { 0 } },
	{ 7, SETRESUID, { 1000, 1001, 0 } }, { 7, SETEUID, { 0 } }, { 7, SETUID, { 77 } }, { 8, SETUID, { 77 } }, { 0, END, { 0 } },
};
/* twice is not once */
static const struct step swaps[] = {
	{ 0, SETREUID, { 1000, KEEP_ID } }, { 1, SETREUID, { 0, 1000 } }, { 1, SETREUID, { 1000, 0 } }, { 2, SETREUID, { 0, 1000 } },
	{ 2, SETREUID, { 1000, 0 } }, { 2, SETREUID, { 1000, 0 } }, { 3, SETREGID, { 43, 44 } }, { 3, SETREGID, { 44, 43 } },
	{ 4, SETREGID, { 44, 43 } }, { 4, SETRESGID, { 1, 2, 3 } }, { 4, SETEGID, { 3 } }, { 5, SETEGID, { 1 } }, { 5, FORK, { 0 } }, { 0, END, { 0 } },
};
static const struct step storms[] = {
	{ 0, STORM, { 0 } }, { 1, SETGROUPS, { 9, 8, 7 } }, { 0, STORM, { 0 } }, { 3, SETRESUID, { 70000, 70000, 70000 } }, { 4, NEW_THREAD, { 0 } },
	{ 0, END, { 0 } },
};

static const char *name;
static const struct step *step;
static pthread_barrier_t barrier;

static void meet(void)
{
	pthread_barrier_wait(&barrier);
}

static void *say_new(void *none)
{
	say("%s, new thread:", name);
	say_ids();
	say_end();
	return none;
}

static void must_wait(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("child");
	say("%s, child:", name);
	say_status(status);
	say_end();
}

static int run(const struct step *s)
{
	const uint32_t *a = s->a;
	pthread_t thread;
	pid_t pid;

	switch (s->call) {
	case SETUID: return setuid(a[0]);
	case SETGID: return setgid(a[0]);
	case SETREUID: return setreuid(a[0], a[1]);
	case SETREGID: return setregid(a[0], a[1]);
	case SETRESUID: return setresuid(a[0], a[1], a[2]);
	case SETRESGID: return setresgid(a[0], a[1], a[2]);
	case SETEUID: return seteuid(a[0]);
	case SETEGID: return setegid(a[0]);
	case SETGROUPS: return setgroups(3, a);
	case NEW_THREAD: return pthread_create(&thread, NULL, say_new, NULL) != 0 || pthread_join(thread, NULL) != 0;
	case FORK:
		pid = fork();
		if (pid == 0) {
			say_new(NULL);
			_exit(0);
		}
		must_wait(pid);
		return 0;
	default: return 0;
	}
}

/* All at once, with threads that come and go; no call may fail, and the last of each thread makes it root again. */
static void *say_nothing(void *none)
{
	raw(WIDE(getuid));
	return none;
}

static void storm(int me)
{
	unsigned long failures = 0;
	pthread_t thread;

	for (unsigned int i = 0; i < 20; i++) {
		failures += seteuid(i % 2 ? 0 : 1000 + (unsigned int)me) < 0 && errno != EPERM;
		failures += setegid(43) < 0 && errno != EPERM;
		if (me % 8 == 0 && (pthread_create(&thread, NULL, say_nothing, NULL) != 0 || pthread_join(thread, NULL) != 0))
			failures++;
	}
	meet();
	if (me == 0)
		failures += seteuid(0) < 0 || setegid(0) < 0;
	if (failures)
		say("%s, thread %d: %lu calls fail in the storm", name, me, failures);
}

static void *thread(void *number)
{
	int me = (int)(intptr_t)number;

	for (const struct step *s = step; s->call != END; s++) {
		meet();
		if (s->call == STORM)
			storm(me);
		if (s->by == me) {
			int r = run(s);

			say("%s, thread %d: %s(%u,%u,%u)", name, me, call_names[s->call], s->a[0], s->a[1], s->a[2]);
			say_result(r < 0 ? -errno : r);
			say_state();
		}
		for (int turn = 0; turn < THREADS; turn++) {
			meet();
			if (turn == me) {
				say("%s, thread %d:", name, me);
				say_ids();
				say_end();
			}
		}
	}
	meet();
	return NULL;
}

static void start(void)
{
	if (pthread_barrier_init(&barrier, NULL, THREADS) != 0)
		die("barrier");
	for (intptr_t i = 1; i < THREADS; i++) {
		pthread_t t;

		if (pthread_create(&t, NULL, thread, (void *)i) != 0)
			die("pthread_create");
	}
}

static void all_threads(void)
{
	start();
	thread(NULL);
}

/* The first thread ends in between: nobody sets the ids of a zombie. */
static void *without_leader(void *none)
{
	char text[256] = "";

	for (;;) {
		FILE *f = fopen("/proc/self/stat", "r");

		if (!f || !fgets(text, sizeof(text), f))
			_exit(9);
		fclose(f);
		for (const char *c = text; *c; c++)
			if (c[0] == ')' && c[2] == 'Z')
				goto gone;
		usleep(300);
	}
gone:
	for (const struct step *s = step; s->call != END; s++) {
		int r = run(s);

		say("%s: %s(%u,%u,%u)", name, call_names[s->call], s->a[0], s->a[1], s->a[2]);
		say_result(r < 0 ? -errno : r);
		say_state();
	}
	_exit(0);
	return none;
}

static void leader_gone(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, without_leader, NULL) != 0)
		die("pthread_create");
	pthread_exit(NULL);
}

static const char *exec_path;

static void *executes(void *none)
{
	char word[96], at[] = "@", zero[] = "ids", *argv[] = { zero, at, word, NULL }, *environment[] = { NULL };

	snprintf(word, sizeof(word), "%s, %s", name, exec_path);
	execve(exec_path, argv, environment);
	say("%s: exec of %s:", name, exec_path);
	say_result(-errno);
	say_state();
	_exit(0);
	return none;
}

/* Not the first thread does, which gives it the first one's number. */
static void thread_executes(void)
{
	pthread_t t;

	for (const struct step *s = step; s->call != END; s++)
		if (run(s) < 0)
			die("run");
	for (int i = 0; i < 3; i++)
		if (pthread_create(&t, NULL, i < 2 ? say_nothing : executes, NULL) != 0)
			die("pthread_create");
	for (;;)
		pause();
}

static void in_child(const char *what, void (*body)(void), const struct step *steps)
{
	pid_t pid;

	name = what;
	step = steps;
	pid = fork();
	if (pid == 0) {
		body();
		_exit(0);
	}
	must_wait(pid);
}

void threads_pass(void)
{
	static const struct step nothing[] = { { 0, END, { 0 } } };
	static const struct step to_user[] = { { 0, SETRESGID, { 5, 6, 7 } }, { 0, SETRESUID, { 1, 2, 3 } }, { 0, END, { 0 } } };

	in_child("drops", all_threads, drops);
	in_child("regains", all_threads, regains);
	in_child("swaps", all_threads, swaps);
	in_child("storms", all_threads, storms);
	in_child("leader gone, drops", leader_gone, drops);
	in_child("leader gone, regains", leader_gone, regains);
	in_child("leader gone, swaps", leader_gone, swaps);
	for (size_t i = 0; i < program_count + no_program_count; i++) {
		exec_path = i < program_count ? programs[i].path : no_programs[i - program_count];
		in_child("thread executes", thread_executes, nothing);
		in_child("thread of a user executes", thread_executes, to_user);
	}
	exec_path = LATE;
	in_child("thread executes", thread_executes, nothing);
}

static const char *kind;

static void execute_go(void)
{
	execl("/threads", "threads", kind, NULL);
	die("/threads");
}

/* tests/likeroot/diff/threads.go */
void go_pass(void)
{
	kind = "drops";
	in_child("go, drops", execute_go, NULL);
	kind = "regains";
	in_child("go, regains", execute_go, NULL);
}
