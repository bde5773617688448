/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *self;

long say(const char *name, long result, const char *format, ...)
{
	int error = errno;
	va_list ap;

	if (result < 0)
		printf("%s: %s", name, strerrorname_np(error));
	else
		printf("%s: %ld", name, result);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return result;
}

void need(int works, const char *what)
{
	if (works)
		return;
	printf("%s does not work: %s\n", what, strerror(errno));
	exit(1);
}

void become_alice(void)
{
	need(setgroups(3, (gid_t[]){ 7, 3, 5 }) == 0, "setgroups");
	need(setresgid(43, 43, 43) == 0, "setresgid");
	need(setresuid(42, 42, 42) == 0, "setresuid");
}

void in_child(int alice, void (*part)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (alice)
			become_alice();
		part();
		fflush(stdout);
		_exit(0);
	}
	need(child > 0 && waitpid(child, &status, 0) == child && status == 0, "a child");
}

pid_t start_sleeper(void)
{
	int ready[2];
	pid_t child;
	char c;

	need(pipe(ready) == 0, "pipe");
	fflush(stdout);
	child = fork();
	if (child == 0) {
		become_alice();
		dup2(ready[1], 9);
		execl(self, self, "sleep", NULL);
		_exit(1);
	}
	close(ready[1]);
	need(read(ready[0], &c, 1) == 1, "the sleeper");
	close(ready[0]);
	return child;
}

void end_sleeper(pid_t sleeper)
{
	kill(sleeper, SIGKILL);
	waitpid(sleeper, NULL, 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*test)(void);
	} tests[] = {
		{ "socket", test_socket }, { "limit", test_limit }, { "mode", test_mode }, { "proc", test_proc }, { "own", test_own },
		{ "alice-own", test_alice_own }, { "gone", test_gone }, { "nobodys", test_nobodys },
	};

	self = argv[0];
	if (argc == 2 && strcmp(argv[1], "sleep") == 0) {
		need(write(9, "", 1) == 1, "write");
		for (;;)
			pause();
	}
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (argc == 2 && strcmp(argv[1], tests[i].name) == 0) {
			tests[i].test();
			return 0;
		}
	return 2;
}
