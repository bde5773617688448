/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemons.h"
#include "proc/task.h"
#include "store/owners.h"

struct fault fault;

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	if (fault.write && fault.part == 0) {
		errno = fault.write;
		return -1;
	}
	if (fault.write) {
		n = fault.part < n ? fault.part : n;
		fault.part = 0;
	}
	return syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
	if (fault.read && at + (off_t)n > fault.beyond) {
		errno = fault.read;
		return -1;
	}
	return syscall(SYS_pread64, fd, bytes, n, at);
}

int fdatasync(int fd)
{
	if (fault.sync) {
		errno = fault.sync;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, id, ts);

	ts->tv_sec += fault.ahead;
	return r;
}

/* A server has both kinds of locks for one, and each excludes the other, of the same process too. */
int flock(int fd, int operation)
{
	(void)fd;
	(void)operation;
	errno = ENOLCK;
	return -1;
}

int fcntl(int fd, int command, ...)
{
	void *argument;
	va_list ap;

	va_start(ap, command);
	argument = va_arg(ap, void *);
	va_end(ap);
	if (fault.lock && command == F_SETLK) {
		errno = fault.lock;
		return -1;
	}
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

char home[] = "/tmp/subuidless-test-journal.XXXXXX";
char records[128];
static int said; /* what the daemon logs */

void fail_check(int line, const char *condition)
{
	printf("# line %d: %s, errno %d\n", line, condition, errno);
	fflush(stdout);
	_exit(1);
}

int daemons_set_up(void **state)
{
	(void)state;
	said = memfd_create("log", 0);
	return said < 0 || !mkdtemp(home) || setenv("XDG_STATE_HOME", home, 1) < 0 ||
	       snprintf(records, sizeof(records), "%s/subuidless/records", home) < 0 ? -1 : 0;
}

int daemons_tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", home);
	return system(command);
}

void daemon_does(void (*f)(struct account *))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct container c = { open("/proc/self/ns/user", O_RDONLY), open("/proc/self/ns/mnt", O_RDONLY), -1 };

		ftruncate(said, 0) < 0 || lseek(said, 0, SEEK_SET) < 0 || dup2(said, 2) < 0 ? _exit(2) : (void)0;
		CHECK(owners_open() == 0);
		f(account_join(&c));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

struct record_key key_of(uint64_t ino)
{
	return (struct record_key){ 7, ino, 7 };
}

int set_owner(struct account *a, uint64_t ino, uint32_t uid)
{
	return owners_set(a, &(struct watched_record){ .record = { .key = key_of(ino), .owner = { uid, uid } }, .watch = -1 });
}

uint32_t owner_of(uint64_t ino)
{
	struct record_key key = key_of(ino);
	struct record record;

	return records_find(owners_table(), &key, &record) == 1 ? record.owner.cuid : 0;
}

int lines_with(const char *text)
{
	static char log[1 << 16];
	ssize_t n = (ssize_t)syscall(SYS_pread64, said, log, sizeof(log) - 1, 0);
	int count = 0;

	log[n > 0 ? n : 0] = '\0';
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n"))
		count += strstr(line, text) != NULL;
	return count;
}

static void make_three(struct account *a)
{
	for (uint32_t i = 1; i <= 3; i++)
		CHECK(set_owner(a, i, 10 + i) == 0);
}

void has_three(struct account *a)
{
	(void)a;
	for (uint32_t i = 1; i <= 3; i++)
		CHECK(owner_of(i) == 10 + i);
	CHECK(lines_with("") == 0);
}

void begin_with_three(void)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s/subuidless", home);
	assert_int_equal(system(command), 0);
	daemon_does(make_three);
}

void has_four(struct account *a)
{
	(void)a;
	for (uint32_t i = 1; i <= 4; i++)
		CHECK(owner_of(i) == 10 + i);
}

int step(void)
{
	const char *all = getenv("CHECK");

	return all && strcmp(all, "all") == 0 ? 1 : 5;
}
