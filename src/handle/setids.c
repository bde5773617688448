/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/setids.h"

#include <errno.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "proc/task.h"
#include "reply/verdict.h"
#include "rule/cred.h"

static int64_t set_ids(struct cred *c, const struct request *req)
{
	static const enum cred_call calls[CALL_COUNT] = {
		[CALL_setuid] = CRED_SETUID, [CALL_setuid32] = CRED_SETUID,
		[CALL_setgid] = CRED_SETGID, [CALL_setgid32] = CRED_SETGID,
		[CALL_setreuid] = CRED_SETREUID, [CALL_setreuid32] = CRED_SETREUID,
		[CALL_setregid] = CRED_SETREGID, [CALL_setregid32] = CRED_SETREGID,
		[CALL_setresuid] = CRED_SETRESUID, [CALL_setresuid32] = CRED_SETRESUID,
		[CALL_setresgid] = CRED_SETRESGID, [CALL_setresgid32] = CRED_SETRESGID,
		[CALL_setfsuid] = CRED_SETFSUID, [CALL_setfsuid32] = CRED_SETFSUID,
		[CALL_setfsgid] = CRED_SETFSGID, [CALL_setfsgid32] = CRED_SETFSGID,
	};

	return cred_set_ids(c, calls[req->call], req->ids);
}

/* Permission comes first, then the number, then the list. */
static int64_t set_groups(struct cred *c, const struct request *req)
{
	struct cred tried = *c;
	int r = cred_setgroups(&tried, req->groups, 0);

	if (r == 0 && (req->count < 0 || req->count > LIMIT_GROUPS))
		r = -EINVAL;
	if (r == 0)
		r = req->memory_error;
	return r < 0 ? r : cred_setgroups(c, req->groups, (size_t)req->count);
}

void setids_change(struct task *t, const struct request *req, credentials_change *change, struct verdict *v)
{
	int64_t r;

	/* ids there are the kernel's, of a map that we do not know */
	if (task_is_nested(t))
		return verdict_continue(v, REASON_nested);
	r = repeat_apply(t, req, change);
	if (r < 0)
		return verdict_errno(v, r == -EAGAIN ? REASON_no_room : REASON_not_permitted, (int)r);
	verdict_return(v, r);
}

void handle_set_ids(struct task *t, const struct request *req, struct verdict *v)
{
	setids_change(t, req, set_ids, v);
}

void handle_set_groups(struct task *t, const struct request *req, struct verdict *v)
{
	setids_change(t, req, set_groups, v);
}
