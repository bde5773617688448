/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of an owner: chown(2). */
#include <errno.h>
#include <linux/capability.h>

#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/lock.h"
#include "object/object.h"
#include "path/lookup.h"
#include "path/resolve.h"
#include "proc/task.h"
#include "reply/verdict.h"
#include "rule/owner.h"

/* Does S_ISGID of a file that its group cannot execute go, since the actor is not of the group? setattr_should_drop_sgid() of the kernel. */
static bool drops_sgid(const struct cred *actor, struct owner shown, uint32_t mode)
{
	return !S_ISDIR(mode) && (mode & (S_ISGID | S_IXGRP)) == S_ISGID && !cred_in_group(actor, shown.cgid) && !cred_capable(actor, CAP_FSETID);
}

static bool may_change(const struct cred *actor, struct owner shown, struct owner want, uint32_t mode)
{
	struct owner ids = { actor->fsuid, actor->fsgid };
	bool kills = !S_ISDIR(mode) && (mode & S_ISUID || (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) || drops_sgid(actor, shown, mode));

	/* that set-id bits go is a change of the mode */
	if (kills && shown.cuid != actor->fsuid && !cred_capable(actor, CAP_FOWNER))
		return false;
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
	int r = object_device_get(fd, before, &device);

	if (r < 0)
		return r;
	if (device_is_none(&device))
		return owner_equal(old, new) ? 0 : object_record_set(fd, before, new);
	/* the kernel may have cleared set-id bits */
	r = object_stat(fd, &stx);
	return r < 0 ? r : object_device_set(fd, &stx, &device, new);
}

/* The change itself, of an object that no other worker changes meanwhile. */
static void change(const struct task *t, int fd, const struct statx *stx, struct owner want, struct verdict *v)
{
	struct owner old, new, shown;
	struct cred actor;
	int r = object_record_get(fd, stx, &old);

	if (r < 0)
		return verdict_errno(v, REASON_store_failed, r);
	shown = owner_shown(old, object_host_owner(stx));
	r = credentials_actor(t, &actor);
	if (r < 0 || !may_change(&actor, shown, want, stx->stx_mode))
		return verdict_errno(v, REASON_not_permitted, -EPERM);
	r = object_chown(t, fd, stx, want);
	/* for the kernel, the caller is of every group here */
	if (r == 0 && drops_sgid(&actor, shown, stx->stx_mode))
		r = object_chmod(t, fd, stx->stx_mode & (07777 & ~(S_ISGID | S_ISUID)));
	if (r < 0)
		return verdict_errno(v, REASON_kernel_refused, r);
	new = owner_merge(old, want, object_host_owner(stx));
	if (!object_may_be_in_procfs(stx) || !object_is_procfs(fd))
		r = record_set(fd, stx, old, new);
	/* a call that fails changes no mode */
	if (r < 0 && !S_ISDIR(stx->stx_mode) && stx->stx_mode & (S_ISUID | S_ISGID) && object_chmod(t, fd, stx->stx_mode & 07777) < 0)
		r = -EIO;
	verdict_result(v, r, REASON_store_failed);
}

/*
 * Giving root a file of root's, which has no record, is what the kernel itself does for a privileged caller. By a descriptor alone: a name may be another object's
 * by the time that the kernel looks.
 */
static bool is_kernels(const struct task *t, const struct request *req)
{
	struct cred actor;

	if (!row_has_arg(req->row, FD) || (req->cuid != 0 && req->cuid != OWNER_NONE) || (req->cgid != 0 && req->cgid != OWNER_NONE))
		return false;
	if (credentials_recorded(t, &actor) &&
	    !(cred_capable(&actor, CAP_CHOWN) && cred_capable(&actor, CAP_FOWNER) && cred_capable(&actor, CAP_FSETID)))
		return false;
	return lookup_is_roots(t, req->t_dirfd);
}

void handle_chown(struct task *t, const struct request *req, struct verdict *v)
{
	struct owner want = { req->cuid, req->cgid };
	auto_fd fd = -1;
	struct statx stx;
	unsigned int lock;
	int r;

	if (is_kernels(t, req))
		return verdict_continue(v, REASON_kernels_owner);
	if (!open_object(t, req, &fd, v))
		return;
	r = object_stat(fd, &stx);
	if (r < 0)
		return verdict_errno(v, REASON_path, r);
	lock = lock_take(&stx);
	change(t, fd, &stx, want, v);
	lock_release(lock);
}
