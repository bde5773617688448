/* SPDX-License-Identifier: Apache-2.0 */
/* The slots that workers share with the broker, and what they have counted. */
#ifndef SERVE_COUNTERS_H
#define SERVE_COUNTERS_H

#include "base/util.h"
#include "serve/slot.h"

/* Makes the shared memory: 0 or -errno. */
int counters_open(void) MUST_CHECK;

/* A zeroed slot, or NULL when LIMIT_LISTENERS are taken. */
struct slot *counters_take(void);

/* Adds the slot's numbers to those of earlier listeners and frees it. */
void counters_release(struct slot *slot);

/* In a child: only its own slot stays mapped. */
void counters_keep_only(const struct slot *slot);

/* How many calls its workers have answered in all. */
uint64_t counters_answered(const struct slot *slot);

/* Logs the sum over all listeners, ended ones too: "counter KIND NAME NUMBER" each. */
void counters_log(void);

#endif
