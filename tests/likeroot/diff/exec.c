/* SPDX-License-Identifier: Apache-2.0 */
/* Executing programs in the midst of a sequence, which they go on with, and failing to. */
#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000
#endif

static char environment_word[] = "LD_PRELOAD=/none";
static char *environment[] = { environment_word, NULL };

static const char *last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash : path;
}

/* Does not return if it succeeds. */
static void exec_program(struct seq *s, uint32_t which, uint32_t how)
{
	const char *path = programs[which].path;
	struct resume resume;
	int fd = FD_EXEC + (int)which;
	long r;

	/* the directories are open at no number */
	static const char *const ways[] = { "execve", "execveat", "execveat(fd)", "execveat(no follow)", "execveat(check)" };

	resume_fill(&resume, s);
	say("%s %s", ways[how], path);
	say_end();
	switch (how) {
	case 0: r = raw(SYS_execve, path, resume.argv, environment); break;
	case 1: r = raw(SYS_execveat, AT_FDCWD, path, resume.argv, environment, 0); break;
	case 2: r = raw(SYS_execveat, fd, "", resume.argv, environment, AT_EMPTY_PATH); break;
	case 3: r = raw(SYS_execveat, AT_FDCWD, path, resume.argv, environment, AT_SYMLINK_NOFOLLOW); break;
	default: r = raw(SYS_execveat, AT_FDCWD, path, resume.argv, environment, AT_EXECVE_CHECK); break;
	}
	say("%s.%d back from %s", s->path, s->step, last(path));
	say_result(r);
}

static uint32_t draw_way(struct seq *s)
{
	static const uint8_t ways[] = { 0, 0, 0, 0, 1, 2, 2, 3, 4 };

	return ways[draw(s, ARRAY_SIZE(ways))];
}

/* Arguments that no program can be executed with. */
static void exec_badly(struct seq *s)
{
	static char huge[200000];
	static const char *const names[] = { "path nowhere", "argv nowhere", "environment nowhere", "argument nowhere", "argument too long",
					     "path too long", "name too long", "flags", "no descriptor" };
	uint32_t which = draw(s, ARRAY_SIZE(names));
	char *nowhere[] = { NOWHERE, NULL }, *long_argument[] = { huge, NULL }, none[] = "x", *few[] = { none, NULL };
	long r;

	memset(huge, 'x', sizeof(huge) - 1);
	say("exec of %s, %s", last(SU42), names[which]);
	switch (which) {
	case 0: r = raw(SYS_execve, NOWHERE, few, environment); break;
	case 1: r = raw(SYS_execve, SU42, NOWHERE, environment); break;
	case 2: r = raw(SYS_execve, SU42, few, NOWHERE); break;
	case 3: r = raw(SYS_execve, SU42, nowhere, environment); break;
	case 4: r = raw(SYS_execve, SU42, long_argument, environment); break;
	case 5: r = raw(SYS_execve, huge, few, environment); break;
	case 6:
		huge[300] = '\0';
		r = raw(SYS_execve, huge, few, environment);
		break;
	case 7: r = raw(SYS_execveat, AT_FDCWD, SU42, few, environment, 0x40000); break;
	default: r = raw(SYS_execveat, 999, "", few, environment, AT_EMPTY_PATH); break;
	}
	say_result(r);
}

static void exec_nothing(struct seq *s)
{
	const char *path = no_programs[draw(s, (uint32_t)no_program_count)];
	struct resume resume;
	long r;

	resume_fill(&resume, s);
	say("exec of %s", path);
	r = draw(s, 3) ? raw(SYS_execve, path, resume.argv, environment) :
			 raw(SYS_execveat, AT_FDCWD, path, resume.argv, environment, 0);
	say_result(r);
}

void exec_step(struct seq *s)
{
	switch (draw(s, 8)) {
	case 0: exec_badly(s); break;
	case 1:
	case 2: exec_nothing(s); break;
	default: exec_program(s, draw(s, (uint32_t)program_count), draw_way(s)); break;
	}
}

static pid_t spawn(struct seq *child, const char *path)
{
	posix_spawnattr_t attributes;
	struct resume resume;
	pid_t pid;
	int r;

	resume_fill(&resume, child);
	/* real for effective ids, set by the child */
	if (posix_spawnattr_init(&attributes) != 0 || posix_spawnattr_setflags(&attributes, POSIX_SPAWN_RESETIDS) != 0)
		die("posix_spawnattr");
	r = posix_spawn(&pid, path, NULL, draw(child, 2) ? &attributes : NULL, resume.argv, environment);
	posix_spawnattr_destroy(&attributes);
	return r ? -r : pid;
}

/* vfork, and exec at once. */
static __attribute__((noinline)) pid_t share_and_exec(const char *path, char **argv)
{
	pid_t pid = vfork();

	if (pid == 0) {
		raw(SYS_execve, path, argv, environment);
		_exit(errno);
	}
	return pid;
}

/* Executes in a child; one of the programs fails so late that it is killed. */
void exec_child_step(struct seq *s)
{
	uint32_t which = draw(s, (uint32_t)program_count + 3), how = draw(s, 2);
	const char *path = which < program_count ? programs[which].path : which == program_count ? no_programs[draw(s, (uint32_t)no_program_count)] : LATE;
	struct seq child = { .random = (uint64_t)draw(s, UINT32_MAX) << 32, .left = s->left / 2 };
	struct resume resume;
	int status;
	pid_t pid;

	if (snprintf(child.path, sizeof(child.path), "%s.%d", s->path, s->step) >= (int)sizeof(child.path))
		_exit(8);
	say("%s %s", how ? "posix_spawn" : "vfork, exec", path);
	say_end();
	resume_fill(&resume, &child);
	pid = how ? spawn(&child, path) : share_and_exec(path, resume.argv);
	say("%s.%d child:", s->path, s->step);
	if (pid < 0)
		say_result(pid);
	else if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	else
		say_status(status);
}
