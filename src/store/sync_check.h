/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has the disk got what was written to a file? write(2) does not tell: the kernel writes later, and says only to fsync(2) that it could not. A
 * child asks, some time after something was written, and nobody waits for it.
 */
#ifndef STORE_SYNC_CHECK_H
#define STORE_SYNC_CHECK_H

#include <sys/types.h>

#include "base/util.h"

/* Something was written just now. */
void sync_check_written(void);

/* Milliseconds until it is time to ask; -1: nothing was written. And asks, if it is time. */
int sync_check_ms(void);
void sync_check_if_due(int fd);

/* A child of this process has ended. 0: another one; 1: the disk has all; -EIO: it has not. */
int sync_check_reap(pid_t pid, int status) MUST_CHECK;

#endif
