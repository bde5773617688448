/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits: games on the two limits without effect, in one of which the ids of a process are kept, by all calls of both ABIs, on
 * ourselves and on others. Whatever is read says unlimited, and whatever is written, forged values of any kind included, changes
 * nobody's ids, nor what /proc shows of the limits.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID 4242

static unsigned long reads, writes;
/* in the lower 4 GiB, for the calls of i386 */
static uint64_t pair64[2], old64[2];
static uint32_t pair32[2];

static long sys(long nr, long a, long b, const void *c, void *d)
{
	long r = syscall(nr, a, b, c, d);

	return r < 0 ? -errno : r;
}

/* A call of i386, by whatever program. */
static long sys32(long nr, long a, long b, const void *c, void *d)
{
#ifdef __i386__
	return sys(nr, a, b, c, d);
#else
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d) : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)r;
#endif
}

/* Not every kernel has these calls. */
static bool has_i386(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(sys32(20, 0, 0, NULL, NULL) != getpid());
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool with_i386;

struct ids {
	uid_t r, e, s;
	gid_t rg, eg, sg;
};

static struct ids ids(void)
{
	struct ids i;

	check(getresuid(&i.r, &i.e, &i.s) == 0 && getresgid(&i.rg, &i.eg, &i.sg) == 0, "getresuid");
	return i;
}

static void look(const char *who, uid_t id)
{
	struct ids i = ids();

	if (i.r != id || i.e != id || i.s != 0 || i.rg != id + 1 || i.eg != id + 1 || i.sg != id + 1)
		wrong("%s: ids are %u,%u,%u %u,%u,%u", who, i.r, i.e, i.s, i.rg, i.eg, i.sg);
}

/* The lines of the two limits of a process; proc_pid_limits(5) is not emulated. */
static void shown(pid_t pid, char *text, size_t n)
{
	char path[32], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	f = fopen(path, "r");
	check(f != NULL, path);
	for (*text = '\0'; fgets(line, sizeof(line), f);)
		if (strncmp(line, "Max file locks", 14) == 0 || strncmp(line, "Max resident set", 16) == 0)
			strncat(text, line, n - strlen(text) - 1);
	fclose(f);
}

/* What is kept: the number in that line that is neither of the usual ones. */
static uint64_t kept(pid_t pid)
{
	char text[512], *at = text;
	uint64_t value = 0;

	shown(pid, text, sizeof(text));
	for (; *at; at++)
		if (*at >= '0' && *at <= '9') {
			uint64_t v = strtoull(at, &at, 10);

			if (v > 1000000)
				value = v;
		}
	return value;
}

static void read_by_i386(int resource)
{
	static const struct { const char *name; long nr; } calls32[] = { { "getrlimit", 76 }, { "ugetrlimit", 191 } };

	memset(pair64, 0, sizeof(pair64));
	if (sys32(340, 0, resource, NULL, pair64) != 0 || pair64[0] != UINT64_MAX || pair64[1] != UINT64_MAX)
		wrong("i386 prlimit64 of %d: %llx %llx", resource, (unsigned long long)pair64[0], (unsigned long long)pair64[1]);
	for (size_t i = 0; i < ARRAY_SIZE(calls32); i++) {
		uint32_t most = i ? UINT32_MAX : INT32_MAX;

		pair32[0] = pair32[1] = 0;
		if (sys32(calls32[i].nr, resource, (long)pair32, NULL, NULL) != 0 || pair32[0] != most || pair32[1] != most)
			wrong("i386 %s of %d: %x %x", calls32[i].name, resource, pair32[0], pair32[1]);
	}
	reads += 3;
}

static void read_by_all(int resource)
{
	if (with_i386)
		read_by_i386(resource);
#ifndef __i386__
	memset(pair64, 0, sizeof(pair64));
	if (sys(SYS_getrlimit, resource, (long)pair64, NULL, NULL) != 0 || pair64[0] != UINT64_MAX || pair64[1] != UINT64_MAX)
		wrong("getrlimit of %d: %llx %llx", resource, (unsigned long long)pair64[0], (unsigned long long)pair64[1]);
	memset(pair64, 0, sizeof(pair64));
	/* the kernel takes the lower half of both */
	if (sys(SYS_prlimit64, 0x700000000, 0x100000000 | resource, NULL, pair64) != 0 || pair64[0] != UINT64_MAX)
		wrong("prlimit64 of %d: %llx", resource, (unsigned long long)pair64[0]);
	reads += 2;
#endif
}

static void write_by_i386(pid_t pid, int resource, uint64_t soft, uint64_t hard)
{
	pair64[0] = soft;
	pair64[1] = hard;
	pair32[0] = (uint32_t)soft;
	pair32[1] = (uint32_t)hard;
	sys32(340, pid, resource, pair64, NULL);
	sys32(340, pid, resource, pair64, old64);
	if (pid == 0 || pid == getpid())
		sys32(75, resource, (long)pair32, NULL, NULL);
	writes += 3;
}

static void write_by_all(pid_t pid, int resource, uint64_t soft, uint64_t hard)
{
	if (with_i386)
		write_by_i386(pid, resource, soft, hard);
#ifndef __i386__
	pair64[0] = soft;
	pair64[1] = hard;
	sys(SYS_prlimit64, pid, resource, pair64, NULL);
	sys(SYS_prlimit64, 0x500000000 | pid, 0x300000000 | resource, pair64, NULL);
	sys(SYS_prlimit64 | 0x40000000, pid, resource, pair64, NULL);
	if (pid == 0 || pid == getpid())
		sys(SYS_setrlimit, 0x100000000 | resource, (long)pair64, NULL, NULL);
	writes += 4;
#endif
}

/* As the kernel would refuse them. */
static void refused(int resource)
{
	static const struct { const char *name; uint64_t soft, hard; long pid, want; } cases[] = {
		{ "soft above hard", 2, 1, 0, -EINVAL }, { "nobody", 1, 1, 0x3ffffff, -ESRCH }, { "a negative process", 1, 1, -2, -ESRCH },
		{ "good", 1, UINT64_MAX, 0, 0 },
	};
	static char *const nowhere = (char *)8;

	if (!with_i386)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		long r;

		pair64[0] = cases[i].soft;
		pair64[1] = cases[i].hard;
		r = sys32(340, cases[i].pid, resource, pair64, NULL);
		if (r != cases[i].want)
			wrong("prlimit64, %s: %ld", cases[i].name, r);
	}
	if (sys32(340, 0, resource, nowhere, NULL) != -EFAULT || sys32(340, 0, resource, NULL, nowhere) != -EFAULT ||
	    sys32(75, resource, (long)nowhere, NULL, NULL) != -EFAULT || sys32(76, resource, (long)nowhere, NULL, NULL) != -EFAULT ||
	    sys32(191, resource, (long)nowhere, NULL, NULL) != -EFAULT)
		wrong("limits at an address that is none");
}

