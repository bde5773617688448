/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler decided about a call. */
#ifndef REPLY_VERDICT_H
#define REPLY_VERDICT_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

struct verdict {
	enum why why;
	bool kernel;        /* the kernel runs the call itself */
	int error;          /* 0 or a positive errno of the call */
	int64_t value;      /* what the call returns without an error */
	uint64_t t_buf;     /* the first length of bytes are written there before the call returns */
	size_t length;
	unsigned char bytes[XATTR_LIST_MAX];
};

static inline void verdict_continue(struct verdict *v, enum why why)
{
	v->why = why;
	v->kernel = true;
}

static inline void verdict_errno(struct verdict *v, enum why why, int r)
{
	v->why = why;
	v->kernel = false;
	v->error = r < 0 ? -r : r;
	v->value = 0;
	v->length = 0;
}

static inline void verdict_return(struct verdict *v, int64_t value)
{
	v->why = WHY_answered;
	v->kernel = false;
	v->error = 0;
	v->value = value;
}

#endif
