/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities of tasks with recorded credentials. What such a task gives up it gives up for the kernel too, which runs the call
 * as well: the kernel's sets contain ours, since for it the task is root.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "object/process.h"
#include "proc/task.h"
#include "reply/verdict.h"

/* The kernel writes the version that it prefers into the header. */
static bool has_good_header(const struct request *req)
{
	return req->memory_error == 0 && request_cap_words(req) > 0 && req->cap.number >= 0;
}

static void show(const struct request *req, const struct cred *c, struct verdict *v)
{
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(c->effective >> 32 * i),
			.permitted = (uint32_t)(c->permitted >> 32 * i),
			.inheritable = (uint32_t)(c->inheritable >> 32 * i),
		};
	verdict_write(v, req->t_buf[0], data, request_cap_words(req) * sizeof(data[0]));
	verdict_return(v, 0);
}

/* The recorded credentials of the process that the header names, which may be 0 for the caller. */
static bool finds(const struct task *t, const struct request *req, struct cred *c)
{
	int other = req->cap.number == 0 ? PROCESS_SELF : process_by_number(t, req->cap.number, c);

	return other == PROCESS_RECORDED || (other == PROCESS_SELF && credentials_recorded(t, c));
}

void handle_capget(struct task *t, const struct request *req, struct verdict *v)
{
	struct cred c;

	/* a header or a process that the kernel refuses, a question for the version alone */
	if (!has_good_header(req) || req->t_buf[0] == 0)
		return verdict_continue(v, REASON_kernel_refuses);
	if (!finds(t, req, &c))
		return verdict_continue(v, REASON_first_ids);
	if (task_is_nested(t))
		return verdict_continue(v, REASON_nested);
	show(req, &c, v);
}

static int64_t set_capabilities(struct cred *c, const struct request *req)
{
	return cred_capset(c, req->caps[0], req->caps[1], req->caps[2]);
}

/* A change of what is recorded, which the kernel is to make as well. */
static void change_both(struct task *t, const struct request *req, credentials_change *change, struct verdict *v)
{
	ids_change(t, req, change, v);
	if (!v->kernel && v->error == 0)
		verdict_continue(v, REASON_both);
}

void handle_capset(struct task *t, const struct request *req, struct verdict *v)
{
	struct cred c;

	if (!credentials_recorded(t, &c))
		return verdict_continue(v, REASON_first_ids);
	if (!has_good_header(req) || (req->cap.number != 0 && process_by_number(t, req->cap.number, &c) != PROCESS_SELF))
		return verdict_continue(v, REASON_kernel_refuses);
	change_both(t, req, set_capabilities, v);
}

static int64_t change_by_prctl(struct cred *c, const struct request *req)
{
	return cred_prctl(c, (int)req->option, req->values);
}

/* Does the kernel make it too? Its securebits stay what they are: with SECBIT_NOROOT its root would be none. */
static bool is_for_both(const struct request *req)
{
	return req->option == PR_CAPBSET_DROP;
}

void handle_prctl(struct task *t, const struct request *req, struct verdict *v)
{
	bool first = req->option != PR_SET_KEEPCAPS && req->option != PR_SET_SECUREBITS;
	struct cred c;

	if (!cred_has_prctl((int)req->option))
		return verdict_continue(v, REASON_other_option);
	if (first && !credentials_recorded(t, &c))
		return verdict_continue(v, REASON_first_ids);
	if (is_for_both(req))
		change_both(t, req, change_by_prctl, v);
	else
		ids_change(t, req, change_by_prctl, v);
}
