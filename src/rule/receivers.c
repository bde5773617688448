/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/receivers.h"

#define THREADS_MIN 8

/*
 * Alone, a receiver cannot see whether calls wait: that the next one is there already does not tell, since a lone caller is often faster than
 * the return from SEND. But callers that take turns have to wait for one another.
 *
 * With others, what counts is how many of them are busy when a call comes. A further one is asked for when three quarters are. One goes when
 * so few are busy that the rest, after it has gone, would not ask for it again: of two, when the other one is busy for one call of eight.
 */
int receivers_change(unsigned int n, unsigned int max, const struct load *load)
{
	uint64_t busy = load->busy, looked = load->looked;

	if (n <= 1)
		return max > 1 && load->turns > load->calls / 2;
	if (8 * busy * (n - 1) < looked * (6 * (n - 2) + 1))
		return -1;
	return n < max && 4 * busy > 3 * looked;
}

unsigned int receivers_threads(unsigned int cpus, unsigned int max)
{
	unsigned int n = cpus > THREADS_MIN ? cpus : THREADS_MIN;

	return n < max ? n : max;
}
