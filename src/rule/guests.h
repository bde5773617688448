/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many threads of a worker may be busy with calls of containers at once, where the listener is of their engine: the others are for the
 * engine's own calls, so that containers whose calls hang do not stall it. Further calls of containers wait in places of the worker's slot
 * that are no thread's. All of it may be called by all threads.
 */
#ifndef RULE_GUESTS_H
#define RULE_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

struct guests {
	uint32_t busy, max;        /* threads */
	uint64_t waiting, claimed; /* places where a call waits; those that are a thread's now: one bit each */
};

/* For so many threads, whose places are the first ones; waiting: as a worker has left it. */
void guests_init(struct guests *g, uint32_t threads, uint64_t waiting);

/* A thread more, until guests_leave(). False: not now. */
bool guests_admit(struct guests *g);
void guests_leave(struct guests *g);

/* A place for a call that has to wait, or -1. Then guests_put(). */
int guests_park(struct guests *g);

/* A place where a call waits that might be admitted, or -1. Then guests_put(). */
int guests_take(struct guests *g);

/* Gives back a place, where a call waits or does not any more. After it, and after guests_leave(), somebody has to try guests_take(). */
void guests_put(struct guests *g, int place, bool waits);

#endif
