/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences of random calls, each by a process that begins as root; children and executed programs go on with them. */
#include "ids.h"

#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"

#define CALLS_PER_PROCESS 14

static const struct set_call {
	const char *name;
	int ids;
	long wide, narrow;
} set_calls[] = {
#ifdef __i386__
#define SET_CALL(name, ids) { #name, ids, SYS_##name##32, SYS_##name }
#else
#define SET_CALL(name, ids) { #name, ids, SYS_##name, 0 }
#endif
	SET_CALL(setuid, 1), SET_CALL(setgid, 1), SET_CALL(setreuid, 2), SET_CALL(setregid, 2), SET_CALL(setresuid, 3),
	SET_CALL(setresgid, 3), SET_CALL(setfsuid, 1), SET_CALL(setfsgid, 1),
};

/* splitmix64 */
static uint64_t next(struct seq *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t draw(struct seq *s, uint32_t below)
{
	return (uint32_t)(next(s) >> 32) % below;
}

static uint32_t draw_id(struct seq *s)
{
	static const uint32_t ids[] = { 0, 0, 0, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX, 1, 42, 43, 1000, 1000, 65534, 65535, 65536, 70000,
					0x7fffffff, 0x80000000, 0xfffffffe };

	return ids[draw(s, ARRAY_SIZE(ids))];
}

/* What is above the lower half of a register, where there is something, does not count. */
static unsigned long wider(struct seq *s, uint32_t value)
{
	uint64_t above = draw(s, 8) == 0 ? (uint64_t)(1 + draw(s, 0xffff)) << 32 : 0;

	return (unsigned long)(value | above);
}

/* The 32-bit call, or the one with 16-bit ids where there is one. */
static long choose(struct seq *s, long wide, long narrow)
{
	if (!narrow || draw(s, 3) > 0)
		return wide;
	say("16");
	return narrow;
}

static void set_step(struct seq *s)
{
	const struct set_call *c = &set_calls[draw(s, ARRAY_SIZE(set_calls))];
	unsigned long a[3] = { 0 };
	long nr;

	say("%s", c->name);
	nr = choose(s, c->wide, c->narrow);
	for (int i = 0; i < c->ids; i++) {
		a[i] = wider(s, draw_id(s));
		say("%c%lx", i ? ',' : '(', a[i]);
	}
	say(")");
	say_result(raw(nr, a[0], a[1], a[2]));
}

static void setgroups_step(struct seq *s)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 5, 32, 255, UINT32_MAX, 0x80000000, 65537 };
	uint32_t wide[255], size = sizes[draw(s, ARRAY_SIZE(sizes))], n = size < ARRAY_SIZE(wide) ? size : 0, place = draw(s, 8);
	uint16_t narrow[255];
	const void *list = wide;
	long nr;

	say("setgroups");
#ifdef __i386__
	nr = choose(s, SYS_setgroups32, SYS_setgroups);
#else
	nr = SYS_setgroups;
#endif
	for (uint32_t i = 0; i < n; i++) {
		wide[i] = draw(s, 4) ? draw(s, 100000) : draw_id(s);
		if (wide[i] == UINT32_MAX && draw(s, 4))
			wide[i] = 7; /* the kernel takes no list with it */
		narrow[i] = (uint16_t)wide[i];
	}
	if (nr != WIDE(setgroups))
		list = narrow;
	if (place == 0)
		list = NOWHERE;
	/* of two mistakes the kernel sees the first one first */
	else if (place == 1 && n > 1 && wide[0] != UINT32_MAX && narrow[0] != UINT16_MAX && narrow[1] != UINT16_MAX)
		list = memcpy(at_end(4), list, 4);
	say("(%x, %s)", size, list == NOWHERE ? "nowhere" : list == wide || list == narrow ? "list" : "cut");
	say_result(raw(nr, wider(s, size), list));
}

static uint64_t draw_set(struct seq *s, uint64_t within)
{
	switch (draw(s, 6)) {
	case 0: return 0;
	case 1: return within & (next(s) | next(s));
	case 2: return within & ~CAP_BIT(draw(s, CAP_COUNT));
	case 3: return draw(s, 3) ? within : within | CAP_BIT(draw(s, 64));
	default: return within;
	}
}

static void capset_step(struct seq *s)
{
	static const uint32_t versions[] = { _LINUX_CAPABILITY_VERSION_3, _LINUX_CAPABILITY_VERSION_3, _LINUX_CAPABILITY_VERSION_3,
					     _LINUX_CAPABILITY_VERSION_3, _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_1, 0 };
	static const char *const whose[] = { "self", "own", "parent", "negative", "none" };
	uint32_t who = draw(s, 4) ? draw(s, 2) : draw(s, ARRAY_SIZE(whose)), place = draw(s, 20);
	const int pids[] = { 0, getpid(), getppid(), -5, 0x3ffffff };
	struct __user_cap_header_struct header = { versions[draw(s, ARRAY_SIZE(versions))], pids[who] };
	struct __user_cap_data_struct data[2];
	struct sets now;
	uint64_t p, e, i;

	get_sets(&now);
	p = draw_set(s, now.permitted);
	e = draw_set(s, p);
	i = draw_set(s, draw(s, 2) ? now.inheritable : p);
	for (int half = 0; half < 2; half++)
		data[half] = (struct __user_cap_data_struct){ (uint32_t)(e >> 32 * half), (uint32_t)(p >> 32 * half), (uint32_t)(i >> 32 * half) };
	say("capset(%x %s, E%llx P%llx I%llx%s)", header.version, whose[who], (unsigned long long)e, (unsigned long long)p,
	    (unsigned long long)i, place == 0 ? " nowhere" : place == 1 ? " header nowhere" : "");
	say_result(raw(SYS_capset, place == 1 ? NOWHERE : &header, place == 0 ? NOWHERE : data));
	say(" version %x", header.version);
}

