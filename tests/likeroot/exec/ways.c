/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"

#define TARGET TREE "/suid2000"

static void by_directory(void)
{
	syscall(SYS_execveat, open(TREE, O_PATH | O_DIRECTORY), "suid2000", arguments, environment, 0);
}

static void by_descriptor(void)
{
	syscall(SYS_execveat, open(TARGET, O_PATH), "", arguments, environment, AT_EMPTY_PATH);
}

static void by_empty_path(void)
{
	syscall(SYS_execveat, open(TARGET, O_PATH), "", arguments, environment, 0);
}

static void by_link(void)
{
	execve(TREE "/link", arguments, environment);
}

static void by_link_itself(void)
{
	syscall(SYS_execveat, AT_FDCWD, TREE "/link", arguments, environment, AT_SYMLINK_NOFOLLOW);
}

static void by_relative_path(void)
{
	must(chdir(TREE "/empty"), "chdir");
	execve("../deny/.././suid2000", arguments, environment);
}

static void by_search(void)
{
	setenv("PATH", "/none:" TREE "/empty:" TREE "/plain:" TREE "/deny:" TREE, 1);
	execvpe("suid2000", arguments, environment);
}

static void *execute(void *unused)
{
	execve(TARGET, arguments, environment);
	return unused;
}

static void *turn(void *unused)
{
	for (;;)
		getpid();
	return unused;
}

/* One that is not the leader, among others that run; the leader waits. */
static void by_thread(void)
{
	pthread_t thread;

	for (int i = 0; i < 3; i++)
		if (pthread_create(&thread, NULL, turn, NULL) != 0)
			must(-1, "pthread_create");
	if (pthread_create(&thread, NULL, execute, NULL) != 0)
		must(-1, "pthread_create");
	pthread_join(thread, NULL);
}

static void *leave(void *unused)
{
	usleep(20000);
	return execute(unused);
}

/* The leader has ended before. */
static void by_last_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, leave, NULL) != 0)
		must(-1, "pthread_create");
	syscall(SYS_exit, 0);
}

static void *race(void *barrier)
{
	pthread_barrier_wait(barrier);
	return execute(NULL);
}

/* All threads at once: one of them wins. */
static void by_threads(void)
{
	pthread_barrier_t barrier;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 8);
	for (int i = 0; i < 7; i++)
		if (pthread_create(&thread, NULL, race, &barrier) != 0)
			must(-1, "pthread_create");
	race(&barrier);
}

static void end_like(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0), "waitpid");
	show(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "its parent: " : "its parent, after a failure: ");
	exit(0);
}

static void by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(TARGET, arguments, environment);
		_exit(1);
	}
	end_like(must(pid, "vfork"));
}

static void by_spawn(void)
{
	pid_t pid;

	if (posix_spawn(&pid, TARGET, NULL, NULL, arguments, environment) == 0)
		end_like(pid);
}

/* A program that finds itself set-id executes another one. */
static void by_another(void)
{
	char *const chain[] = { (char *)(intptr_t)"chain", (char *)(intptr_t)"chain", NULL };

	execve(TARGET, chain, environment);
}

static void on_alarm(int unused)
{
	(void)unused;
}

/* While signals arrive all the time. */
static void by_signals(void)
{
	struct itimerval often = { { 0, 300 }, { 0, 300 } };

	/* ignored signals stay ignored, and others have their default action after an exec */
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 200; i++)
		execve(TREE "/deny/suid2000", arguments, environment);
	often = (struct itimerval){ { 0, 0 }, { 0, 0 } };
	setitimer(ITIMER_REAL, &often, NULL);
	execve(TARGET, arguments, environment);
}

/* As many arguments as are surely taken. */
static void with_many_arguments(void)
{
	enum { MANY = 90000 };
	char **many = calloc(MANY + 1, sizeof(*many));

	if (!many)
		must(-1, "calloc");
	for (int i = 0; i < MANY; i++)
		many[i] = arguments[i < 2 ? i : 0];
	execve(TARGET, many, environment);
}

/* As a debugger would: each of its signals is passed on. */
static void by_debugger(void)
{
	pid_t pid = must(fork(), "fork");
	int status;

	if (pid == 0) {
		must((int)ptrace(PTRACE_TRACEME, 0, NULL, NULL), "PTRACE_TRACEME");
		raise(SIGSTOP);
		execve(TARGET, arguments, environment);
		_exit(1);
	}
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		int signal = WSTOPSIG(status);

		if (signal == SIGSTOP || signal == SIGTRAP)
			signal = 0;
		must((int)ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal), "PTRACE_CONT");
	}
	exit(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

const struct way ways[] = {
	{ "directory", by_directory },
	{ "descriptor", by_descriptor },
	{ "empty-path", by_empty_path },
	{ "link", by_link },
	{ "link-itself", by_link_itself },
	{ "relative", by_relative_path },
	{ "search", by_search },
	{ "thread", by_thread },
	{ "last-thread", by_last_thread },
	{ "threads", by_threads },
	{ "vfork", by_vfork },
	{ "spawn", by_spawn },
	{ "another", by_another },
	{ "signals", by_signals },
	{ "many-arguments", with_many_arguments },
	{ "debugger", by_debugger },
	{ NULL, NULL },
};
