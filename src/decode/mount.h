/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments in memory of mount(2), fsconfig(2) and move_mount(2), where they may be of interest. */
#ifndef DECODE_MOUNT_H
#define DECODE_MOUNT_H

#include "base/util.h"
#include "decode/request.h"

struct task;

/* Bytes of the options of mount(2) at most, with the NUL: what the kernel reads, a page of the smallest size. */
#define MOUNT_DATA_MAX 4096

/* Reads all but the path. 0; enum reason: the kernel answers, as it does whenever no new file system is configured or mounted; -errno. */
int mount_decode(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT]) MUST_CHECK;

#endif
