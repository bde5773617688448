/* SPDX-License-Identifier: Apache-2.0 */
/* What the fakes of handle/handle.h and the model agree on. */
#ifndef FUZZ_FAKE_CREATE_H
#define FUZZ_FAKE_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "rule/cred.h"

/* Files that this call has made, ... */
extern unsigned int fake_made;

/* ... and whose they are. */
extern struct cred fake_maker;

/* Does the call make a device? */
bool fake_is_device(const char *name, uint32_t mode);

/* Is it in a directory in which files of root's may be another's? */
bool fake_is_elsewhere(const char *path);

#endif
