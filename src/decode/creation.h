/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that may make a file: their arguments in memory, and which of them make none. */
#ifndef DECODE_CREATION_H
#define DECODE_CREATION_H

#include "base/util.h"
#include "decode/request.h"

struct task;

/* Reads what such a call has in memory, except its path; of other calls nothing. 0, a positive enum reason, or -errno, as decode(). */
int creation_decode(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT]) MUST_CHECK;

/* Reads a socket's address of req->size bytes, whose path becomes that of the request. As above. */
int creation_address(const struct task *t, struct request *req, uint64_t t_address) MUST_CHECK;

#endif
