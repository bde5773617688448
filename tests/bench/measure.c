/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure DIR [libc]: measures in its own process what it is asked for. Each line "ROW FILE COUNT" of its input is answered with
 * "NANOSECONDS CALLS OWNER": the time that all took, how many there were, and who owns FILE as seen from here. "libc":
 * by the functions that a preloaded library can see.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define OWNER 42

static char path[PATH_MAX], file[NAME_MAX + 1];
static const char *top;
static int fd, dir;
static struct stat st;
static bool libc, can_chown;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long stat_absolute(void)
{
	return libc ? stat(path, &st) : syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0);
}

static long stat_cwd(void)
{
	return libc ? stat(file, &st) : syscall(SYS_newfstatat, AT_FDCWD, file, &st, 0);
}

static long stat_dirfd(void)
{
	return libc ? fstatat(dir, file, &st, 0) : syscall(SYS_newfstatat, dir, file, &st, 0);
}

static long lstat_absolute(void)
{
	return libc ? lstat(path, &st) : syscall(SYS_newfstatat, AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW);
}

static long stat_fd(void)
{
	return libc ? fstat(fd, &st) : syscall(SYS_fstat, fd, &st);
}

/* how glibc 2.33 to 2.38 make an fstat() */
static long stat_fd_empty(void)
{
	return libc ? fstat(fd, &st) : syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH);
}

static long chown_absolute(void)
{
	static unsigned int n;

	return can_chown ? chown(path, OWNER + (n++ & 1), OWNER) : chown(path, getuid(), getgid());
}

static long untrapped(void)
{
	return syscall(SYS_getppid) < 0;
}

/* untouched by libc, which other libraries than ours replace */
static long get_uid(void)
{
	return libc ? getuid() == (uid_t)-1 : syscall(SYS_getuid) < 0;
}

/* Of a process that may become root again: its effective id, to and fro. */
static long set_ids(void)
{
	static unsigned int n;

	return setresuid((uid_t)-1, n++ & 1 ? OWNER : 0, (uid_t)-1);
}

static long wait_for(pid_t pid)
{
	int status;

	return pid < 0 || waitpid(pid, &status, 0) != pid || status != 0;
}

/* by its absolute name, as a shell finds it */
static char program[PATH_MAX];

static long fork_and_exec(const char *name)
{
	pid_t pid;

	snprintf(program, sizeof(program), "%s/../bin/%s", top, name);
	pid = fork();

	if (pid == 0) {
		execl(program, program, NULL);
		_exit(127);
	}
	return wait_for(pid);
}

static long fork_static(void)
{
	return fork_and_exec("true-static");
}

static long fork_dynamic(void)
{
	return fork_and_exec("true-dynamic");
}

static long spawn_static(void)
{
	char *argv[] = { program, NULL };
	pid_t pid;

	snprintf(program, sizeof(program), "%s/../bin/true-static", top);
	return posix_spawn(&pid, program, NULL, NULL, argv, argv + 1) != 0 || wait_for(pid);
}

/*
 * Runs a program over the tree FILE, and reads what it prints: GNU tar does not read files when it writes to /dev/null. By its
 * absolute name, for PRoot has a working directory of its own and old versions do not know statx(2).
 */
