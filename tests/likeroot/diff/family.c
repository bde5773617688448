/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children whose parent is gone, has other ids by now, or shares its memory when the child first asks who it is. Whoever
 * speaks is alone: the others wait for the ends of pipes, of which only the ends of their holders tell.
 */
#include "ids.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"
#include "family.h"

static char *no_environment[] = { NULL };
const char *family_name;

static void report(const char *who)
{
	say("%s, %s", family_name, who);
	say_state();
}

void report_and_exit(const char *who)
{
	say("%s runs:", who);
	say_start();
	say_state();
	_exit(0);
}

static void set_user(uint32_t uid, uint32_t gid)
{
	gid_t groups[] = { gid + 2, gid + 1 };

	say("%s, set %u:%u", family_name, uid, gid);
	say_result(raw(WIDE(setgroups), 2, groups));
	say_result(raw(WIDE(setresgid), gid, gid, gid));
	say_result(raw(WIDE(setresuid), uid, uid, uid));
	say_end();
}

/* What the caller of a case is before it begins. */
static void root(void) { }
static void user(void) { set_user(42, 43); }
static void saved_root(void)
{
	say("%s, set", family_name);
	say_result(raw(WIDE(setresuid), 1000, 1001, 0));
	say_end();
}
static void with_sets(void)
{
	struct sets sets = { CAP_BIT(0) | CAP_BIT(7), CAP_BIT(0) | CAP_BIT(7) | CAP_BIT(8), CAP_BIT(7) };

	say("%s, set", family_name);
	say_result(raw(SYS_prctl, PR_SET_KEEPCAPS, 1));
	say_result(raw(WIDE(setresuid), 70000, 70000, 70000));
	say_result(set_sets(&sets));
	say_result(raw(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 7));
	say_end();
}

struct line line_open(void)
{
	int ends[2];

	if (pipe(ends) < 0)
		die("pipe");
	return (struct line){ ends[0], ends[1] };
}

void line_wait(struct line l)
{
	char c;

	close(l.in);
	if (read(l.out, &c, 1) != 0)
		_exit(9);
	close(l.out);
}

pid_t must_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

void must_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	say("%s, child:", family_name);
	say_status(status);
	say_end();
}

static void change_all(void)
{
	report("before the first change");
	say("%s", family_name);
	say_result(raw(WIDE(setresgid), 7, 7, 7));
	say_result(raw(WIDE(setreuid), -1, 0));
	say_result(raw(WIDE(setresuid), 7, 7, 7));
	say_state();
}

void exec_report(const char *path)
{
	char word[64], at[] = "@", zero[] = "ids", *argv[] = { zero, at, word, NULL };

	snprintf(word, sizeof(word), "%s, %s", family_name, path);
	execve(path, argv, no_environment);
	say("%s, exec fails", family_name);
	say_end();
	_exit(1);
}

/* The last of "depth" generations speaks, when all others are gone but the first, which waits for it. */
static void generations(int depth, bool session, void (*then)(void))
{
	struct line last = line_open();

	for (int i = 0; i < depth; i++) {
		struct line up = line_open();
		pid_t pid = must_fork();

		if (pid > 0) {
			if (i > 0)
				_exit(0);
			close(up.out);
			close(up.in);
			waitpid(pid, NULL, 0);
			line_wait(last);
			return;
		}
		if (session && setsid() < 0)
			_exit(9);
		/* the parent is gone; and so its own parent is not this one's */
		if (i > 0)
			line_wait(up);
	}
	then();
	_exit(0);
}

void exec_su(void) { exec_report(SU42); }
void exec_self(void) { exec_report(SELF); }
static void double_fork(void) { generations(2, false, change_all); }
static void daemonize(void) { generations(2, true, change_all); }
static void ten_generations(void) { generations(10, false, change_all); }
static void daemon_executes(void) { generations(2, true, exec_self); }
static void daemon_executes_su(void) { generations(2, true, exec_su); }

static void parent_changes(void)
{
	struct line changed = line_open();
	pid_t pid = must_fork();

	if (pid == 0) {
		line_wait(changed);
		change_all();
		_exit(0);
	}
	set_user(77, 78);
	close(changed.in);
	must_wait(pid);
	report("parent");
}

/* It is another program, and then gone. */
static void parent_executes(void)
{
	struct line last = line_open();
	pid_t pid = must_fork();

	if (pid == 0) {
		struct line gone = line_open();

		if (must_fork() > 0)
			exec_su();
		line_wait(gone);
		change_all();
		_exit(0);
	}
	line_wait(last);
	must_wait(pid);
}

