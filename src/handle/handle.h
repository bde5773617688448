/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel would do for each group of calls: from a request to a verdict. A handler knows the task only through
 * kernel/, never its pid, its notification or an address in it.
 */
#ifndef HANDLE_HANDLE_H
#define HANDLE_HANDLE_H

#include <errno.h>

#include "path/lookup.h"
#include "reply/verdict.h"

struct request;
struct task;

/* those of a group that was left out are NULL: see base/groups.h */
#ifdef WITHOUT
#define HANDLER(name, ...) __attribute__((weak)) void handle_##name(struct task *t, const struct request *req, struct verdict *v);
#else
#define HANDLER(name, ...) void handle_##name(struct task *t, const struct request *req, struct verdict *v);
#endif
#include "decode/handlers.def"
#undef HANDLER

/* Of a lookup that found nothing of ours. */
static inline void answer_lookup(struct verdict *v, enum lookup answer, enum reason reason)
{
	if (answer == LOOKUP_MISSING)
		verdict_errno(v, REASON_path, -ENOENT);
	else
		verdict_continue(v, answer == LOOKUP_NONE ? REASON_no_override : reason);
}

/* Of an object that resolve_open() has not opened. */
static inline void answer_unresolved(struct verdict *v, int r)
{
	if (r < 0)
		verdict_errno(v, REASON_path, r);
	else
		verdict_continue(v, (enum reason)r);
}

#endif
