/* SPDX-License-Identifier: Apache-2.0 */
/* The file that keeps the xattrs of an object which can keep none itself: the worker's end of store/xattr_files.h. */
#ifndef OBJECT_XATTR_FILE_H
#define OBJECT_XATTR_FILE_H

#include <stdbool.h>

#include "base/util.h"

/* Has any object of this user such a file? */
bool xattr_file_in_use(void);

/* An O_PATH descriptor of that of the object behind this one. makes: where there is none. -ENODATA: there is none; -EPERM: there can be none; -errno. */
int xattr_file_open(int fd, bool makes) MUST_CHECK;

#endif
