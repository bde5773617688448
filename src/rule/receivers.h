/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many threads of a worker receive notifications. One more helps while calls queue up; but each that only waits makes every call dearer,
 * since one of those that wait is woken on a processor other than the caller's. So their number follows the load, up and down.
 */
#ifndef RULE_RECEIVERS_H
#define RULE_RECEIVERS_H

#include <stdbool.h>
#include <stdint.h>

/* Calls of one receiver after which it asks for a change. */
#define RECEIVERS_WINDOW 128

/* Other receivers that are looked at for each call. */
#define RECEIVERS_SAMPLE 4

/* What one receiver has seen since it last asked. */
struct load {
	uint32_t calls;
	uint32_t turns;  /* calls that another task made than the one before */
	uint32_t looked; /* other receivers that were looked at when a call came ... */
	uint32_t busy;   /* ... and those of them that were serving */
};

/* Shall there be one more or one less than n, of max at most? 1, -1 or 0. */
int receivers_change(unsigned int n, unsigned int max, const struct load *load);

/* How many threads a worker has, max at most, on a machine with so many processors: so many calls may hang at once. */
unsigned int receivers_threads(unsigned int cpus, unsigned int max);

#endif