static void parent_is_killed(void)
{
	struct line last = line_open();
	pid_t pid = must_fork();

	if (pid == 0) {
		struct line killed = line_open();

		if (must_fork() == 0) {
			line_wait(killed);
			change_all();
			_exit(0);
		}
		set_user(77, 78);
		raise(SIGKILL);
	}
	line_wait(last);
	must_wait(pid);
}

__attribute__((noinline)) pid_t share(void (*body)(void))
{
	pid_t pid = vfork();

	if (pid == 0) {
		body();
		_exit(0);
	}
	return pid;
}

static void set_and_exec(void)
{
	change_all();
	exec_report(SELF);
}

static void set_and_exec_su(void)
{
	change_all();
	exec_report(SU42);
}

static void vfork_sets(void) { must_wait(share(change_all)); }
static void vfork_executes(void) { must_wait(share(exec_self)); }
static void vfork_sets_and_executes(void) { must_wait(share(set_and_exec)); }
static void vfork_sets_and_executes_su(void) { must_wait(share(set_and_exec_su)); }

static void spawns(short flags, const char *path)
{
	char word[] = "spawned", at[] = "@", zero[] = "ids", *argv[] = { zero, at, word, NULL };
	posix_spawnattr_t attributes;
	pid_t pid;

	if (posix_spawnattr_init(&attributes) != 0 || posix_spawnattr_setflags(&attributes, flags) != 0 ||
	    posix_spawn(&pid, path, NULL, &attributes, argv, no_environment) != 0)
		die("posix_spawn");
	must_wait(pid);
}

static void spawns_self(void) { spawns(0, SELF); }
static void spawns_su(void) { spawns(0, SU42); }
static void spawns_with_real_ids(void) { spawns(POSIX_SPAWN_RESETIDS, SELF); }

static int on_stack(void *none)
{
	change_all();
	return none != NULL;
}

static void clones(int flags)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t pid = clone(on_stack, stack + sizeof(stack), flags | SIGCHLD, NULL);

	if (pid < 0)
		die("clone");
	must_wait(pid);
}

static void clone_shares_memory(void) { clones(CLONE_VM); }
static void clone_shares_files(void) { clones(CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_SIGHAND); }

static void clone3_sibling(void)
{
	struct line last = line_open();
	pid_t pid = must_fork();

	if (pid == 0) {
		struct clone_args args = { .flags = CLONE_PARENT };
		struct line up = line_open();
		long child = raw(SYS_clone3, &args, sizeof(args));

		if (child == 0) {
			line_wait(up);
			change_all();
		}
		_exit(0);
	}
	line_wait(last);
	must_wait(pid);
	wait(NULL);
}

static void stopped(void)
{
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		raise(SIGSTOP);
		change_all();
		_exit(0);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		die("SIGSTOP");
	set_user(77, 78);
	/* natively, one of another user must not */
	say("%s, SIGCONT", family_name);
	say_end();
	kill(pid, SIGCONT);
	must_wait(pid);
}

static const struct family {
	const char *name;
	void (*run)(void);
} families[] = {
	{ "double fork", double_fork }, { "daemon", daemonize }, { "ten generations", ten_generations }, { "daemon executes", daemon_executes },
	{ "daemon executes su", daemon_executes_su }, { "parent changes", parent_changes }, { "parent executes", parent_executes },
	{ "parent is killed", parent_is_killed }, { "vfork", vfork_sets }, { "vfork executes", vfork_executes },
	{ "vfork, sets and executes", vfork_sets_and_executes }, { "vfork, sets and executes su", vfork_sets_and_executes_su },
	{ "posix_spawn", spawns_self }, { "posix_spawn of su", spawns_su }, { "posix_spawn with real ids", spawns_with_real_ids },
	{ "clone with memory", clone_shares_memory }, { "clone with files", clone_shares_files }, { "clone3 of a sibling", clone3_sibling },
	{ "stopped", stopped }, { "traced", traced_self }, { "traced su", traced_su }, { "traced sug", traced_sug }, { "traced su0", traced_su0 },
	{ "traced before", traced_before }, { "no new privileges", without_new_privileges },
};

static const struct family befores[] = { { "root", root }, { "user", user }, { "saved root", saved_root }, { "sets", with_sets } };

void family_pass(void)
{
	char text[64];

	for (size_t f = 0; f < ARRAY_SIZE(families); f++)
		for (size_t b = 0; b < ARRAY_SIZE(befores); b++) {
			pid_t pid;

			snprintf(text, sizeof(text), "%s as %s", families[f].name, befores[b].name);
			family_name = text;
			pid = must_fork();
			if (pid == 0) {
				befores[b].run();
				families[f].run();
				report("at last");
				_exit(0);
			}
			must_wait(pid);
			/* orphans are this one's where it is the first process */
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
		}
}
