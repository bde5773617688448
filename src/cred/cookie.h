/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cookie by which the kernel carries the credentials of a process. RLIMIT_LOCKS has had no effect since Linux 2.4, fork(2) copies it,
 * execve(2) keeps it, and prlimit(2) sets it from outside. Its soft limit is the cookie: a random tag of this daemon, and the number of an entry
 * in the table of credentials. Where its hard limit leaves no room, RLIMIT_RSS is used, which has no effect either.
 */
#ifndef CRED_COOKIE_H
#define CRED_COOKIE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

struct task;

/* Chooses the tag, for all children. 0 or -errno. */
int cookie_prepare(void) MUST_CHECK;

/* The cookie with this number, see rule/creds.h, and the number in a limit; -1: the limit is no cookie of this daemon. */
uint64_t cookie_of(int32_t number) MUST_CHECK;
int32_t cookie_number(uint64_t limit) MUST_CHECK;

/* The cookie of a process, or 0. */
uint64_t cookie_read(pid_t pid) MUST_CHECK;

/* t: whose call has to be pending still, or NULL where the process is held still otherwise. 0; -ENOENT; -EAGAIN when no limit has room. */
int cookie_write(pid_t pid, const struct task *t, uint64_t cookie) MUST_CHECK;

/* The process has none from here on. */
void cookie_drop(pid_t pid);

#endif
