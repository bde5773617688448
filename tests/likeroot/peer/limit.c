/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t other; /* whose limits are asked for */

static long prlimit_raw(pid_t pid, long resource, const void *new, void *old)
{
	return syscall(SYS_prlimit64, pid, resource, new, old);
}

static void say_limits(const char *name, long resource)
{
	uint64_t wide[2] = { 1, 2 };
	unsigned long limit[2] = { 1, 2 };

	SAY(name, prlimit_raw(0, resource, NULL, wide), " prlimit %llx %llx", (unsigned long long)wide[0], (unsigned long long)wide[1]);
	SAY(name, syscall(SYS_getrlimit, resource, limit), " getrlimit %lx %lx", limit[0], limit[1]);
#ifdef SYS_ugetrlimit
	limit[0] = limit[1] = 3;
	SAY(name, syscall(SYS_ugetrlimit, resource, limit), " ugetrlimit %lx %lx", limit[0], limit[1]);
#endif
}

static void say_faults(long resource)
{
	uint64_t good[2] = { 100, 200 }, bad[2] = { 200, 100 };
	unsigned long bad_limit[2] = { 200, 100 };

	SAY("nothing asked", prlimit_raw(0, resource, NULL, NULL), " ");
	SAY("prlimit, bad places", prlimit_raw(0, resource, NULL, (void *)8), " ");
	SAY("prlimit, bad new", prlimit_raw(0, resource, (void *)8, NULL), " ");
	SAY("prlimit, bad new of nobody", prlimit_raw(9999999, resource, (void *)8, NULL), " ");
	SAY("prlimit, soft above hard", prlimit_raw(0, resource, bad, NULL), " ");
	SAY("prlimit, soft above hard of nobody", prlimit_raw(9999999, resource, bad, NULL), " ");
	SAY("nobody", prlimit_raw(9999999, resource, NULL, good), " ");
	SAY("nobody, negative", prlimit_raw(-1, resource, NULL, good), " ");
	SAY("getrlimit, bad place", syscall(SYS_getrlimit, resource, 8), " ");
	SAY("getrlimit, no place", syscall(SYS_getrlimit, resource, 0), " ");
	SAY("setrlimit, no place", syscall(SYS_setrlimit, resource, 0), " ");
	SAY("setrlimit, bad place", syscall(SYS_setrlimit, resource, 8), " ");
	SAY("setrlimit, soft above hard", syscall(SYS_setrlimit, resource, bad_limit), " ");
}

static void say_sets(long resource)
{
	uint64_t lower[2] = { 100, 200 };
	unsigned long lowest[2] = { 50, 100 };

	SAY("prlimit sets", prlimit_raw(0, resource, lower, NULL), " ");
	SAY("setrlimit sets", syscall(SYS_setrlimit, resource, lowest), " ");
}

static void say_all(void)
{
	static const long resources[] = { RLIMIT_LOCKS, RLIMIT_RSS };

	for (int i = 0; i < 2; i++) {
		say_limits(i ? "RSS" : "LOCKS", resources[i]);
		say_faults(resources[i]);
		say_sets(resources[i]);
	}
}

static void say_other(const char *name, pid_t pid)
{
	uint64_t limit[2] = { 1, 2 }, bad[2] = { 2, 1 };

	SAY(name, prlimit_raw(pid, RLIMIT_LOCKS, NULL, limit), " %llx %llx", (unsigned long long)limit[0], (unsigned long long)limit[1]);
	SAY(name, prlimit_raw(pid, RLIMIT_LOCKS, bad, NULL), " soft above hard");
}

static void about_others(void)
{
	say_other("itself", getpid());
	say_other("alice", other);
	say_other("root", getppid());
}

/* Not all of its ids are those of the other. */
static void half_alice(void)
{
	need(setresgid(43, 43, 43) == 0 && setresuid(42, 42, 0) == 0, "setresuid");
	say_other("half of alice about her", other);
	need(setresuid(0, 42, 0) == 0, "setresuid");
	say_other("who really is root about root", getppid());
	say_other("who really is root about alice", other);
}

static void still_alice(void)
{
	SAY("who sets", getuid(), " ");
	say_sets(RLIMIT_LOCKS);
	say_sets(RLIMIT_RSS);
	SAY("is still", getuid(), " %d", (int)getegid());
}

void test_limit(void)
{
	in_child(0, say_all);
	in_child(1, say_all);
	other = start_sleeper();
	about_others();
	in_child(1, about_others);
	in_child(0, half_alice);
	in_child(1, still_alice);
	end_sleeper(other);
}
