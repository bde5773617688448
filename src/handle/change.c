/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/change.h"

#include <errno.h>

#include "proc/task.h"
#include "reply/verdict.h"

void change_credentials(struct task *t, const struct request *req, credentials_change *change, struct verdict *v)
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
