/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that have made an object and could not be answered, since a signal had interrupted them: the kernel has the task make them again. */
#ifndef OBJECT_LOST_H
#define OBJECT_LOST_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>

#include "object/pending.h"

/* Such a call, and what it made. */
void lost_keep(const struct seccomp_notif *notif, const struct intent *made);

/*
 * Has the task made this very call before, and got no answer? made: what that call was about to make, for this one. Among the n too that
 * threads have in hand, with what they are about to make: a task makes one call at a time. For some seconds only, and once for each.
 */
bool lost_find(const struct seccomp_notif *in_hand, const struct intent *intents, size_t n, const struct seccomp_notif *notif, struct intent *made);

#endif
