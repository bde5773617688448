/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel would do for each group of calls: from a request to a verdict. A handler sees the caller as a struct task only, and uses
 * neither its pid nor its notification nor an address in it.
 */
#ifndef HANDLE_HANDLE_H
#define HANDLE_HANDLE_H

#include <errno.h>

#include "path/lookup.h"
#include "path/resolve.h"
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

/* The answer where a lookup has found nothing of ours. */
static inline void answer_lookup(struct verdict *v, enum lookup answer, enum reason reason)
{
	if (answer == LOOKUP_MISSING)
		verdict_errno(v, REASON_path, -ENOENT);
	else
		verdict_continue(v, answer == LOOKUP_NONE ? REASON_no_override : reason);
}

/* resolve_open(). False: v has the answer. */
static inline bool open_object(const struct task *t, const struct request *req, int *fd, struct verdict *v)
{
	int r = resolve_open(t, req, fd);

	if (r < 0)
		verdict_errno(v, REASON_path, r);
	else if (r > 0)
		verdict_continue(v, (enum reason)r);
	return r == 0;
}

/* The same for a call that changes nothing, and only where something of ours may be recorded for the object. */
static inline bool open_recorded(const struct task *t, const struct request *req, int *fd, struct verdict *v)
{
	enum reason reason;
	enum lookup answer = lookup_any(t, req, &reason);

	if (answer != LOOKUP_OWNER)
		answer_lookup(v, answer, reason);
	return answer == LOOKUP_OWNER && open_object(t, req, fd, v);
}

#endif
