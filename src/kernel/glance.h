/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stat shows of an object that has a recorded owner, without an O_PATH descriptor of it, whose xattrs take longer to be read than all that a glance
 * takes: for a descriptor of the task, and for a name, which is not followed, in a directory that was found without magic links.
 */
#ifndef KERNEL_GLANCE_H
#define KERNEL_GLANCE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/util.h"
#include "rule/owner.h"

struct task;
struct request;

/* False: it has to be opened. from: as resolve_probe() left it; closed. at_flags: how to synchronise. The call may not be pending any more. */
bool glance(const struct task *t, const struct request *req, int *from, uint32_t at_flags, uint32_t mask, struct statx *stx, struct owner *record) MUST_CHECK;

#endif
