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

void handle_chown(struct task *t, const struct request *req, struct verdict *v);
void handle_stat(struct task *t, const struct request *req, struct verdict *v);
void handle_xattr_get(struct task *t, const struct request *req, struct verdict *v);
void handle_xattr_change(struct task *t, const struct request *req, struct verdict *v);
void handle_xattr_list(struct task *t, const struct request *req, struct verdict *v);
void handle_hint(struct task *t, const struct request *req, struct verdict *v);
void handle_set_ids(struct task *t, const struct request *req, struct verdict *v);
void handle_set_groups(struct task *t, const struct request *req, struct verdict *v);
void handle_get_ids(struct task *t, const struct request *req, struct verdict *v);
void handle_capget(struct task *t, const struct request *req, struct verdict *v);
void handle_capset(struct task *t, const struct request *req, struct verdict *v);
void handle_prctl(struct task *t, const struct request *req, struct verdict *v);
void handle_exec(struct task *t, const struct request *req, struct verdict *v);
void handle_chmod(struct task *t, const struct request *req, struct verdict *v);
void handle_create(struct task *t, const struct request *req, struct verdict *v);
void handle_socket_call(struct task *t, const struct request *req, struct verdict *v);
void handle_peer(struct task *t, const struct request *req, struct verdict *v);
void handle_limit(struct task *t, const struct request *req, struct verdict *v);
void handle_refuse(struct task *t, const struct request *req, struct verdict *v);

/* Of a lookup that found nothing of ours. */
static inline void answer_lookup(struct verdict *v, enum lookup answer, enum why why)
{
	if (answer == LOOKUP_MISSING)
		verdict_errno(v, WHY_path, -ENOENT);
	else
		verdict_continue(v, answer == LOOKUP_NONE ? WHY_no_override : why);
}

/* Of an object that resolve_open() has not opened. */
static inline void answer_unresolved(struct verdict *v, int r)
{
	if (r < 0)
		verdict_errno(v, WHY_path, r);
	else
		verdict_continue(v, (enum why)r);
}

#endif
