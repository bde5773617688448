/* SPDX-License-Identifier: Apache-2.0 */
/* Work with libraries that is done in a child, so that neither this process nor its children keep the memory which that took. */
#ifndef BASE_IN_CHILD_H
#define BASE_IN_CHILD_H

#include <stddef.h>

#include "base/util.h"

/* Writes its result to zeroed memory. 0 or -errno. */
typedef int apart_work(void *memory);

/* Maps size bytes, a multiple of 4, and lets work fill them in. 0 or -errno, with nothing mapped. */
int in_child(apart_work *work, size_t size, void **memory) MUST_CHECK;

#endif
