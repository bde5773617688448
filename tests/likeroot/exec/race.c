/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"

#define TARGET TREE "/suid2000"

/* Some failures, then success; as one with ids that even a plain exec changes, so that the end of each is waited for. */
static int round_of(int number)
{
	static const char *const failing[] = { "missing", "deny/suid2000", "garbage", "script-missing", "empty" };
	char *const quiet[] = { (char *)(intptr_t)"is", (char *)(intptr_t)"is", NULL };
	pid_t pid = must(fork(), "fork");
	int status;

	if (pid == 0) {
		must(setresuid(1000, 1001, 0), "setresuid");
		for (int i = 0; i < number % 8; i++) {
			char path[64];
			uid_t r, e, s;

			snprintf(path, sizeof(path), TREE "/%s", failing[(number + i) % 5]);
			execve(path, quiet, environment);
			must(getresuid(&r, &e, &s), "getresuid");
			if (r != 1000 || e != 1001 || s != 0)
				_exit(3);
		}
		execve(TARGET, quiet, environment);
		_exit(4);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	printf("round %d ended with status %x\n", number, status);
	return 1;
}

int storm(int processes, int rounds)
{
	int wrong = 0, status;

	for (int i = 0; i < processes; i++) {
		if (must(fork(), "fork") == 0) {
			for (int k = 0; k < rounds; k++)
				wrong |= round_of(i + k);
			exit(wrong);
		}
	}
	while (wait(&status) > 0)
		wrong += status != 0;
	return wrong;
}

enum { PRIVILEGED = 10, LOST, PLAIN, GAINED };

int agrees(void)
{
	struct stat st;
	bool has = geteuid() == 2000;

	must(stat("/proc/self/exe", &st), "/proc/self/exe");
	if (st.st_mode & S_ISUID)
		return has ? PRIVILEGED : LOST;
	return has ? GAINED : PLAIN;
}

/* Exchanges two names for ever. */
static pid_t exchange(const char *a, const char *b)
{
	pid_t pid = must(fork(), "fork");

	while (pid == 0)
		must(renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE), "renameat2");
	return pid;
}

int swap(int rounds, uid_t euid)
{
	char *const quiet[] = { (char *)(intptr_t)"agrees", (char *)(intptr_t)"agrees", NULL };
	int outcomes[GAINED + 1] = { 0 }, status, other = 0;
	pid_t pid, exchanger = exchange(TARGET, TREE "/plain");

	for (int i = 0; i < rounds; i++) {
		pid = must(fork(), "fork");
		if (pid == 0) {
			must(setresuid(1000, euid, 1000), "setresuid");
			execve(TARGET, quiet, environment);
			_exit(1);
		}
		must(waitpid(pid, &status, 0), "waitpid");
		if (WIFEXITED(status) && WEXITSTATUS(status) >= PRIVILEGED && WEXITSTATUS(status) <= GAINED)
			outcomes[WEXITSTATUS(status)]++;
		else
			other++;
	}
	must(kill(exchanger, SIGKILL), "kill");
	printf("%d %d %d %d %d\n", outcomes[PRIVILEGED], outcomes[PLAIN], outcomes[LOST], outcomes[GAINED], other);
	return 0;
}
