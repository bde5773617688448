/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/exec_trace.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "decode/tmem.h"
#include "proc/task.h"
#include "rule/cred.h"
#include "seccomp/notif.h"

/* Words of a new stack that are looked at. Arguments and environment may have 6 MiB, in which each takes a pointer and at least one byte. */
#define WORDS_MAX (1U << 20)

/* Attempts to trace a thread whose tracer has detached before it could be looked at. */
#define TRIES 16

/* Is this a thread of our own process? */
static bool is_ours(int tid)
{
	char name[32];
	struct stat st;

	snprintf(name, sizeof(name), "self/task/%d", tid);
	return stat(name, &st) == 0;
}

int exec_trace_open(const struct task *t)
{
	for (int i = 0; i < TRIES; i++) {
		int tracer;

		if (ptrace(PTRACE_SEIZE, t->tid, NULL, (void *)PTRACE_O_TRACEEXEC) == 0)
			return 0;
		tracer = task_status(t, "\nTracerPid:");
		/*
		 * A thread of ours that waits for the end of its last exec. Since the task is in this call now, it will not stop, and not be let go,
		 * before this call is answered.
		 */
		if (tracer > 0 && is_ours(tracer))
			return -EALREADY;
		if (tracer != 0)
			break;
	}
	return -EPERM;
}

/* A change of the one task that this thread traces: its id, or -errno when there is none any more. */
static pid_t await(int *status)
{
	pid_t pid;

	do {
		pid = waitpid(-1, status, __WALL | __WNOTHREAD);
	} while (pid < 0 && errno == EINTR);
	return pid < 0 ? -errno : pid;
}

/* No longer traces what is stopped. Whatever has been killed meanwhile must be waited for, or its parent never hears of it. */
static void let_go(pid_t pid, int signal)
{
	int status;

	while (ptrace(PTRACE_DETACH, pid, NULL, (void *)(intptr_t)signal) < 0)
		if (await(&status) < 0 || !WIFSTOPPED(status))
			return;
}

bool exec_trace_watch(const struct task *t, struct task *program)
{
	struct seccomp_notif_resp resp = { .id = t->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	int status;
	pid_t pid;

	/* an id that is no longer pending may mean that another task has this number by now: it is let go in the same way */
	(void)!notif_send(t->listener, &resp);
	/* stops it when the call has ended, unless PTRACE_EVENT_EXEC has done so */
	ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
	pid = await(&status);
	if (pid < 0 || !WIFSTOPPED(status))
		return false;
	if (status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
		/* PTRACE_EVENT_STOP, or a signal that is to be delivered */
		let_go(pid, status >> 16 == 0 ? WSTOPSIG(status) : 0);
		return false;
	}
	*program = *t;
	/* the thread's id is that of its process now */
	program->tid = pid;
	return true;
}

void exec_trace_close(const struct task *program, bool begins)
{
	if (!begins)
		ptrace(PTRACE_KILL, program->tid, NULL, NULL);
	let_go(program->tid, 0);
}

/* A stack, read upwards word by word. */
struct stack {
	const struct task *program;
	size_t width;       /* of a word */
	uint64_t t_at;      /* of the next one */
	unsigned int words; /* read so far */
	size_t used, have;  /* of bytes */
	unsigned char bytes[1024];
};

static int next(struct stack *s, uint64_t *word)
{
	if (s->words++ == WORDS_MAX)
		return -E2BIG;
	if (s->used == s->have) {
		/* up to the end of a page, which is a whole number of words */
		size_t n = sizeof(s->bytes) - (size_t)(s->t_at % sizeof(s->bytes));
		int r = s->t_at % s->width ? -EFAULT : tmem_read(s->program, s->t_at, s->bytes, n);

		if (r < 0)
			return r;
		s->used = 0;
		s->have = n;
	}
	/* all ABIs are little-endian: the lower bytes come first */
	*word = 0;
	memcpy(word, s->bytes + s->used, s->width);
	s->used += s->width;
	s->t_at += s->width;
	return 0;
}

/* Up to and with the next NULL. */
static int skip_pointers(struct stack *s)
{
	uint64_t word;
	int r;

	do {
		r = next(s, &word);
	} while (r == 0 && word != 0);
	return r;
}

/* argc, the arguments, NULL, the environment, NULL, pairs of type and value with AT_NULL at their end. */
static int rewrite(struct stack *s, const struct cred *c, bool secure)
{
	const struct { uint64_t type, value; } wanted[] = {
		{ AT_UID, c->ruid }, { AT_EUID, c->euid }, { AT_GID, c->rgid }, { AT_EGID, c->egid }, { secure ? AT_SECURE : AT_NULL, 1 },
	};
	bool was_secure = false;
	uint64_t type, value;
	int r = next(s, &type);

	if (r == 0 && type >= WORDS_MAX)
		r = -E2BIG;
	if (r == 0)
		r = skip_pointers(s);
	if (r == 0)
		r = skip_pointers(s);
	while (r == 0) {
		r = next(s, &type);
		if (r == 0 && type == AT_NULL)
			break;
		if (r == 0)
			r = next(s, &value);
		for (size_t i = 0; r == 0 && i < ARRAY_SIZE(wanted); i++)
			if (wanted[i].type == type)
				r = task_write_bytes(s->program, s->t_at - s->width, &wanted[i].value, s->width);
		was_secure |= type == AT_SECURE;
	}
	return r == 0 && secure && !was_secure ? -ENOENT : r;
}

/* The stack pointer; *width: of its ABI's words. */
static int find_stack(const struct task *program, uint64_t *t_sp, size_t *width)
{
	union {
		struct user_regs_struct wide;
		uint32_t narrow[32];
	} regs;
	struct iovec place = { &regs, sizeof(regs) };
	/* of i386, and of 32-bit ARM */
	size_t number = sizeof(regs.wide) == 27 * 8 ? 15 : 13;

	if (ptrace(PTRACE_GETREGSET, program->tid, (void *)NT_PRSTATUS, &place) < 0)
		return -errno;
	*width = place.iov_len == sizeof(regs.wide) ? sizeof(uint64_t) : sizeof(uint32_t);
	if (*width == sizeof(uint32_t))
		*t_sp = regs.narrow[number];
	else
#ifdef __x86_64__
		*t_sp = regs.wide.rsp;
#else
		*t_sp = regs.wide.sp;
#endif
	return 0;
}

int exec_trace_show(const struct task *program, const struct cred *c, bool secure)
{
	struct stack s = { .program = program };
	int r = find_stack(program, &s.t_at, &s.width);
	uint64_t t_sp = s.t_at;

	if (r < 0)
		return r;
	r = rewrite(&s, c, secure);
	if (r == 0 || s.width == sizeof(uint32_t))
		return r;
	/* x32 has registers of 64 bits and words of 32 */
	s = (struct stack){ .program = program, .t_at = t_sp, .width = sizeof(uint32_t) };
	return rewrite(&s, c, secure);
}