static long walk(const char *const *argv)
{
	static char buffer[1 << 16];
	long lines = 0;
	int output[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(output, O_CLOEXEC) < 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		dup2(output[1], STDOUT_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(output[1]);
	while ((n = read(output[0], buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buffer[i] == '\n';
	close(output[0]);
	return wait_for(pid) || lines < 1000;
}

static long walk_find(void)
{
	return walk((const char *[]){ "find", path, "-printf", "%U %G %s %p\n", NULL });
}

static long walk_ls(void)
{
	return walk((const char *[]){ "ls", "-lnR", path, NULL });
}

static long walk_tar(void)
{
	return walk((const char *[]){ "tar", "cP", path, NULL });
}

static int give_one(const char *name, const struct stat *was, int type, struct FTW *at)
{
	(void)was, (void)type, (void)at;
	return lchown(name, OWNER, OWNER);
}

/* Not measured: gives the whole tree an owner. */
static long give_tree(void)
{
	return nftw(file, give_one, 16, FTW_PHYS);
}

static const struct {
	const char *name;
	long (*call)(void);
} rows[] = {
	{ "stat-absolute", stat_absolute }, { "stat-cwd", stat_cwd }, { "stat-dirfd", stat_dirfd },
	{ "lstat-absolute", lstat_absolute }, { "fstat", stat_fd }, { "fstat-empty-path", stat_fd_empty },
	{ "chown-absolute", chown_absolute }, { "getppid", untrapped }, { "getuid", get_uid }, { "setresuid", set_ids }, { "fork-exec-static", fork_static },
	{ "fork-exec-dynamic", fork_dynamic }, { "spawn-static", spawn_static }, { "walk-find", walk_find },
	{ "walk-ls", walk_ls }, { "walk-tar", walk_tar }, { "give-tree", give_tree },
};

static long loop(long (*call)(void), long count)
{
	long begin = now();

	for (long i = 0; i < count; i++)
		if (call() != 0)
			return -1;
	return now() - begin;
}

struct shared {
	long ready, end, calls[PROCESSES_MAX];
};

static void be_busy(struct shared *shared, long *calls)
{
	long end;

	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (!(end = __atomic_load_n(&shared->end, __ATOMIC_SEQ_CST)))
		usleep(100);
	while (now() < end)
		for (int i = 0; i < 8; i++)
			*calls += stat_absolute() == 0;
	_exit(0);
}

/* So many processes do nothing but stat() for some milliseconds; *count becomes how many calls they made. */
static long together(int processes, long *count)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long ms = *count, begin;

	if (shared == MAP_FAILED || processes < 1 || processes > PROCESSES_MAX)
		return -1;
	for (int i = 0; i < processes; i++)
		if (fork() == 0)
			be_busy(shared, &shared->calls[i]);
	while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < processes)
		usleep(100);
	begin = now();
	__atomic_store_n(&shared->end, begin + ms * 1000000, __ATOMIC_SEQ_CST);
	*count = 0;
	for (int i = 0; i < processes; i++)
		if (waitpid(-1, NULL, 0) < 0)
			return -1;
	begin = now() - begin;
	for (int i = 0; i < processes; i++)
		*count += shared->calls[i];
	munmap(shared, sizeof(*shared));
	return begin;
}

static long measure(const char *row, long *count);

/* In a process with ids of its own. */
static long as_user(const char *row, long count)
{
	long time = -1;
	int result[2];
	pid_t pid;

	if (pipe2(result, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (setresuid(OWNER, OWNER, strcmp(row, "setresuid") == 0 ? 0 : OWNER) == 0)
			time = measure(row, &count);
		_exit(write(result[1], &time, sizeof(time)) != sizeof(time));
	}
	close(result[1]);
	if (read(result[0], &time, sizeof(time)) != sizeof(time) || wait_for(pid))
		time = -1;
	close(result[0]);
	return time;
}

static long measure(const char *row, long *count)
{
	int processes;

	if (strncmp(row, "user-", 5) == 0)
		return as_user(row + 5, *count);
	if (sscanf(row, "together-%d", &processes) == 1)
		return together(processes, count);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, row) == 0)
			return loop(rows[i].call, *count);
	return -1;
}

int main(int argc, char **argv)
{
	char row[32];
	long count, time;

	if (argc < 2 || chdir(argv[1]) < 0)
		err(1, "%s", argc < 2 ? "usage" : argv[1]);
	top = argv[1];
	libc = argc > 2 && strcmp(argv[2], "libc") == 0;
	dir = open(".", O_PATH | O_DIRECTORY);
	can_chown = chown("owned", OWNER, OWNER) == 0;
	while (scanf("%31s %255s %ld", row, file, &count) == 3) {
		snprintf(path, sizeof(path), "%s/%s", argv[1], file);
		fd = open(file, O_RDONLY);
		errno = 0;
		time = fd < 0 ? -1 : measure(row, &count);
		if (time < 0)
			errx(1, "%s %s fails: %s", row, file, strerror(errno));
		printf("%ld %ld %d\n", time, count, stat(file, &st) < 0 ? -1 : (int)st.st_uid);
		fflush(stdout);
		close(fd);
	}
	return 0;
}