/* Values that are kept, of which each bit is turned, halves are exchanged, and others. */
static uint64_t forged(uint64_t mine, uint64_t others, unsigned int n)
{
	if (n < 64)
		return mine ^ UINT64_C(1) << n;
	switch (n) {
	case 64: return others;
	case 65: return mine + 1;
	case 66: return mine - 1;
	case 67: return (mine & UINT32_MAX) | (others & ~(uint64_t)UINT32_MAX);
	case 68: return (others & UINT32_MAX) | (mine & ~(uint64_t)UINT32_MAX);
	case 69: return 0;
	case 70: return UINT64_MAX;
	case 71: return UINT64_MAX - 1;
	case 72: return mine << 1;
	case 73: return (uint64_t)INT64_MAX;
	default: return (uint64_t)random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX);
	}
}
#define FORGED 100

static void set(uid_t id)
{
	check(setresgid(id + 1, id + 1, id + 1) == 0 && setresuid(id, id, 0) == 0, "setresuid");
}

/* A child that looks whenever it is asked to, as the one with ids of its own. */
static pid_t start_other(int *ask, int *answer)
{
	int to[2], from[2];
	pid_t pid;

	check(pipe(to) == 0 && pipe(from) == 0, "pipe");
	pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0) {
		char c;

		check(seteuid(0) == 0, "seteuid");
		set(ID + 100);
		close(to[1]);
		while (write(from[1], "", 1) == 1 && read(to[0], &c, 1) == 1)
			look("another process", ID + 100);
		_exit(verdict());
	}
	close(to[0]);
	close(from[1]);
	*ask = to[1];
	*answer = from[0];
	check(read(from[0], to, 1) == 1, "the other process");
	return pid;
}

static void inherits(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		look("a child", ID);
		_exit(verdict());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		wrong("a child fails");
}

static void play(pid_t other, int ask, int answer)
{
	static const int resources[] = { RLIMIT_LOCKS, RLIMIT_RSS };
	char before[512], after[512], c;
	uint64_t mine = kept(getpid()), others = kept(other);

	shown(getpid(), before, sizeof(before));
	if (mine == 0 || others == 0 || mine == others)
		wrong("nothing is seen of what is kept");
	printf("kept: %llx, of another process: %llx\n", (unsigned long long)mine, (unsigned long long)others);
	fflush(stdout);
	for (unsigned int n = 0; n < FORGED; n++) {
		uint64_t value = forged(mine, others, n);

		for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
			const pid_t whom[] = { 0, getpid(), getppid(), other };

			for (size_t w = 0; w < ARRAY_SIZE(whom); w++) {
				write_by_all(whom[w], resources[i], value, UINT64_MAX);
				write_by_all(whom[w], resources[i], value, value);
			}
			read_by_all(resources[i]);
		}
		look("the caller", ID);
		if (write(ask, "", 1) != 1 || read(answer, &c, 1) != 1)
			wrong("the other process is gone");
		if (n % 10 == 0)
			inherits();
	}
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++)
		refused(resources[i]);
	look("the caller", ID);
	shown(getpid(), after, sizeof(after));
	if (strcmp(before, after) != 0)
		wrong("before:\n%safter:\n%s", before, after);
}

int main(void)
{
	int ask, answer, status;
	pid_t pid;

	with_i386 = has_i386();
	if (!with_i386)
		printf("this kernel has no calls of i386\n");
	set(ID);
	look("the caller", ID);
	pid = start_other(&ask, &answer);
	play(pid, ask, answer);
	close(ask);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		wrong("the other process: status %x", status);
	at_least("reads", reads, with_i386 ? 600 : 400);
	at_least("writes", writes, with_i386 ? 4800 : 2700);
	return verdict();
}
