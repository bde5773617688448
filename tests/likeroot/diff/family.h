/* SPDX-License-Identifier: Apache-2.0 */
/* What the cases of family.c and of guard.c are made of. */
#ifndef DIFF_FAMILY_H
#define DIFF_FAMILY_H

#include <sys/types.h>

extern const char *family_name; /* of the case */

/* A pipe of which only the end of its holders tells; kept across exec. */
struct line {
	int out, in;
};

struct line line_open(void);
/* Until nobody holds the other end any more. */
void line_wait(struct line l);

pid_t must_fork(void);
/* Prints how it ended. */
void must_wait(pid_t pid);
/* vfork(2), and body in the child. */
pid_t share(void (*body)(void));
void exec_report(const char *path) __attribute__((noreturn));
void exec_su(void);
void exec_self(void);

/* guard.c: where set-id bits do not count, or less */
void traced_self(void);
void traced_su(void);
void traced_sug(void);
void traced_su0(void);
void traced_before(void);
void without_new_privileges(void);

#endif
