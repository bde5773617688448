/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New terminals: posix_openpt(3). They belong to whoever opens one, or as their devpts was mounted. What opens /dev/ptmx is not trapped; these calls
 * follow, before the other end can be opened.
 */
#include <sys/ioctl.h>

#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/lock.h"
#include "object/object.h"
#include "object/owner_store.h"
#include "object/terminal.h"
#include "proc/task.h"
#include "proc/task_fd.h"
#include "reply/verdict.h"

/* Records whose it is, unless that was done already. 0 or -errno. */
static int record(const struct task *t, int terminal)
{
	const struct owner none = { OWNER_NONE, OWNER_NONE };
	struct owner known, owner;
	struct statx stx;
	struct cred actor;
	unsigned int lock;
	int r = object_stat(terminal, &stx);

	if (r == 0)
		r = terminal_defaults_get(terminal, &owner);
	if (r == 0)
		r = credentials_actor(t, &actor);
	if (r == 0)
		r = task_confirm(t);
	if (r < 0)
		return r;
	owner = owner_merge(none, owner_shown(owner, (struct owner){ actor.fsuid, actor.fsgid }), object_host_owner(&stx));
	if (owner_is_none(owner))
		return 0;
	lock = lock_take(&stx);
	r = object_record_get(terminal, &stx, &known);
	if (r == 0 && owner_is_none(known))
		r = object_record_set(terminal, &stx, owner);
	lock_release(lock);
	return r;
}

void handle_terminal(struct task *t, const struct request *req, struct verdict *v)
{
	auto_fd ptmx = -1, terminal = -1;

	verdict_continue(v, REASON_other_option);
	/* a merged profile sends others, too; and there may be no owner but the kernel's */
	if ((req->option != TIOCGPTN && req->option != TIOCSPTLCK) || (!owner_store_in_use() && !credentials_in_use()))
		return;
	ptmx = task_fd_dup_surely(t, req->t_dirfd);
	terminal = ptmx < 0 || task_is_nested(t) ? -1 : terminal_open_new(ptmx);
	if (terminal >= 0)
		verdict_continue(v, record(t, terminal) < 0 ? REASON_kernel_refuses : REASON_both);
}
