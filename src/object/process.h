/* SPDX-License-Identifier: Apache-2.0 */
/* The credentials of a process that is not the caller, by what the caller has of it: its number, a socket, an object in a procfs. */
#ifndef OBJECT_PROCESS_H
#define OBJECT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
#include "rule/cred.h"
#include "rule/owner.h"

struct statx;
struct task;

enum other {
	PROCESS_FIRST, /* the ones that it started with: the ids 0 */
	PROCESS_RECORDED,
	PROCESS_SELF,  /* the calling task itself */
	PROCESS_GONE,  /* it has ended, so that nobody knows */
};

/*
 * Of the process or thread with this number in the task's pid namespace. An enum other, c filled in for PROCESS_FIRST, whose sets stay
 * empty, and PROCESS_RECORDED; -ESRCH; -EPERM of a user that is not the container's; -ENOSYS where it cannot be told, before Linux 6.11.
 */
int process_by_number(const struct task *t, int32_t number, struct cred *c) MUST_CHECK;

struct peer {
	enum other other; /* not PROCESS_SELF */
	int32_t number;   /* in the task's pid namespace; 0: it has none there */
	struct cred cred; /* of PROCESS_FIRST and PROCESS_RECORDED */
};

/*
 * Of the process that connected the task's socket, listened on it, or made it as one of a pair: unix(7), SO_PEERCRED. What that process is
 * now, not what it was then. 0, or -errno when the kernel is to answer: no such socket, no such process, a user that is not the container's.
 */
int process_by_socket(const struct task *t, int t_fd, struct peer *peer) MUST_CHECK;

/* The owner that an object of a procfs shows where the credentials of its process are recorded, OWNER_NONE where the kernel's is right. False: both. */
bool process_owner(int fd, const struct statx *stx, struct owner *owner) MUST_CHECK;

#endif
