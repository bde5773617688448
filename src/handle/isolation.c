/* SPDX-License-Identifier: Apache-2.0 */
/* Calls after which a task may have another root or namespace, or less access, than its container; and those that are refused. */
#include <errno.h>
#include <sched.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "proc/task.h"
#include "reply/verdict.h"

/*
 * A call after which a path may mean something else than in the container, or lead less far. Noted before it happens; whether it happens
 * does not matter, for the mark only costs time.
 */
void handle_isolation(struct task *t, const struct request *req, struct verdict *v)
{
	bool has_flags = req->row->args[0] != SKIP;
	uint64_t flags = has_flags ? req->clone_flags : req->call == CALL_setns ? CLONE_NEWUSER : CLONE_NEWNS;

	if (req->row->traits & CONFINES) {
		t->confined = true;
	} else if (flags & (CLONE_NEWUSER | CLONE_NEWNS)) {
		t->roots_may_differ = true;
		t->userns_may_differ |= (flags & CLONE_NEWUSER) != 0;
	}
	verdict_continue(v, REASON_isolation);
}

/* A call that the filter refuses by itself; this is for a filter that does not. */
void handle_refuse(struct task *t, const struct request *req, struct verdict *v)
{
	(void)t;
	(void)req;
	verdict_errno(v, REASON_bad_argument, -ENOSYS);
}
