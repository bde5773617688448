/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject FD: does the steps of the script in the file FD by raw system calls, and writes down what it sees. It goes on in
 * the programs that it executes: ./0, ./1 and so on, which are copies of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script.h"

#define STACK 65536

static char *own_fd;

static int64_t call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	long r = syscall(number, a, b, c, d, e);

	return r == -1 ? -errno : r;
}

static int64_t set_ids(const uint64_t args[static 4])
{
	static const long numbers[STEP_CALLS] = {
		[STEP_SETUID] = SYS_setuid, [STEP_SETGID] = SYS_setgid,
		[STEP_SETREUID] = SYS_setreuid, [STEP_SETREGID] = SYS_setregid,
		[STEP_SETRESUID] = SYS_setresuid, [STEP_SETRESGID] = SYS_setresgid,
		[STEP_SETFSUID] = SYS_setfsuid, [STEP_SETFSGID] = SYS_setfsgid,
	};
	int64_t r = call(numbers[args[0]], args[1], args[2], args[3], 0, 0);

	/* these two have no errors: all 32 bits are an id */
	return args[0] >= STEP_SETFSUID ? (uint32_t)r : r;
}

static int64_t set_capabilities(const uint64_t args[static 3])
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(args[0] >> 32 * i);
		data[i].permitted = (uint32_t)(args[1] >> 32 * i);
		data[i].inheritable = (uint32_t)(args[2] >> 32 * i);
	}
	return call(SYS_capset, (uintptr_t)&header, (uintptr_t)data, 0, 0, 0);
}

static void look_at_capabilities(struct seen *seen)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (call(SYS_capget, (uintptr_t)&header, (uintptr_t)data, 0, 0, 0) != 0)
		_exit(90);
	seen->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	seen->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	seen->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	for (uint64_t i = 0; i < 64; i++) {
		int64_t bounding = call(SYS_prctl, PR_CAPBSET_READ, i, 0, 0, 0);

		if (bounding < 0)
			break;
		seen->bounding |= (uint64_t)bounding << i;
		seen->ambient |= (uint64_t)call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) << i;
	}
	seen->securebits = (uint32_t)call(SYS_prctl, PR_GET_SECUREBITS, 0, 0, 0, 0);
	seen->keepcaps = (uint32_t)call(SYS_prctl, PR_GET_KEEPCAPS, 0, 0, 0, 0);
	seen->no_new_privs = (uint32_t)call(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void look(struct step *step, int64_t result)
{
	struct seen *seen = &step->seen;
	uint32_t *uid = seen->uid, *gid = seen->gid;
	int64_t n;

	memset(seen, 0, sizeof(*seen));
	seen->result = result;
	if (call(SYS_getresuid, (uintptr_t)&uid[0], (uintptr_t)&uid[1], (uintptr_t)&uid[2], 0, 0) != 0 ||
	    call(SYS_getresgid, (uintptr_t)&gid[0], (uintptr_t)&gid[1], (uintptr_t)&gid[2], 0, 0) != 0)
		_exit(91);
	/* the calls for one id each must not know better */
	if ((uint32_t)syscall(SYS_getuid) != uid[0] || (uint32_t)syscall(SYS_geteuid) != uid[1] ||
	    (uint32_t)syscall(SYS_getgid) != gid[0] || (uint32_t)syscall(SYS_getegid) != gid[1])
		_exit(92);
	uid[3] = (uint32_t)syscall(SYS_setfsuid, -1);
	gid[3] = (uint32_t)syscall(SYS_setfsgid, -1);
	n = call(SYS_getgroups, STEP_GROUPS, (uintptr_t)seen->groups, 0, 0, 0);
	if (n < 0 || n != call(SYS_getgroups, 0, 0, 0, 0, 0))
		_exit(93);
	seen->n_groups = (uint32_t)n;
	look_at_capabilities(seen);
	seen->secure = (uint32_t)getauxval(AT_SECURE);
	seen->aux_uid[0] = (uint32_t)getauxval(AT_UID);
	seen->aux_uid[1] = (uint32_t)getauxval(AT_EUID);
	seen->aux_gid[0] = (uint32_t)getauxval(AT_GID);
	seen->aux_gid[1] = (uint32_t)getauxval(AT_EGID);
}

/* It shares our root and directory until we are another program, or failed to be. */
static pid_t share_directory(int *until)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		_exit(94);
	pid = (pid_t)syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		_exit(95);
	if (pid == 0) {
		char c;

		close(ends[1]);
		_exit(read(ends[0], &c, 1) != 0);
	}
	close(ends[0]);
	*until = ends[1];
	return pid;
}

/* Returns if it failed. */
static int64_t execute(const uint64_t args[static 2])
{
	char name[16], *argv[] = { name, own_fd, NULL }, *envp[] = { NULL };
	int until = -1, status;
	pid_t pid = args[1] ? share_directory(&until) : 0;

	snprintf(name, sizeof(name), "./%d", (int)args[0]);
	execve(name, argv, envp);
	status = -errno;
	if (pid != 0) {
		close(until);
		waitpid(pid, NULL, 0);
	}
	return status;
}

static int run(void *argument);

/* Returns in the parent, when the child is gone, which ends by STEP_EXIT. */
static int64_t run_child(struct script *script, bool in_our_memory)
{
	/* a child in our memory may have one itself: each has its stack. The compiler knows clone(3) as one that calls nothing. */
	static _Alignas(16) char stacks[STEP_DEPTH][STACK];
	static volatile int depth;
	int status = 0;
	pid_t pid;

	if (depth >= STEP_DEPTH)
		_exit(96);
	if (in_our_memory) {
		depth = depth + 1;
		pid = clone(run, stacks[depth - 1] + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, script);
		depth = depth - 1;
	} else {
		pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
		if (pid == 0)
			_exit(run(script));
	}
	if (pid < 0)
		_exit(98);
	if (waitpid(pid, &status, 0) != pid)
		_exit(97);
	return status;
}

static int run(void *argument)
{
	struct script *script = argument;
	/* a child, or a program executed, tells how that went */
	struct step *step = &script->steps[script->at];

	if (script->at > 0)
		look(step - 1, 0);
	while (script->at < script->n) {
		const uint64_t *args;
		int64_t result = 0;

		step = &script->steps[script->at++];
		args = step->args;
		switch ((enum step_kind)step->kind) {
		case STEP_LOOK:
		case STEP_KINDS:
			break;
		case STEP_IDS:
			result = set_ids(args);
			break;
		case STEP_SETGROUPS:
			result = call(SYS_setgroups, step->n_groups, (uintptr_t)step->groups, 0, 0, 0);
			break;
		case STEP_CAPSET:
			result = set_capabilities(args);
			break;
		case STEP_PRCTL:
			result = call(SYS_prctl, args[0], args[1], args[2], args[3], args[4]);
			break;
		case STEP_FORK:
			result = run_child(script, args[0]);
			step = &script->steps[script->at - 1];
			break;
		case STEP_EXIT:
			return 0;
		case STEP_EXEC:
			result = execute(args);
			break;
		}
		look(step, result);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct script *script = MAP_FAILED;

	if (argc == 2) {
		own_fd = argv[1];
		script = mmap(NULL, sizeof(*script), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(own_fd), 0);
	}
	if (script == MAP_FAILED) {
		fprintf(stderr, "usage: subject FD\n");
		return 2;
	}
	/* who shared our directory shall no longer do so: it is our only child */
	if (script->at > 0 && script->steps[script->at - 1].args[1] != 0)
		while (waitpid(-1, NULL, 0) > 0)
			;
	return run(script);
}
