/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/capability.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "kernel/credentials.h"
#include "kernel/inode.h"
#include "kernel/lock.h"
#include "kernel/resolve.h"
#include "kernel/task.h"
#include "reply/verdict.h"
#include "rule/owner.h"

static bool may_change(const struct cred *actor, struct owner shown, struct owner want)
{
	struct owner ids = { actor->fsuid, actor->fsgid };

	/* a supplementary group is as good as its own */
	if (want.cgid != OWNER_NONE && cred_in_group(actor, want.cgid))
		ids.cgid = want.cgid;
	return owner_may_change(cred_capable(actor, CAP_CHOWN), ids, shown, want);
}

/* The record of a placeholder names its owner and mode for others, too. */
static int record_set(int fd, const struct statx *before, struct owner old, struct owner new)
{
	struct device device;
	struct statx stx;
	int r = inode_device_get(fd, before, &device);

	if (r < 0)
		return r;
	if (device_is_none(&device))
		return owner_equal(old, new) ? 0 : inode_record_set(fd, before, new);
	/* the kernel may have cleared set-id bits */
	r = inode_stat(fd, &stx);
	return r < 0 ? r : inode_device_set(fd, &stx, &device, new);
}

/* The change itself, of an object that no other worker changes meanwhile. */
static void change(const struct task *t, int fd, const struct statx *stx, struct owner want, struct verdict *v)
{
	struct owner old, new;
	struct cred actor;
	int r = inode_record_get(fd, stx, &old);

	if (r < 0)
		return verdict_errno(v, WHY_store_failed, r);
	r = credentials_actor(t, &actor);
	if (r < 0 || !may_change(&actor, owner_shown(old, inode_host_owner(stx)), want))
		return verdict_errno(v, WHY_not_permitted, -EPERM);
	r = inode_chown(t, fd, stx, want);
	if (r < 0)
		return verdict_errno(v, WHY_kernel_refused, r);
	new = owner_merge(old, want, inode_host_owner(stx));
	if (!inode_is_procfs(fd))
		r = record_set(fd, stx, old, new);
	if (r < 0)
		return verdict_errno(v, WHY_store_failed, r);
	verdict_return(v, 0);
}

void handle_chown(struct task *t, const struct request *req, struct verdict *v)
{
	struct owner want = { req->cuid, req->cgid };
	auto_fd fd = resolve_open(t, req, v);
	struct statx stx;
	unsigned int lock;
	int r;

	if (fd < 0)
		return;
	r = inode_stat(fd, &stx);
	if (r < 0)
		return verdict_errno(v, WHY_path, r);
	lock = lock_take(&stx);
	change(t, fd, &stx, want, v);
	lock_release(lock);
}
