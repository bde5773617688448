/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments in memory of the calls of xattr(7). */
#ifndef DECODE_XATTR_H
#define DECODE_XATTR_H

#include "base/util.h"
#include "decode/request.h"

struct task;

/* The name; size and flags, if they are in memory; the value, if one is set. 0; enum reason: the kernel answers; -errno. */
int xattr_decode(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT]) MUST_CHECK;

#endif
