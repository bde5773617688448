/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resource limits that carry credentials, and have no effect otherwise: whoever looks sees no limit, and what is set is
 * forgotten. prlimit(2), do_prlimit() in kernel/sys.c.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/resource.h>

#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/process.h"
#include "reply/verdict.h"

#define OLD_INFINITY 0x7fffffffU /* of i386's first getrlimit(2) */

static bool has_ids_of(const struct cred *caller, const struct cred *other)
{
	return caller->ruid == other->ruid && caller->ruid == other->euid && caller->ruid == other->suid &&
	       caller->rgid == other->rgid && caller->rgid == other->egid && caller->rgid == other->sgid;
}

/* May the caller ask about the process of this number? 0 or -errno. */
static int may_ask(const struct task *t, int32_t number)
{
	struct cred caller, other;
	int r = number == 0 ? PROCESS_SELF : process_by_number(t, number, &other);

	/* where it cannot be told who that is, it is not said either */
	if (r == PROCESS_SELF || r == -ENOSYS)
		return 0;
	if (r < 0)
		return r;
	r = credentials_get(t, &caller);
	if (r < 0)
		return r;
	return has_ids_of(&caller, &other) || cred_capable(&caller, CAP_SYS_RESOURCE) ? 0 : -EPERM;
}

static void show(const struct request *req, struct verdict *v)
{
	uint32_t narrow = req->call == CALL_getrlimit ? OLD_INFINITY : UINT32_MAX;

	if (abi_is_narrow(req->abi) && !(req->row->traits & LIMIT64))
		verdict_write(v, req->t_buf[0], (uint32_t[]){ narrow, narrow }, 2 * sizeof(narrow));
	else
		verdict_write(v, req->t_buf[0], (uint64_t[]){ UINT64_MAX, UINT64_MAX }, 2 * sizeof(uint64_t));
}

void handle_limit(struct task *t, const struct request *req, struct verdict *v)
{
	bool of_other = req->row->traits & LIMIT64;
	int r;

	if (req->option != RLIMIT_LOCKS && req->option != RLIMIT_RSS)
		return verdict_continue(v, REASON_other_option);
	if (req->memory_error < 0)
		return verdict_errno(v, REASON_bad_argument, req->memory_error);
	r = of_other ? may_ask(t, (int32_t)req->values[0]) : 0;
	if (r < 0)
		return verdict_errno(v, r == -EPERM ? REASON_not_permitted : REASON_bad_argument, r);
	if (req->has_limit && req->limit[0] > req->limit[1])
		return verdict_errno(v, REASON_bad_argument, -EINVAL);
	/* only prlimit(2) takes NULL for nothing */
	if (of_other ? req->t_buf[0] != 0 : !req->has_limit)
		show(req, v);
	verdict_return(v, 0);
}
