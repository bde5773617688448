/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks of file systems, each of which may differ from that of this machine by any time: NFS shows that of its server. A table, in
 * memory that several processes share, holds a lower bound of each clock's time, learned from times of change that files show.
 */
#ifndef RULE_CLOCKS_H
#define RULE_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)

/* The clocks of this machine, read at one time: CLOCK_BOOTTIME and CLOCK_REALTIME, in nanoseconds. */
struct moment {
	int64_t boot, real;
};

#define CLOCKS 256

/*
 * How far a file system's clock is ahead of each clock of this machine, at least. CLOCK_BOOTTIME is never set, but the clock of a local file
 * system is, together with CLOCK_REALTIME: the time that both of them lead to was reached.
 */
struct clocks {
	struct {
		uint64_t check; /* a sum of the device and the other two: a mixture of what two writers wrote is ignored */
		int64_t boot, real;
	} of[CLOCKS];
};

/* An object there that was changed just now, before this moment, shows this time of change. */
void clocks_set(struct clocks *clocks, const struct moment *after, uint64_t device, int64_t changed);

/* Any object there showed this time of change before this moment. What is later than CLOCK_REALTIME may be a lie, or from before that clock was set back. */
void clocks_see(struct clocks *clocks, const struct moment *after, uint64_t device, int64_t changed);

/* Had the file system's clock surely passed this time at that moment? False where nothing is known of it. */
bool clocks_passed(const struct clocks *clocks, const struct moment *then, uint64_t device, int64_t time);

#endif
