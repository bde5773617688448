/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times of files, which are those of their file system's clock. They are compared with one another, and with a clock of this machine never:
 * what is known of the former is in memory that all workers share; see rule/clocks.h.
 */
#ifndef OBJECT_FSCLOCK_H
#define OBJECT_FSCLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/util.h"
#include "rule/clocks.h"

/* Makes the shared memory, for all children. 0 or -errno. */
int fsclock_open(void) MUST_CHECK;

/* Nanoseconds since the epoch. A file system of the container's may say any time; beyond these, it is in the future. */
static inline int64_t fsclock_time(const struct statx_timestamp *ts)
{
	int64_t ns;

	if (__builtin_mul_overflow(ts->tv_sec, NS_PER_S, &ns) || __builtin_add_overflow(ns, (int64_t)ts->tv_nsec, &ns))
		return INT64_MAX;
	return ns;
}

/* How long a clock from which such a time was taken may stand still: a tick at 100 Hz; or where seconds alone are kept, two of them. */
static inline int64_t fsclock_grain(const struct statx_timestamp *ts)
{
	return ts->tv_nsec ? NS_PER_S / 100 : 2 * NS_PER_S;
}

/* Now, by CLOCK_BOOTTIME. */
int64_t fsclock_now(void);

/*
 * The last tick of the clock, from which local file systems take times: what is made from now on is not older. Where a busy host gives this machine
 * no processor, ticks come late, and it may lie far behind.
 */
struct moment fsclock_moment(void);

/* Learns from an object that was changed just now, ... */
void fsclock_learn(const struct statx *stx);

/* ... and here from any: was its file system's clock at that moment surely later, by more than that, than when the object last changed? */
bool fsclock_passed(const struct moment *then, const struct statx *stx, int64_t by);

/*
 * The same, than when it was born. Only a disk of this machine is believed: servers, and file systems that the container serves, show other times of
 * birth, as Windows shows that of the last file with that name.
 */
bool fsclock_outlived(const struct moment *then, const struct statx *stx, int64_t by);

#endif
