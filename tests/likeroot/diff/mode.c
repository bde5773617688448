/* SPDX-License-Identifier: Apache-2.0 */
/* Who may change the mode or the owner of whose file, and which set-id bits that leaves; and ask for whose limits. */
#include "ids.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"

#define FILE_NAME "/work/ids/mode"

/* all recorded: what has no owner recorded may be a new file of the caller's */
static const uint32_t owners[][2] = { { 8, 0 }, { 42, 43 }, { 42, 5 }, { 42, 99 }, { 7, 43 } };
static const unsigned int modes[] = { 0600, 02755, 06711, 01644, 02766, 04644 };

static void root(void) { }
static void without_fowner(void)
{
	struct sets sets;

	get_sets(&sets);
	sets.effective &= ~(CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID));
	set_sets(&sets);
}
static void user(void)
{
	gid_t groups[] = { 5, 6 };

	if (raw(WIDE(setgroups), 2, groups) < 0 || raw(WIDE(setresgid), 43, 43, 43) < 0 || raw(WIDE(setresuid), 42, 42, 42) < 0)
		die("user");
}
static void by_fsuid(void)
{
	raw(WIDE(setfsuid), 42);
}
static void capable_user(void)
{
	struct sets sets = { CAP_BIT(CAP_FOWNER), CAP_BIT(CAP_FOWNER), 0 };

	if (raw(SYS_prctl, PR_SET_KEEPCAPS, 1) < 0 || raw(WIDE(setresuid), 70000, 70000, 70000) < 0 || set_sets(&sets) < 0)
		die("capable user");
}

static const struct who {
	const char *name;
	void (*become)(void);
} whos[] = {
	{ "root", root }, { "root without CAP_FOWNER", without_fowner }, { "user", user }, { "root with another fsuid", by_fsuid },
	{ "user with CAP_FOWNER", capable_user },
};

static long change(int how, int fd, unsigned int mode)
{
	switch (how) {
	case 0: return raw(SYS_chmod, FILE_NAME, mode);
	case 1: return raw(SYS_fchmod, fd, mode);
	case 3: return raw(WIDE(chown), FILE_NAME, -1, -1);
	case 4: return raw(WIDE(fchown), fd, -1, 43);
	case 5: return raw(WIDE(chown), FILE_NAME, 42, -1);
	default: return raw(SYS_fchmodat, AT_FDCWD, FILE_NAME, mode);
	}
}

static void one(const struct who *w, const uint32_t *owner, unsigned int mode, int how)
{
	int fd, status;
	struct stat st;
	pid_t pid;

	unlink(FILE_NAME);
	fd = open(FILE_NAME, O_CREAT | O_RDWR, 0644);
	if (fd < 0 || raw(WIDE(fchown), fd, owner[0], owner[1]) < 0)
		die(FILE_NAME);
	if (how > 2 && fchmod(fd, mode) < 0)
		die(FILE_NAME);
	pid = fork();
	if (pid == 0) {
		w->become();
		say("%s, file of %u:%u, %o, way %d", w->name, owner[0], owner[1], mode, how);
		say_result(change(how, fd, mode));
		if (fstat(fd, &st) < 0)
			die("fstat");
		say(" %o", st.st_mode);
		say_end();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("fork");
	close(fd);
}

/* Of a limit that keeps credentials: what is set is forgotten, and so set by no case, or as it is. */
static void ask_limits(const char *who, int resource)
{
	const struct { const char *name; pid_t pid; } whom[] = { { "self", 0 }, { "parent", getppid() }, { "nobody", 0x3ffffff }, { "negative", -2 } };
	uint64_t none[2] = { UINT64_MAX, UINT64_MAX }, bad[2] = { 2, 1 }, got[2];
	unsigned long limit[2] = { 7, 7 };

	for (size_t i = 0; i < ARRAY_SIZE(whom); i++) {
		got[0] = got[1] = 7;
		say("%s, limit %d of %s", who, resource, whom[i].name);
		say_result(raw(SYS_prlimit64, whom[i].pid, resource, NULL, got));
		say_result(raw(SYS_prlimit64, whom[i].pid, resource, none, NULL));
		say_result(raw(SYS_prlimit64, whom[i].pid, resource, bad, NULL));
		say_result(raw(SYS_prlimit64, whom[i].pid, resource, NOWHERE, NULL));
		say_result(raw(SYS_prlimit64, whom[i].pid, resource, NULL, NOWHERE));
		say(" %llx %llx", (unsigned long long)got[0], (unsigned long long)got[1]);
		say_end();
	}
	say("%s, getrlimit %d", who, resource);
	say_result(raw(SYS_getrlimit, resource, limit));
	say_result(raw(SYS_getrlimit, resource, NOWHERE));
	say_result(raw(SYS_setrlimit, resource, NOWHERE));
	say(" %lx %lx", limit[0], limit[1]);
	say_end();
}

static void limits_of(const struct who *w)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		w->become();
		ask_limits(w->name, RLIMIT_LOCKS);
		ask_limits(w->name, RLIMIT_RSS);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("fork");
}

void mode_pass(void)
{
	for (size_t w = 0; w < ARRAY_SIZE(whos); w++)
		limits_of(&whos[w]);
	for (size_t w = 0; w < ARRAY_SIZE(whos); w++)
		for (size_t o = 0; o < ARRAY_SIZE(owners); o++)
			for (size_t m = 0; m < ARRAY_SIZE(modes); m++)
				for (int how = 0; how < 6; how++)
					one(&whos[w], owners[o], modes[m], how);
}
