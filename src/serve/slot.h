/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker is, and what outlives it. */
#ifndef SERVE_SLOT_H
#define SERVE_SLOT_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/reason.h"
#include "cred/repeat.h"
#include "decode/metadata.h"
#include "decode/request.h"
#include "object/pending.h"
#include "proc/task.h"
#include "rule/guests.h"

/* What outlives a worker: memory that it shares with the broker, which only reads and adds up the numbers. */
struct slot {
	struct seccomp_notif notifs[LIMIT_THREADS]; /* the kernel writes here, one a thread; id != 0: not yet answered */
	uint32_t deaths[LIMIT_THREADS];             /* workers that died with this notification in hand */
	struct intent intents[LIMIT_THREADS];       /* what it is about to make */
	uint32_t isolation;                         /* see enum isolation */
	uint64_t capabilities;                      /* the bounding set of the container, once it is known */
	bool attached;                              /* the listener is an engine's, whose tasks live in several containers */
	struct first_user user;                     /* of the next program that a task executes; given no more then */
	struct repeats repeats;                     /* see cred/repeat.h */
	uint64_t answers[CALL_COUNT];
	uint64_t reasons[REASON_COUNT];
};

enum visible { VISIBLE_UNKNOWN, VISIBLE_MAYBE, VISIBLE, INVISIBLE };

struct worker {
	int listener;
	uint16_t number;            /* of the listener, in the table of credentials */
	int host_proc;              /* O_PATH descriptor of the /proc of outside */
	struct container container; /* -1 each: not known yet */
	struct slot *slot;
	struct guests guests;       /* calls of containers, of an attached engine */
	uint32_t visible;           /* enum visible: does a procfs of the container show us? */
};

#endif
