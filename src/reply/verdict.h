/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler decided about a call. */
#ifndef REPLY_VERDICT_H
#define REPLY_VERDICT_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/reason.h"

#define VERDICT_PLACES 3

struct verdict {
	enum reason reason;
	bool kernel;        /* the kernel runs the call itself */
	int error;          /* 0 or a positive errno of the call */
	int64_t value;      /* what the call returns without an error */
	bool sent;          /* the handler has sent the response itself: the rest is for counters and traces */
	/* Where bytes are written before the call returns, one place after another until one cannot be written. Some errors come with bytes, too. */
	struct verdict_place {
		uint64_t t_addr;
		size_t length;
	} places[VERDICT_PLACES];
	size_t n_places;
	size_t length;      /* of them all */
	unsigned char bytes[XATTR_LIST_MAX];
};

static inline void verdict_continue(struct verdict *v, enum reason reason)
{
	v->reason = reason;
	v->kernel = true;
}

static inline void verdict_errno(struct verdict *v, enum reason reason, int r)
{
	v->reason = reason;
	v->kernel = false;
	v->error = r < 0 ? -r : r;
	v->value = 0;
	v->n_places = v->length = 0;
}

/* The next n of bytes, which are there already, belong to t_addr. */
static inline void verdict_place(struct verdict *v, uint64_t t_addr, size_t n)
{
	v->places[v->n_places++] = (struct verdict_place){ t_addr, n };
	v->length += n;
}

/* The same with a copy of them. */
static inline void verdict_write(struct verdict *v, uint64_t t_addr, const void *bytes, size_t n)
{
	memcpy(v->bytes + v->length, bytes, n);
	verdict_place(v, t_addr, n);
}

static inline void verdict_return(struct verdict *v, int64_t value)
{
	v->reason = REASON_answered;
	v->kernel = false;
	v->error = 0;
	v->value = value;
}

/* What the call returns, or with a negative r its error, for this reason. */
static inline void verdict_result(struct verdict *v, int64_t r, enum reason reason)
{
	if (r < 0)
		verdict_errno(v, reason, (int)r);
	else
		verdict_return(v, r);
}

#endif
