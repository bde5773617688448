/* SPDX-License-Identifier: Apache-2.0 */
#include "ids.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"

static __thread char line[4096];
static __thread size_t used;

void say(const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(line + used, sizeof(line) - used - 1, format, list);
	va_end(list);
	if (n < 0 || (size_t)n >= sizeof(line) - used - 1)
		die("a line is too long");
	used += (size_t)n;
}

void say_end(void)
{
	line[used++] = '\n';
	if (write(1, line, used) != (ssize_t)used)
		_exit(9);
	used = 0;
}

void say_result(long r)
{
	if (r < 0)
		say(" = %s", strerrorname_np((int)-r) ? strerrorname_np((int)-r) : "?");
	else
		say(" = %ld", r);
}

void say_status(int status)
{
	say(WIFSIGNALED(status) ? " signal %d" : " exit %d", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
	long r = syscall(nr, a, b, c, d, e, f);

	return r == -1 ? -errno : r;
}

void *at_end(size_t n)
{
	static char *page;

	if (!page) {
		page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED || munmap(page + 4096, 2 * 4096) < 0)
			die("mmap");
	}
	return page + 4096 - n;
}

long get_sets(struct sets *sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	long r = raw(SYS_capget, &header, data);

	sets->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	sets->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	sets->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return r;
}

long set_sets(const struct sets *sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)sets->effective, (uint32_t)sets->permitted, (uint32_t)sets->inheritable },
		{ (uint32_t)(sets->effective >> 32), (uint32_t)(sets->permitted >> 32), (uint32_t)(sets->inheritable >> 32) },
	};

	return raw(SYS_capset, &header, data);
}

static uint64_t prctl_set(long option, long argument)
{
	uint64_t set = 0;

	for (unsigned int c = 0; c < 64; c++) {
		long r = argument < 0 ? raw(SYS_prctl, option, c) : raw(SYS_prctl, option, argument, c);

		if (r < 0)
			break;
		set |= (uint64_t)(r != 0) << c;
	}
	return set;
}

/* What two calls say about the same. */
static void must_agree(const char *what, long a, uint32_t b)
{
	if ((uint32_t)a != b)
		say(" %s %ld is not %u", what, a, b);
}

static void say_groups(void)
{
	static __thread gid_t groups[1024];
	long n = raw(WIDE(getgroups), 0, NULL), got = raw(WIDE(getgroups), ARRAY_SIZE(groups), groups);
	uint32_t sum = 0;

	must_agree("getgroups", n, (uint32_t)got);
	say(" G%ld", n);
	for (long i = 0; i < got; i++) {
		sum = sum * 31 + groups[i];
		if (i < 8)
			say("%c%u", i ? ',' : ':', groups[i]);
	}
	if (got > 8)
		say(",...#%x", sum);
}

static void say_three(const char *what, long call, long real, long effective)
{
	uint32_t id[3] = { 7777777, 7777777, 7777777 };
	long r = raw(call, &id[0], &id[1], &id[2]);

	say(" %s%u,%u,%u", what, id[0], id[1], id[2]);
	must_agree("getres", r, 0);
	must_agree("real", raw(real), id[0]);
	must_agree("effective", raw(effective), id[1]);
}

void say_ids(void)
{
	say_three("u", WIDE(getresuid), WIDE(getuid), WIDE(geteuid));
	say_three("g", WIDE(getresgid), WIDE(getgid), WIDE(getegid));
	say_groups();
}

void say_state(void)
{
	struct sets sets;
	long r;

	say(" |");
	say_ids();
	say(" f%u,%u", (uint32_t)raw(WIDE(setfsuid), -1), (uint32_t)raw(WIDE(setfsgid), -1));
	r = get_sets(&sets);
	must_agree("capget", r, 0);
	say(" I%llx P%llx E%llx", (unsigned long long)sets.inheritable, (unsigned long long)sets.permitted, (unsigned long long)sets.effective);
	say(" B%llx", (unsigned long long)prctl_set(PR_CAPBSET_READ, -1));
	say(" A%llx", (unsigned long long)prctl_set(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET));
	say(" s%lx k%ld", raw(SYS_prctl, PR_GET_SECUREBITS), raw(SYS_prctl, PR_GET_KEEPCAPS));
	say_end();
}

void say_start(void)
{
	/* without AT_SECURE nobody asks for the ids, which are the container's own then */
	say(" secure %lu,", getauxval(AT_SECURE));
	if (getauxval(AT_SECURE))
		say(" ids %lu,%lu,%lu,%lu,", getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_GID), getauxval(AT_EGID));
	say(" environment %s", getenv("LD_PRELOAD") ? "kept" : "cleaned");
}
