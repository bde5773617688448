/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe all: a line for each system call of this ABI, with all its arguments -1: its number and errno, "ok" or "ended".
 * probe WORD...: some calls by name, with arguments that mean something, and what came of each.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST_CALL 470

static void show(const char *name, long result)
{
	if (result < 0)
		printf("%s %d\n", name, errno);
	else
		printf("%s ok\n", name);
	fflush(stdout);
}

/* In a child, for some end the process, stop it, or make another one. */
static void try(long number)
{
	char name[16];
	int status;
	pid_t child = fork();

	snprintf(name, sizeof(name), "%ld", number);
	if (child == 0) {
		pid_t self = getpid();
		long result;

		setpgid(0, 0);
		alarm(2);
		result = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
		if (getpid() == self)
			show(name, result);
		_exit(0x5a);
	}
	waitpid(child, &status, 0);
	kill(-child, SIGKILL);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0x5a)
		printf("%s ended\n", name);
	fflush(stdout);
}

static long cloned(unsigned long flags)
{
	long child = syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid((pid_t)child, NULL, 0);
	return child;
}

static long by_name(const char *name)
{
	struct rlimit limit;

	if (strcmp(name, "clone") == 0)
		return cloned(0);
	if (strcmp(name, "clone-user") == 0)
		return cloned(CLONE_NEWUSER);
	if (strcmp(name, "unshare-user") == 0)
		return unshare(CLONE_NEWUSER);
	if (strcmp(name, "mount") == 0)
		return mount("none", "/tmp", "tmpfs", 0, NULL);
	if (strcmp(name, "keyctl") == 0)
		return syscall(SYS_keyctl, 0L, -3L, 0L);
	if (strcmp(name, "bpf") == 0)
		return syscall(SYS_bpf, -1L, 0L, 0L);
	if (strcmp(name, "io_uring") == 0)
		return syscall(SYS_io_uring_setup, 1L, 0L);
	if (strcmp(name, "prctl") == 0)
		return prctl(PR_SET_NAME, "probe");
	if (strcmp(name, "getrlimit") == 0)
		return getrlimit(RLIMIT_NOFILE, &limit);
	if (strcmp(name, "audit") == 0)
		return socket(AF_NETLINK, SOCK_RAW, 9);
	if (strcmp(name, "socket") == 0)
		return socket(AF_UNIX, SOCK_STREAM, 0);
	return -1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "all") == 0)
		for (long number = 0; number < LAST_CALL; number++)
			try(number);
	else
		for (int i = 1; i < argc; i++)
			show(argv[i], by_name(argv[i]));
	return 0;
}
