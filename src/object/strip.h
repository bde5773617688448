/* SPDX-License-Identifier: Apache-2.0 */
/* Taking off an object what we have recorded in xattrs of it. */
#ifndef OBJECT_STRIP_H
#define OBJECT_STRIP_H

#include <stdbool.h>

#include "base/util.h"

/* Of the object that fd, an O_PATH descriptor, is of. 1: it has xattrs of ours, which are gone now, if remove is true; 0: it has none; or -errno. */
int strip_object(int fd, bool remove) MUST_CHECK;

#endif
