/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of a worker that has entered its container. One receives, and others help while calls queue up: see rule/receivers.h. The
 * rest stand by: whatever is the container's can hang, such as a file system that it serves itself, and one of them takes over from a
 * receiver that has not come back after POOL_TICK_MS.
 */
#ifndef SERVE_POOL_H
#define SERVE_POOL_H

#include "base/util.h"

struct worker;

#define POOL_TICK_MS 50

/* Sets how many threads serve a listener: 1, with which a call that hangs stalls all, to LIMIT_THREADS; otherwise as many as processors, at least 8. */
void pool_set_threads(unsigned int n);

/* Makes the threads, each with a root and a working directory of its own; they wait for pool_run(). */
void pool_start(struct worker *w);

/* Finishes what w->slot says is in hand, then serves until the listener has ended. */
void pool_run(void) __attribute__((noreturn));

#endif
