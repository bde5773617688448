/* SPDX-License-Identifier: Apache-2.0 */
/* The owner of an object, and the device that a placeholder stands for: stat(2). */
#include <errno.h>
#include <fcntl.h>

#include "base/groups.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/object.h"
#include "object/process.h"
#include "object/setgroups.h"
#include "path/lookup.h"
#include "proc/task_fd.h"
#include "reply/statabi.h"
#include "reply/verdict.h"

static void show(const struct request *req, struct found *found, struct verdict *v)
{
	struct owner shown = owner_shown(found->owner, object_host_owner(&found->stx));
	int r;

	found->stx.stx_uid = shown.cuid;
	found->stx.stx_gid = shown.cgid;
	if (HAS_DEVICE && !device_is_none(&found->device))
		device_show(&found->device, &found->stx);
	r = statabi_encode(req->abi, req->row->traits, &found->stx, v->bytes);
	if (r < 0)
		return verdict_errno(v, REASON_bad_buffer, r);
	verdict_place(v, req->t_buf[0], (size_t)r);
	verdict_return(v, 0);
}

/* How to synchronise with a server. Only statx(2) minds that both are asked for. */
static uint32_t sync_flags(const struct request *req)
{
	uint32_t flags = req->at_flags & AT_STATX_SYNC_TYPE;

	return flags == AT_STATX_SYNC_TYPE && !(req->row->traits & STATX) ? 0 : flags;
}

/* Has the task another file now in the place of /proc/PID/setgroups? It is shown the status of what it had. */
static bool show_setgroups(const struct task *t, const struct request *req, uint32_t mask, struct found *found)
{
	auto_fd fd = task_fd_dup(t, req->t_dirfd);
	struct statx stx;

	if (fd < 0 || object_stat(fd, &stx) < 0 || setgroups_show(t, req->t_dirfd, fd, &stx) <= 0)
		return false;
	found->device = (struct device){ 0 };
	if (!process_owner(fd, &stx, &found->owner))
		found->owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	return object_statx(fd, sync_flags(req) | AT_NO_AUTOMOUNT, mask, &found->stx) == 0;
}

void handle_stat(struct task *t, const struct request *req, struct verdict *v)
{
	uint32_t mask = req->row->traits & STATX ? req->mask : STATX_BASIC_STATS;
	struct found found;
	enum lookup answer = lookup_status(t, req, sync_flags(req), mask, &found);

	if (found.may_be_procfs && !req->path[0] && show_setgroups(t, req, mask, &found))
		answer = LOOKUP_OWNER;
	if (answer != LOOKUP_OWNER)
		return answer_lookup(v, answer, found.reason);
	show(req, &found, v);
}