static void prctl_step(struct seq *s)
{
	static const struct { const char *name; int option; } options[] = {
		{ "KEEPCAPS", PR_SET_KEEPCAPS }, { "KEEPCAPS", PR_SET_KEEPCAPS }, { "GET_KEEPCAPS", PR_GET_KEEPCAPS },
		{ "SECUREBITS", PR_SET_SECUREBITS }, { "SECUREBITS", PR_SET_SECUREBITS }, { "GET_SECUREBITS", PR_GET_SECUREBITS },
		{ "CAPBSET_READ", PR_CAPBSET_READ }, { "CAPBSET_DROP", PR_CAPBSET_DROP }, { "CAP_AMBIENT", PR_CAP_AMBIENT },
		{ "CAP_AMBIENT", PR_CAP_AMBIENT }, { "NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS },
	};
	static const unsigned long bits[] = { 0, SECBIT_KEEP_CAPS, SECBIT_NO_SETUID_FIXUP, SECBIT_NOROOT, SECBIT_NO_CAP_AMBIENT_RAISE,
					      SECBIT_KEEP_CAPS | SECBIT_KEEP_CAPS_LOCKED, SECURE_ALL_BITS, SECBIT_NOROOT_LOCKED, 0x100, 0x400, 0x1000 };
	uint32_t which = draw(s, ARRAY_SIZE(options));
	unsigned long a[4] = { 0 };

	switch (options[which].option) {
	case PR_SET_KEEPCAPS: a[0] = draw(s, 6) ? 1 : draw(s, 3); break;
	case PR_SET_SECUREBITS: a[0] = bits[draw(s, ARRAY_SIZE(bits))] | (draw(s, 2) ? bits[draw(s, 5)] : 0); break;
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP: a[0] = draw(s, 5) ? draw(s, 14) : draw(s, 70); break;
	case PR_SET_NO_NEW_PRIVS: a[0] = draw(s, 3) == 0; break;
	case PR_CAP_AMBIENT:
		a[0] = draw(s, 5) ? PR_CAP_AMBIENT_RAISE : 1 + draw(s, 5);
		a[1] = a[0] == PR_CAP_AMBIENT_CLEAR_ALL && draw(s, 4) ? 0 : draw(s, 5) ? draw(s, 14) : draw(s, 70);
		break;
	}
	if (draw(s, 16) == 0)
		a[1 + draw(s, 3)] = 1; /* where it has no meaning, mostly */
	say("prctl(%s, %lx,%lx,%lx,%lx)", options[which].name, a[0], a[1], a[2], a[3]);
	say_result(raw(SYS_prctl, wider(s, (uint32_t)options[which].option), a[0], a[1], a[2], a[3]));
}

static void get_three(struct seq *s)
{
	static const char *const names[] = { "getresuid", "getresgid" };
	uint32_t which = draw(s, 2), bad = draw(s, 5), a = 0, b = 0, c = 0;
	long nr;

	say("%s", names[which]);
#ifdef __i386__
	nr = which ? choose(s, SYS_getresgid32, SYS_getresgid) : choose(s, SYS_getresuid32, SYS_getresuid);
#else
	nr = which ? SYS_getresgid : SYS_getresuid;
#endif
	say("(%d)", bad);
	say_result(raw(nr, bad == 0 ? NOWHERE : &a, bad == 1 ? NOWHERE : &b, bad == 2 ? NOWHERE : &c));
	if (bad > 2)
		say(" %x,%x,%x", a, b, c);
}

static void get_groups(struct seq *s)
{
	static const int sizes[] = { 0, 1, 2, 3, 5, 32, 254, 255, 256, -1, 65537 };
	uint32_t list[256] = { 0 }, n, sum = 0, place = draw(s, 6);
	int size = sizes[draw(s, ARRAY_SIZE(sizes))];
	void *where = place == 0 ? NOWHERE : place == 1 ? at_end(2) : list;
	long nr, r;

	say("getgroups");
#ifdef __i386__
	nr = choose(s, SYS_getgroups32, SYS_getgroups);
#else
	nr = SYS_getgroups;
#endif
	r = raw(nr, (unsigned int)size, where);
	say("(%d, %d)", size, place > 1);
	say_result(r);
	n = where == list && r > 0 && size ? (uint32_t)r : 0;
	for (uint32_t i = 0; i < ARRAY_SIZE(list); i++)
		sum = sum * 31 + list[i]; /* behind them there is nothing */
	say(" %u#%x", n, sum);
}

static void capget_one(struct seq *s)
{
	static const uint32_t versions[] = { _LINUX_CAPABILITY_VERSION_3, _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_1, 0, 7 };
	static const char *const whose[] = { "self", "own", "parent", "negative", "none" };
	uint32_t who = draw(s, ARRAY_SIZE(whose)), place = draw(s, 6);
	const int pids[] = { 0, getpid(), getppid(), -5, 0x3ffffff };
	struct __user_cap_header_struct header = { versions[draw(s, ARRAY_SIZE(versions))], pids[who] };
	struct __user_cap_data_struct data[2] = { { 9, 9, 9 }, { 9, 9, 9 } };

	say("capget(%x %s %s)", header.version, whose[who], place == 0 ? "header nowhere" : place == 1 ? "nowhere" : place == 2 ? "NULL" : "data");
	say_result(raw(SYS_capget, place == 0 ? NOWHERE : &header, place == 1 ? NOWHERE : place == 2 ? NULL : data));
	say(" version %x", header.version);
	for (int i = 0; i < 2; i++)
		say(" %x,%x,%x", data[i].effective, data[i].permitted, data[i].inheritable);
}

static void get_one(struct seq *s)
{
	static const struct { const char *name; long wide, narrow; } gets[] = {
#ifdef __i386__
#define GET(name) { #name, SYS_##name##32, SYS_##name }
#else
#define GET(name) { #name, SYS_##name, 0 }
#endif
		GET(getuid), GET(geteuid), GET(getgid), GET(getegid),
	};
	uint32_t which = draw(s, ARRAY_SIZE(gets));

	say("%s", gets[which].name);
	say("()");
	say_result(raw(choose(s, gets[which].wide, gets[which].narrow)));
}

static void get_step(struct seq *s)
{
	static void (*const gets[])(struct seq *) = { get_three, get_groups, get_one, capget_one };

	gets[draw(s, ARRAY_SIZE(gets))](s);
}

/* A child's part of the sequence. */
static void be_child(const struct seq *s, uint64_t random)
{
	struct seq child = { .random = random, .left = s->left / 2 };

	if (snprintf(child.path, sizeof(child.path), "%s.%d", s->path, s->step) >= (int)sizeof(child.path))
		_exit(8);
	say("%s begins", child.path);
	say_state();
	sequence_go_on(&child);
}

/* The parent's ids change before the child's first call. */
static pid_t fork_late(struct seq *s, uint64_t random)
{
	int ends[2];
	pid_t pid;
	char c;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		close(ends[1]);
		if (read(ends[0], &c, 1) < 0)
			_exit(9);
		close(ends[0]);
		be_child(s, random);
	}
	close(ends[0]);
	set_step(s);
	say_state();
	say("%s.%d", s->path, s->step);
	close(ends[1]);
	return pid;
}

