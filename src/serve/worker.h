/* SPDX-License-Identifier: Apache-2.0 */
/* The process inside a container that answers its notifications. */
#ifndef SERVE_WORKER_H
#define SERVE_WORKER_H

#include <linux/seccomp.h>
#include <stdint.h>

#include "base/why.h"
#include "decode/request.h"
#include "kernel/task.h"

/* What outlives a worker: memory that it shares with the broker, which only reads and adds up the numbers. */
struct slot {
	struct seccomp_notif notif; /* the kernel writes here; id != 0: received and not yet answered */
	uint32_t deaths;            /* workers that died with this notification in hand */
	uint32_t roots_differ;
	uint64_t answers[CALL_COUNT];
	uint64_t whys[WHY_COUNT];
};

struct worker {
	int listener;
	int kept_proc;              /* O_PATH descriptor of the /proc of outside */
	struct container container; /* -1 each: not known yet */
	struct slot *slot;
};

/* Serves until the last task of the container has gone, then exits with 0. Any other end makes the broker start anew. */
void worker_run(struct worker *w) __attribute__((noreturn));

extern bool worker_trace; /* print each call */

#endif
