/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects that are made for a task and whose owner is not recorded yet. In memory that all workers share, for whoever meets with such an
 * object waits until its owner is known, about PENDING_WAIT_MS at most: the first who has waited in vain gives that object up, so that no
 * one waits for it again. What a worker that has died had begun is given up too.
 */
#ifndef OBJECT_PENDING_H
#define OBJECT_PENDING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/util.h"

#define PENDING_WAIT_MS 100

/*
 * What a notification is about to make, in memory that outlives the worker: the kernel gives a call whose worker dies to the next one, which
 * then finds the object there and has to know it again.
 */
struct intent {
	uint64_t id;       /* of the notification; 0: none */
	uint64_t dev, dir; /* where: the directory's device and number */
	int64_t began;     /* by CLOCK_BOOTTIME */
	int64_t unchanged; /* when the directory had changed last, by its file system's clock */
};

/* Makes the shared memory, for all children. 0 or -errno. */
int pending_open(void) MUST_CHECK;

/* Before the object can be seen; dir: where, with its mount. To be given to pending_end(), once its owner is recorded. */
unsigned int pending_begin(const struct statx *dir);
void pending_end(unsigned int pending);

/* For a look at an object without a record: taken before the look, and did nothing come into being since then? */
uint32_t pending_before(void);
bool pending_was_quiet(uint32_t before);

/* Is there any now? */
bool pending_is_under_way(void);

/* Can this be one of the objects that are being made now: may it have been born, and changed, within the last second of its file system's clock? */
bool pending_is_fresh(const struct statx *stx);

/* Waits until it is none of them any more. stx: with its mount. */
void pending_await(const struct statx *stx);

/* Gives up what a process that has died had begun, before its pid is another's. */
void pending_forget(pid_t pid);

#endif