/* The child shares the memory until it is gone or another program. */
static __attribute__((noinline)) pid_t share(struct seq *s, uint64_t random)
{
	pid_t pid = vfork();

	if (pid == 0)
		be_child(s, random);
	return pid;
}

static pid_t clone3_child(struct seq *s, uint64_t random)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = raw(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		be_child(s, random);
	return (pid_t)pid;
}

static void child_step(struct seq *s)
{
	static const char *const names[] = { "fork", "fork, late", "vfork", "clone3" };
	uint32_t how = draw(s, 4);
	uint64_t random = next(s);
	int status;
	pid_t pid;

	/* before the child's lines, not behind */
	say("%s", names[how]);
	if (how != 1)
		say_end();
	else
		say(" ");
	switch (how) {
	case 0:
		pid = fork();
		if (pid == 0)
			be_child(s, random);
		break;
	case 1: pid = fork_late(s, random); break;
	case 2: pid = share(s, random); break;
	default: pid = clone3_child(s, random); break;
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("child");
	if (how != 1)
		say("%s.%d", s->path, s->step);
	say(" child:");
	say_status(status);
}

void sequence_go_on(struct seq *s)
{
	while (s->left > 0) {
		uint32_t what = draw(s, 100);

		s->step++;
		s->left--;
		say("%s.%d ", s->path, s->step);
		if (what < 40)
			set_step(s);
		else if (what < 46)
			setgroups_step(s);
		else if (what < 56)
			capset_step(s);
		else if (what < 70)
			prctl_step(s);
		else if (what < 78)
			get_step(s);
		else if (what < 86)
			child_step(s);
		else if (what < 92)
			exec_child_step(s);
		else
			exec_step(s);
		say_state();
	}
	_exit(0);
}

void sequence_pass(unsigned long seed, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		struct seq s = { .random = (uint64_t)seed << 32 | i, .left = CALLS_PER_PROCESS };
		int status;
		pid_t pid;

		snprintf(s.path, sizeof(s.path), "%lu:%lu", seed, i);
		pid = fork();
		if (pid == 0)
			sequence_go_on(&s);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			die("fork");
		say("%s ended:", s.path);
		say_status(status);
		say_end();
	}
}
