/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Daemons with an owner store, each a process of its own, one after the other, for tests of its file: what the system calls of one say is up to
 * the test.
 */
#ifndef INTEGRATION_DAEMONS_H
#define INTEGRATION_DAEMONS_H

#include <stdio.h>
#include <sys/types.h>

#include "rule/records.h"
#include "store/account.h"

/* What fails, with which errno; 0: nothing. */
extern struct fault {
	int write, read, lock, sync;
	size_t part;  /* bytes that a write that fails has written */
	off_t beyond; /* reads fail from here on */
	int ahead;    /* seconds that clocks are */
} fault;

extern char home[], records[128];

#define CHECK(condition) do { if (!(condition)) fail_check(__LINE__, #condition); } while (0)

void fail_check(int line, const char *condition);

int daemons_set_up(void **state);
int daemons_tear_down(void **state);

/* A daemon, from its start to its end. */
void daemon_does(void (*f)(struct account *));

/* Of an object, by its number. 0: nobody's. */
int set_owner(struct account *a, uint64_t ino, uint32_t uid);
uint32_t owner_of(uint64_t ino);
struct record_key key_of(uint64_t ino);

/* How many lines of the daemon's log have this in them? */
int lines_with(const char *text);

/* Objects 1 to 3 are 11 to 13, in a file that is new; its size. */
#define THREE (4 * JOURNAL_ENTRY)

void begin_with_three(void);
void has_three(struct account *a);

/* And 4 is 14. */
void has_four(struct account *a);

/* The step of loops over each byte: 1 where all is tested, as CHECK says. */
int step(void);

#endif
