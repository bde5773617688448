/* SPDX-License-Identifier: Apache-2.0 */
/* The making of files, of which the worker's target sees whether, and for whom; what is made, tests/likeroot/diff compares with the kernel. */
#include "fake-create.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "decode/request.h"
#include "fake-kernel.h"
#include "fuzz.h"
#include "handle/handle.h"
#include "object/fsclock.h"
#include "object/pending.h"
#include "proc/task.h"
#include "reply/verdict.h"

unsigned int fake_made;
struct cred fake_maker;

/* Nobody else makes anything now, but somebody has. */
uint32_t pending_before(void)
{
	return 1;
}

bool pending_is_under_way(void)
{
	return false;
}

bool pending_was_quiet(uint32_t before)
{
	CHECK(before == 1);
	return true;
}

bool pending_is_fresh(const struct statx *stx)
{
	(void)stx;
	return false;
}

void pending_await(const struct statx *stx)
{
	(void)stx;
}

int64_t fsclock_now(void)
{
	return fsclock_moment().boot;
}

struct moment fsclock_moment(void)
{
	return (struct moment){ 1, FAKE_NOW * NS_PER_S };
}

bool fsclock_passed(const struct moment *then, const struct statx *stx, int64_t by)
{
	CHECK(then->boot == 1 && by == (stx->stx_ctime.tv_nsec ? NS_PER_S / 100 : 2 * NS_PER_S));
	return stx->stx_dev_minor != FAKE_TIMELESS && fsclock_time(&stx->stx_ctime) / NS_PER_S < FAKE_NOW - by / NS_PER_S;
}

bool fake_is_device(const char *name, uint32_t mode)
{
	return strncmp(name, "mknod", 5) == 0 && S_ISBLK(mode);
}

bool fake_is_elsewhere(const char *path)
{
	return path[0] && path[strlen(path) - 1] % 2;
}

bool create_is_device(const struct request *req)
{
	return fake_is_device(req->row->name, req->mode);
}

bool create_is_possible(const struct request *req)
{
	return req->path[0];
}

bool create_probe(const struct task *t, const struct request *req, struct verdict *v)
{
	fake_check_task(t);
	fake_look();
	if (fake_is_elsewhere(req->path))
		return true;
	verdict_continue(v, REASON_kernels_owner);
	return false;
}

void create_file(const struct task *t, const struct request *req, const struct cred *actor, struct verdict *v)
{
	int r = task_confirm(t);

	CHECK(req->path[0] && fake_made == 0);
	if (r < 0)
		return verdict_errno(v, REASON_path, r);
	fake_act();
	fake_made++;
	fake_maker = *actor;
	verdict_return(v, 0);
}
