/* SPDX-License-Identifier: Apache-2.0 */
/* The result of a stat call in the layout of the caller's ABI. */
#ifndef REPLY_STATABI_H
#define REPLY_STATABI_H

#include <stddef.h>

#include "base/util.h"
#include "decode/request.h"

struct statx;

/* Room for the largest layout, struct statx. */
#define STATABI_MAX 256

/* Encodes stx, of which the basic fields must be there: the length; -EOVERFLOW where the kernel says so too. */
int statabi_encode(enum abi abi, unsigned int traits, const struct statx *stx,
		   unsigned char bytes[static STATABI_MAX]) MUST_CHECK;

#endif
