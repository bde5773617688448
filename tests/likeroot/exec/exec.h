/* SPDX-License-Identifier: Apache-2.0 */
/* A program that executes others, as several users, and tells what became of its credentials. */
#ifndef TESTS_EXEC_H
#define TESTS_EXEC_H

#include <sys/types.h>

/* Where the programs are. */
#define TREE "/t"

/* Ends with a message when r is negative. */
int must(int r, const char *what);

/* Makes the tree. */
void make_tree(void);

/* One line: all ids, groups, sets and what the auxiliary vector says. */
void show(const char *before);

/* A way to execute TREE/suid2000, as it is called in the transcript; it returns when that fails. */
struct way {
	const char *name;
	void (*execute)(void);
};

extern const struct way ways[];

/* The arguments and the environment of what is executed. */
extern char *const arguments[], *const environment[];

/* Several processes execute at once, with failures before: counts what went wrong. */
int storm(int processes, int rounds);

/*
 * A set-id program and another one exchange their names, while uid 1000 executes one of them again and again. Prints how often it was the first and
 * got its id; the other and did not; the first and did not; the other and did; something else.
 */
int swap(int rounds, uid_t euid);

/* Which of them this is, as an exit status. */
int agrees(void);

#endif
