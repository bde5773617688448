/* SPDX-License-Identifier: Apache-2.0 */
/* Runs library code in a child, so that this process and its later children do not keep the memory that the library allocates. */
#ifndef BASE_IN_CHILD_H
#define BASE_IN_CHILD_H

#include <stddef.h>

#include "base/util.h"

/* Writes its result to zeroed memory. 0 or -errno. */
typedef int in_child_work(void *memory);

/* Maps size bytes, a multiple of 4, and lets work fill them in. 0 or -errno, with nothing mapped. */
int in_child(in_child_work *work, size_t size, void **memory) MUST_CHECK;

#endif
