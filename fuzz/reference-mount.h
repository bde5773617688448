/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on the arguments of mount(2), fsconfig(2) and move_mount(2). */
#ifndef FUZZ_REFERENCE_MOUNT_H
#define FUZZ_REFERENCE_MOUNT_H

#include "reference-decode.h"
#include "reference-table.h"

/* Of a new file system, what it is, what it is called, and its options, of which there have to be some; and so on. As the reference of the others. */
int reference_mount(const struct task *t, const struct signature *s, struct expectation *e, const uint64_t args[6]);

#endif
