/* SPDX-License-Identifier: Apache-2.0 */
/* File systems in memory, which end with their last mount. */
#ifndef STORE_MEMORY_FS_H
#define STORE_MEMORY_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

#define MEMORY_FS_MAX 4096

/* By what the owner store knows those that are mounted in this mount namespace, n of them. False: that is not known, as where there are more. */
bool memory_fs_find(uint64_t systems[static MEMORY_FS_MAX], size_t *n) MUST_CHECK;

#endif
