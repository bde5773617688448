/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that change credentials when they are executed: execve(2). The kernel executes the file. What becomes of credentials is known
 * before only as long as nobody exchanges it; and the call may fail. So where they seem to change, its end is waited for, and the file that
 * really runs decides: see proc/exec_trace.h.
 */
#include <errno.h>

#include "base/log.h"
#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/object.h"
#include "path/lookup.h"
#include "path/resolve.h"
#include "proc/exec_trace.h"
#include "proc/task.h"
#include "reply/verdict.h"

/* cred_exec() for the task. */
static int execute(const struct task *t, struct cred *c, struct cred_file *file)
{
	struct cred next = *c;
	int r = cred_exec(&next, file);

	/* it only takes away, and is asked for only where there is something to take */
	if (r == 0 && cred_equal(&next, c))
		return 0;
	file->no_new_privs = task_status(t, "\nNoNewPrivs:") != 0;
	return cred_exec(c, file);
}

/* The new program gets its credentials: 0, or -errno when it must not begin. */
static int change(const struct task *program, const struct cred *before)
{
	struct cred_file file = { 0 };
	auto_fd fd = task_open_program(program);
	struct cred old, new;
	int r, secure;

	if (!credentials_recorded(program, &old))
		old = *before;
	/* one that nobody may execute by now has no privileges */
	if (fd >= 0 && !object_program(fd, &file))
		file = (struct cred_file){ 0 };
	new = old;
	secure = execute(program, &new, &file);
	if (secure < 0) {
		/* a script's interpreter that cannot do with less capabilities than its own: it gets none of them */
		file = (struct cred_file){ .no_new_privs = file.no_new_privs };
		secure = execute(program, &new, &file);
	}
	r = cred_equal(&new, &old) ? 0 : credentials_set_held(program, &new);
	if (r < 0)
		return r;
	r = exec_trace_show(program, &new, secure > 0);
	return secure > 0 ? r : 0;
}

static void watch(const struct task *t, const struct cred *before)
{
	static bool said;
	struct task program;
	int r;

	if (!exec_trace_watch(t, &program))
		return;
	r = change(&program, before);
	exec_trace_close(&program, r == 0);
	if (r < 0 && !said) {
		log_warn(r, "a program was killed as it began, for it could not be given its credentials");
		said = true;
	}
}

/* Of a task that is traced by somebody else. */
static void change_before(const struct task *t, const struct cred *before, struct cred_file *file, struct verdict *v)
{
	struct cred new = *before;
	int r;

	file->observed = true;
	r = execute(t, &new, file);
	if (r >= 0 && !cred_equal(&new, before))
		r = credentials_set(t, &new);
	if (r < 0)
		return verdict_errno(v, r == -EAGAIN ? REASON_no_room : REASON_not_permitted, r);
	verdict_continue(v, REASON_exec_traced);
}

/* The file is known as far as it can be. */
static void decide(const struct task *t, const struct cred *before, struct cred_file *file, struct verdict *v)
{
	struct cred new = *before;
	int r = execute(t, &new, file);

	if (r < 0)
		return verdict_errno(v, REASON_not_permitted, r);
	if (r == 0 && cred_equal(&new, before))
		return verdict_continue(v, REASON_same_ids);
	/* there must be room for them when they are set */
	if (!credentials_cookie(&new))
		return verdict_errno(v, REASON_no_room, -EAGAIN);
	r = exec_trace_open(t);
	if (r < 0 && r != -EALREADY)
		return change_before(t, before, file, v);
	verdict_continue(v, REASON_exec_watched);
	v->sent = r == 0;
	if (r == 0)
		watch(t, before);
}

/* The kernel would take a placeholder for the empty file that it is. */
static bool is_device(int fd)
{
	struct device device;
	struct statx stx;

	return object_stat(fd, &stx) == 0 && object_device_get(fd, &stx, &device) == 0 && !device_is_none(&device);
}

void handle_exec(struct task *t, const struct request *req, struct verdict *v)
{
	struct cred_file file = { 0 };
	struct cred before;
	bool recorded = credentials_recorded(t, &before);
	auto_fd fd = -1;

	if (recorded && task_is_nested(t))
		return verdict_continue(v, REASON_nested);
	/* for root, a file whose owner is root has nothing to give */
	if (!recorded && !open_recorded(t, req, &fd, v))
		return;
	/* what we do not find the kernel may find: by a way there that leads to no set-id bits which we know of */
	if (recorded)
		(void)!resolve_open(t, req, &fd);
	if (fd >= 0 && !object_program(fd, &file))
		return verdict_continue(v, REASON_kernel_refuses);
	if (fd >= 0 && is_device(fd))
		return verdict_errno(v, REASON_not_permitted, -EACCES);
	if (!recorded && !file.set_uid && !file.set_gid)
		return verdict_continue(v, REASON_no_override);
	if (!recorded && credentials_get(t, &before) < 0)
		return verdict_continue(v, REASON_kernel_refuses);
	decide(t, &before, &file, v);
}
