/* SPDX-License-Identifier: Apache-2.0 */
/* flood PROCESSES ROUNDS: each gives a file of its own an owner and looks at it by three calls, and each answer has to be right. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long *calls;

static void look(const char *name, struct shown s, uint64_t ino, uid_t id)
{
	__atomic_fetch_add(calls, 1, __ATOMIC_RELAXED);
	if (s.r < 0 || s.uid != id || s.gid != id + 1 || s.ino != ino)
		wrong("%s: result %ld, %u:%u, want %u", name, s.r, s.uid, s.gid, id);
}

static int work(int number, int rounds)
{
	char name[32];
	uint64_t ino;
	int fd;

	snprintf(name, sizeof(name), "/tmp/flood.%d", number);
	fd = make_file(name);
	ino = inode_of(fd);
	for (int i = 1; i <= rounds; i++) {
		uid_t id = (uid_t)(number * 10000 + i);
		long r = i % 2 ? sys_chown(name, id, id + 1) : sys_fchown(fd, id, id + 1);

		__atomic_fetch_add(calls, 1, __ATOMIC_RELAXED);
		if (r < 0)
			wrong("chown %s: %ld", name, r);
		look(name, sys_stat(name), ino, id);
		look(name, sys_fstat(fd), ino, id);
		look(name, sys_statx(AT_FDCWD, name, 0), ino, id);
	}
	unlink(name);
	return verdict();
}

int main(int argc, char **argv)
{
	int processes = argc > 1 ? atoi(argv[1]) : 50, rounds = argc > 2 ? atoi(argv[2]) : 100, status;

	calls = shared_memory(sizeof(*calls));
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		check(pid >= 0, "fork");
		if (pid == 0)
			_exit(work(i, rounds));
	}
	for (int i = 0; i < processes; i++)
		if (wait(&status) < 0 || status != 0)
			wrong("a process ended with status %x", status);
	at_least("calls answered right", *calls, (unsigned long)processes * (unsigned long)rounds * 4);
	return verdict();
}
