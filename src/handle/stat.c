/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "kernel/glance.h"
#include "kernel/inode.h"
#include "kernel/other.h"
#include "kernel/resolve.h"
#include "reply/statabi.h"
#include "reply/verdict.h"

static void show(const struct request *req, struct statx *stx, struct owner record, const struct device *device, struct verdict *v)
{
	struct owner shown = owner_shown(record, inode_host_owner(stx));
	int r;

	stx->stx_uid = shown.cuid;
	stx->stx_gid = shown.cgid;
	if (!device_is_none(device))
		device_show(device, stx);
	r = statabi_encode(req->abi, req->row->traits, stx, v->bytes);
	if (r < 0)
		return verdict_errno(v, WHY_bad_buffer, r);
	verdict_place(v, req->t_buf[0], (size_t)r);
	verdict_return(v, 0);
}

/* How to synchronise with a server. Only statx(2) minds that both are asked for. */
static uint32_t sync_flags(const struct request *req)
{
	uint32_t flags = req->at_flags & AT_STATX_SYNC_TYPE;

	return flags == AT_STATX_SYNC_TYPE && !(req->row->traits & STATX) ? 0 : flags;
}

void handle_stat(struct task *t, const struct request *req, struct verdict *v)
{
	uint32_t mask = req->row->traits & STATX ? req->mask : STATX_BASIC_STATS;
	struct device device = { 0 };
	struct owner record;
	struct statx stx;
	auto_fd from = -1, fd = -1;

	if (!resolve_probe(t, req, &from, v))
		return;
	if (glance(t, req, &from, sync_flags(req), mask, &stx, &record))
		return show(req, &stx, record, &device, v);
	fd = resolve_open(t, req, v);
	if (fd < 0)
		return;
	if (inode_stat(fd, &stx) < 0 || inode_record_get(fd, &stx, &record) < 0 || inode_device_get(fd, &stx, &device) < 0)
		return verdict_continue(v, WHY_kernel_refuses);
	if (owner_is_none(record) && device_is_none(&device) && !other_owner(fd, &stx, &record))
		return verdict_continue(v, WHY_no_override);
	if (inode_statx(fd, sync_flags(req) | AT_NO_AUTOMOUNT, mask, &stx) < 0)
		return verdict_continue(v, WHY_kernel_refuses);
	show(req, &stx, record, &device, v);
}
