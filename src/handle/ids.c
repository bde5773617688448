/* SPDX-License-Identifier: Apache-2.0 */
/* The IDs of a process: getresuid(2), setresuid(2), setgroups(2); and what all calls share that change credentials. */
#include <errno.h>

#include "base/limits.h"
#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "proc/task.h"
#include "reply/verdict.h"
#include "rule/cred.h"

static uint32_t shown(const struct request *req, uint32_t id)
{
	return request_has_narrow_ids(req) && id > UINT16_MAX ? OVERFLOW_ID : id;
}

/* All ABIs are little-endian: the first bytes of an id are the lower ones. */
static size_t id_size(const struct request *req)
{
	return request_has_narrow_ids(req) ? sizeof(uint16_t) : sizeof(uint32_t);
}

static void write_id(const struct request *req, uint32_t id, uint64_t t_addr, struct verdict *v)
{
	id = shown(req, id);
	verdict_write(v, t_addr, &id, id_size(req));
}

static void write_ids(const struct request *req, uint32_t r, uint32_t e, uint32_t s, struct verdict *v)
{
	write_id(req, r, req->t_buf[0], v);
	write_id(req, e, req->t_buf[1], v);
	write_id(req, s, req->t_buf[2], v);
	verdict_return(v, 0);
}

static void get_groups(const struct request *req, const struct cred *c, struct verdict *v)
{
	size_t size = id_size(req);

	if (req->count < 0 || (req->count > 0 && (uint32_t)req->count < c->n_groups))
		return verdict_errno(v, REASON_bad_argument, -EINVAL);
	if (req->count > 0 && c->n_groups > 0) {
		for (uint32_t i = 0; i < c->n_groups; i++) {
			uint32_t id = shown(req, c->groups[i]);

			memcpy(v->bytes + i * size, &id, size);
		}
		verdict_place(v, req->t_buf[0], c->n_groups * size);
	}
	verdict_return(v, c->n_groups);
}

/* Without recorded credentials the kernel has the right ids, but its groups are those of the user outside. */
void handle_get_ids(struct task *t, const struct request *req, struct verdict *v)
{
	bool groups = request_first_twin(req) == CALL_getgroups;
	struct cred c = { 0 };

	if (!credentials_recorded(t, &c) && !groups)
		return verdict_continue(v, REASON_first_ids);
	if (task_is_nested(t))
		return verdict_continue(v, REASON_nested);
	if (groups)
		return get_groups(req, &c, v);
	switch (request_first_twin(req)) {
	case CALL_getuid:
		return verdict_return(v, shown(req, c.ruid));
	case CALL_geteuid:
		return verdict_return(v, shown(req, c.euid));
	case CALL_getgid:
		return verdict_return(v, shown(req, c.rgid));
	case CALL_getegid:
		return verdict_return(v, shown(req, c.egid));
	case CALL_getresuid:
		return write_ids(req, c.ruid, c.euid, c.suid, v);
	default:
		return write_ids(req, c.rgid, c.egid, c.sgid, v);
	}
}

static int64_t set_ids(struct cred *c, const struct request *req)
{
	static const enum cred_call calls[CALL_COUNT] = {
		[CALL_setuid] = CRED_SETUID, [CALL_setreuid] = CRED_SETREUID, [CALL_setresuid] = CRED_SETRESUID, [CALL_setfsuid] = CRED_SETFSUID,
		[CALL_setgid] = CRED_SETGID, [CALL_setregid] = CRED_SETREGID, [CALL_setresgid] = CRED_SETRESGID, [CALL_setfsgid] = CRED_SETFSGID,
	};

	return cred_set_ids(c, calls[request_first_twin(req)], req->ids);
}

/* Permission comes first, then the number, then the list. */
static int64_t set_groups(struct cred *c, const struct request *req)
{
	struct cred tried = *c;
	int r = cred_setgroups(&tried, req->groups, 0);

	if (r == 0 && (req->count < 0 || req->count > LIMIT_GROUPS))
		r = -EINVAL;
	if (r == 0)
		r = req->memory_error;
	return r < 0 ? r : cred_setgroups(c, req->groups, (size_t)req->count);
}

void ids_change(struct task *t, const struct request *req, credentials_change *change, struct verdict *v)
{
	int64_t r;

	/* ids there are the kernel's, of a map that we do not know */
	if (task_is_nested(t))
		return verdict_continue(v, REASON_nested);
	r = repeat_apply(t, req, change);
	verdict_result(v, r, r == -EAGAIN ? REASON_no_room : REASON_not_permitted);
}

void handle_set_ids(struct task *t, const struct request *req, struct verdict *v)
{
	ids_change(t, req, set_ids, v);
}

void handle_set_groups(struct task *t, const struct request *req, struct verdict *v)
{
	ids_change(t, req, set_groups, v);
}
