/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transcripts of calls that read and change the credentials of a process: one line per call, with the whole state behind it,
 * read back by system calls. No line has a process number or a time.
 */
#ifndef DIFF_IDS_H
#define DIFF_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>

/* of a call that i386 has with 16-bit ids, too: the one with 32-bit ids */
#ifdef __i386__
#define WIDE(call) SYS_##call##32
#else
#define WIDE(call) SYS_##call
#endif

#define CAP_COUNT 41 /* of Linux 5.9 and later */

/* state.c: a line of this thread, written at once by say_end() */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_end(void);
void say_result(long r);
/* All of the calling thread's credentials; ends the line. */
void say_state(void);
/* Only real, effective and saved ids and groups, for many threads. */
void say_ids(void);
/* What the kernel told this program at its start. */
void say_start(void);
/* How a child ended. */
void say_status(int status);

/* The result, or -errno; nothing of the C library comes between. */
long raw6(long nr, long a, long b, long c, long d, long e, long f);
#define RAW_PADDED(nr, a, b, c, d, e, f, ...) raw6((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define raw(...) RAW_PADDED(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
/* An address of which n bytes are readable and writable, and nothing behind. */
void *at_end(size_t n);
#define NOWHERE ((void *)8)

struct sets {
	uint64_t effective, permitted, inheritable;
};
long get_sets(struct sets *sets);
long set_sets(const struct sets *sets);
#define CAP_BIT(c) (UINT64_C(1) << (c))

/* program.c: programs of several owners and modes, all of them this one, and files that cannot be executed */
struct program {
	const char *path;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};
extern const struct program programs[];
extern const size_t program_count;
extern const char *const no_programs[]; /* no one can execute them */
extern const size_t no_program_count;
#define SELF "/work/ids/self"
#define SU42 "/work/ids/su42"
#define LATE "/work/ids/late" /* set-user-ID, and fails when it is too late */
#define FD_EXEC 130           /* and on: program n, open */
void programs_make(void);
void sets_limit(bool admin);

/* The rest of a sequence, which goes on across exec. */
struct seq {
	uint64_t random;
	char path[96];
	int step, left;
};
/* Executes it; argv is filled with what makes the program go on with the sequence. */
struct resume {
	char words[4][96];
	char *argv[8];
};
void resume_fill(struct resume *r, const struct seq *s);
/* If these are its arguments, goes on, and does not return. */
void resume_if(int argc, char **argv);

/* sequence.c */
void sequence_pass(unsigned long seed, unsigned long count);
void sequence_go_on(struct seq *s) __attribute__((noreturn));
uint32_t draw(struct seq *s, uint32_t below);
/* exec.c */
void exec_step(struct seq *s);
void exec_child_step(struct seq *s);

/* family.c, threads.c, peer.c, mode.c, create.c, device.c, kept.c, files.c */
void family_pass(void);
void threads_pass(void);
void go_pass(void);
void peer_pass(void);
void mode_pass(void);
void create_pass(void);
void device_pass(void);
void kept_pass(void);
void files_pass(unsigned long seed, unsigned long count);
/* What another program of these passes does. */
void report_and_exit(const char *name) __attribute__((noreturn));

#endif
