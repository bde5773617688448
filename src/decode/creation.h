/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of calls that make a file: what decode.c does not know of them. */
#ifndef DECODE_CREATION_H
#define DECODE_CREATION_H

#include "base/util.h"
#include "decode/request.h"

struct task;

/* What such a call has in memory beside its path, for any call: 0, a positive enum reason, or -errno, as decode(). */
int creation_decode(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT]) MUST_CHECK;

/* The same of a socket's address of req->size bytes, whose path becomes that of the request. */
int creation_address(const struct task *t, struct request *req, uint64_t t_address) MUST_CHECK;

#endif
