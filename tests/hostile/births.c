/* SPDX-License-Identifier: Apache-2.0 */
/*
 * births PROCESSES ROUNDS: each is a user of its own and makes files of every type under names that nobody else uses. Each call has to succeed,
 * whatever becomes of the worker that serves it, and what it makes has to be the user's.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long *made;

static void look(const char *call, const char *name, long r, uid_t id)
{
	struct shown s = sys_lstat(name);

	__atomic_fetch_add(made, 1, __ATOMIC_RELAXED);
	if (r < 0)
		wrong("%s %s: %s", call, name, strerror(errno));
	else if (s.r < 0 || s.uid != id || s.gid != id + 1)
		wrong("%s %s: %ld, %u:%u, want %u", call, name, s.r, s.uid, s.gid, id);
}

static long bind_to(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	long r;

	strncpy(address.sun_path, name, sizeof(address.sun_path) - 1);
	r = bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)));
	close(fd);
	return r;
}

static void write_and_close(int fd, const char *name)
{
	struct stat st = { .st_size = -1 };

	if (fd < 0)
		return;
	if (write(fd, "x", 1) != 1 || fstat(fd, &st) < 0 || st.st_size != 1)
		wrong("write %s: %s, %lld bytes", name, strerror(errno), (long long)st.st_size);
	close(fd);
}

static int work(int number, int rounds)
{
	uid_t id = (uid_t)(1000 + number * 10);

	check(setgid(id + 1) == 0 && setuid(id) == 0, "set ids");
	for (int i = 0; i < rounds; i++) {
		char name[64];
		int n = snprintf(name, sizeof(name), "/tmp/births.%d.%d.", number, i), fd;

		strcpy(name + n, "file");
		fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
		look("open", name, fd, id);
		write_and_close(fd, name);
		strcpy(name + n, "any");
		fd = open(name, O_CREAT | O_WRONLY | O_APPEND, 0400);
		look("open", name, fd, id);
		write_and_close(fd, name);
		strcpy(name + n, "dir");
		look("mkdir", name, mkdir(name, 0700), id);
		strcpy(name + n, "fifo");
		look("mknod", name, mknod(name, S_IFIFO | 0600, 0), id);
		strcpy(name + n, "link");
		look("symlink", name, symlink("target", name), id);
		strcpy(name + n, "sock");
		look("bind", name, bind_to(name), id);
	}
	return verdict();
}

int main(int argc, char **argv)
{
	int processes = argc > 1 ? atoi(argv[1]) : 8, rounds = argc > 2 ? atoi(argv[2]) : 100, status;

	made = shared_memory(sizeof(*made));
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		check(pid >= 0, "fork");
		if (pid == 0)
			_exit(work(i, rounds));
	}
	for (int i = 0; i < processes; i++)
		if (wait(&status) < 0 || status != 0)
			wrong("a process ended with status %x", status);
	at_least("files of users", *made, (unsigned long)processes * (unsigned long)rounds * 6);
	return verdict();
}
