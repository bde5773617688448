/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peertest PART: what system calls tell about other processes and do for those that are not root, one line each, without a number that
 * differs from run to run. Real root prints the same.
 */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <sys/types.h>

/* "NAME: RESULT" or "NAME: ERRNO", and what is to be told beside it. Returns the result. */
long say(const char *name, long result, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, with a call as result that is made before the rest is looked at. */
#define SAY(name, call, ...) do { long result_ = (call); say(name, result_, __VA_ARGS__); } while (0)

/* Makes the process 42:43 with the groups 3, 5 and 7. */
void become_alice(void);

/* Runs part in a child, as alice or not, and waits for its end. */
void in_child(int alice, void (*part)(void));

/* A child that executes this program again, as alice, so that its files in /proc are its own; end it with end_sleeper(). */
pid_t start_sleeper(void);
void end_sleeper(pid_t sleeper);

/* Ends the test: what it needs does not work. */
void need(int works, const char *what);

extern const char *self; /* this program */

void test_socket(void);
void test_limit(void);
void test_mode(void);
void test_nobodys(void);
void test_own(void);
void test_alice_own(void);
void test_proc(void);
void test_gone(void);

#endif
