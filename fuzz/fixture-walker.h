/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree of files that is built from lines of an input, with nothing of this system above it, and a second task, whose "self"
 * walks are about. Lines: d PATH, f PATH, l PATH TARGET make a directory, file or link; m PATH takes all permissions away.
 */
#ifndef FUZZ_FIXTURE_WALKER_H
#define FUZZ_FIXTURE_WALKER_H

#include <stdbool.h>
#include <sys/types.h>

#define WALKER_LINES 96

/* Makes the tree's file system and the task, once. */
void walker_open(void);

extern int walker_root;   /* the root of the tree */
extern int walker_procfs; /* that of a procfs with no way up; negative where there is none to be had */
extern pid_t walker_caller, walker_hidden; /* two tasks that do nothing; what is below the second's directory we may not enter */

/* From enter to leave the root is that of the tree, and permissions of directories bind. No CHECK() in between. */
void walker_enter(void);
void walker_leave(void);

/* May the links of other tasks be followed whatever they are, as by ptrace(2)? At first they may. */
void walker_look_into_tasks(bool may);

/* Makes what one line wants; what fails is left out. Between enter and leave. */
void walker_build(const char *line);

/* Removes all that was made: false when something is left. Between enter and leave. */
bool walker_raze(void);

#endif
