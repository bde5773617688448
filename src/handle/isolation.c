/* SPDX-License-Identifier: Apache-2.0 */
/* Calls after which a task may have another root or namespace, or less access, than its container; and those that are refused. */
#include <errno.h>
#include <sched.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "proc/task.h"
#include "reply/verdict.h"

/* Noted before the kernel runs the call, which may fail. */
void handle_isolation(struct task *t, const struct request *req, struct verdict *v)
{
	bool has_flags = req->row->args[0] != SKIP;
	uint64_t flags = has_flags ? req->clone_flags : req->call == CALL_setns ? CLONE_NEWUSER : CLONE_NEWNS;

	if (req->row->traits & CONFINES)
		t->isolation |= MAY_BE_CONFINED;
	else if (flags & CLONE_NEWUSER)
		t->isolation |= ROOTS_MAY_DIFFER | USERNS_MAY_DIFFER;
	else if (flags & CLONE_NEWNS)
		t->isolation |= ROOTS_MAY_DIFFER;
	verdict_continue(v, REASON_isolation);
}

/* A call that the filter refuses by itself; this is for a filter that does not. */
void handle_refuse(struct task *t, const struct request *req, struct verdict *v)
{
	(void)t;
	(void)req;
	verdict_errno(v, REASON_bad_argument, -ENOSYS);
}
