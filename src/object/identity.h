/* SPDX-License-Identifier: Apache-2.0 */
/* By what the owner store knows an object, whatever names it has: see rule/records.h. */
#ifndef OBJECT_IDENTITY_H
#define OBJECT_IDENTITY_H

#include <stdint.h>
#include <sys/stat.h>

#include "rule/records.h"

/* In a worker that has entered its container, before all else here; container: a number of it, as long as it lives. */
void identity_init(uint64_t container);

/* When it was born, in nanoseconds; 0: its file system does not say. */
uint64_t identity_birth(const struct statx *stx);

/* Of the object behind a descriptor, O_PATH will do, with its status: its record, without an owner. */
struct record identity_of(int fd, const struct statx *stx);

/*
 * The type of its file system, as statfs(2) has it, where records end with their container though the objects do not. 0: they end together, as
 * terminals and pipes do.
 */
uint32_t identity_passes_before_its_object(int fd);

#endif
