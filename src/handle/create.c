/* SPDX-License-Identifier: Apache-2.0 */
/* New files: whether the kernel makes them as they have to be. */
#include <linux/capability.h>

#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "proc/task.h"
#include "reply/verdict.h"

/* What the kernel makes belongs to root: that is right for a task whose fsuid and fsgid are 0, unless the directory says otherwise. */
void handle_create(struct task *t, const struct request *req, struct verdict *v)
{
	struct cred actor;
	bool recorded = credentials_recorded(t, &actor), device = create_is_device(req);

	if (!create_is_possible(req))
		return verdict_continue(v, REASON_kernel_refuses);
	if (t->isolation & MAY_BE_CONFINED)
		return verdict_continue(v, REASON_confined);
	if (!device && (!recorded || (actor.fsuid == 0 && actor.fsgid == 0)) && !create_probe(t, req, v))
		return;
	if (task_is_nested(t))
		return verdict_continue(v, REASON_nested);
	if (credentials_actor(t, &actor) < 0)
		return verdict_continue(v, REASON_kernel_refuses);
	if (device && !cred_capable(&actor, CAP_MKNOD))
		return verdict_continue(v, REASON_kernel_refuses);
	create_file(t, req, &actor, v);
}
