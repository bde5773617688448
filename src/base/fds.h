/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FDS_H
#define BASE_FDS_H

#include <stddef.h>

#include "base/util.h"

/* Closes every descriptor of this process but 0, 1, 2 and these n, of which negative ones are none. 0 or -errno. */
int fds_keep_only(const int *keep, size_t n) MUST_CHECK;

#endif
