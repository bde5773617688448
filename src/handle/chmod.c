/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a mode: chmod(2). */
#include <errno.h>
#include <linux/capability.h>
#include <sys/stat.h>

#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/lock.h"
#include "object/object.h"
#include "path/lookup.h"
#include "path/resolve.h"
#include "reply/verdict.h"

/* May the caller change any mode in this way? Then the kernel, for which it is root, does the right thing. */
static bool is_privileged(const struct cred *actor, uint32_t mode)
{
	return cred_capable(actor, CAP_FOWNER) && (!(mode & S_ISGID) || cred_capable(actor, CAP_FSETID));
}

/* The change itself, of an object whose owner nobody changes meanwhile. */
static void change(const struct task *t, int fd, const struct statx *stx, const struct cred *actor, uint32_t mode, struct verdict *v)
{
	struct owner record, shown;
	int r = object_record_get(fd, stx, &record);

	if (r < 0)
		return verdict_errno(v, REASON_store_failed, r);
	shown = owner_shown(record, object_host_owner(stx));
	/* what is refused to everybody is refused for that reason */
	if (shown.cuid != actor->fsuid && !cred_capable(actor, CAP_FOWNER) &&
	    !S_ISLNK(stx->stx_mode) && !object_is_readonly(fd))
		return verdict_errno(v, REASON_not_permitted, -EPERM);
	if (!cred_in_group(actor, shown.cgid) && !cred_capable(actor, CAP_FSETID))
		mode &= ~(uint32_t)S_ISGID;
	verdict_result(v, object_chmod(t, fd, mode), REASON_kernel_refused);
}

void handle_chmod(struct task *t, const struct request *req, struct verdict *v)
{
	struct cred actor;
	struct statx stx;
	unsigned int lock;
	auto_fd fd = -1;
	enum reason reason;
	int r;

	/* for the kernel, every file here is the caller's, also where the caller has given CAP_FOWNER up */
	if (!credentials_recorded(t, &actor) && (lookup_any(t, req, &reason) != LOOKUP_OWNER || credentials_actor(t, &actor) < 0))
		return verdict_continue(v, REASON_first_ids);
	if (is_privileged(&actor, req->mode))
		return verdict_continue(v, REASON_privileged);
	if (!open_object(t, req, &fd, v))
		return;
	r = object_stat(fd, &stx);
	if (r < 0)
		return verdict_errno(v, REASON_path, r);
	lock = lock_take(&stx);
	change(t, fd, &stx, &actor, req->mode, v);
	lock_release(lock);
}
