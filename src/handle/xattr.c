/* SPDX-License-Identifier: Apache-2.0 */
/* Xattrs: those of subuidless are hidden, and some that the kernel would refuse are stored; xattr(7). */
#include <errno.h>
#include <linux/capability.h>
#include <sys/stat.h>

#include "base/groups.h"
#include "base/names.h"
#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/hidden_xattr.h"
#include "object/lock.h"
#include "object/object.h"
#include "path/lookup.h"
#include "path/resolve.h"
#include "reply/verdict.h"
#include "rule/filecap.h"

/* The first n of v->bytes are what a call reads that asks for their number with size 0. */
static void give(const struct request *req, size_t n, struct verdict *v)
{
	if (req->size != 0 && req->size < n)
		return verdict_errno(v, REASON_bad_buffer, -ERANGE);
	if (req->size != 0)
		verdict_place(v, req->t_buf[0], n);
	verdict_return(v, (int64_t)n);
}

void handle_xattr_get(struct task *t, const struct request *req, struct verdict *v)
{
	enum names_kind kind = names_kind(req->name);
	struct cred actor;
	auto_fd fd = -1;
	ssize_t n;

	if (kind == NAMES_CAPABILITY)
		return verdict_continue(v, REASON_other_name);
	if (kind == NAMES_OURS ? !open_object(t, req, &fd, v) : !open_recorded(t, req, &fd, v))
		return;
	if (kind == NAMES_OURS)
		return verdict_errno(v, REASON_hidden, object_deny(fd, true));
	if (kind == NAMES_TRUSTED && (credentials_actor(t, &actor) < 0 || !cred_capable(&actor, CAP_SYS_ADMIN)))
		n = -ENODATA;
	else if (HAS_ACL && (kind == NAMES_ACCESS_ACL || kind == NAMES_DEFAULT_ACL))
		n = acl_read(fd, req->name, v);
	else
		n = hidden_xattr_get(fd, req->name, v->bytes, sizeof(v->bytes));
	if (n < 0)
		return verdict_continue(v, REASON_no_override);
	give(req, (size_t)n, v);
}

void handle_xattr_list(struct task *t, const struct request *req, struct verdict *v)
{
	struct cred actor;
	auto_fd fd = -1;
	ssize_t n;

	if (!open_recorded(t, req, &fd, v))
		return;
	if (credentials_actor(t, &actor) < 0)
		return verdict_continue(v, REASON_kernel_refuses);
	n = hidden_xattr_list(fd, (char *)v->bytes, sizeof(v->bytes), cred_capable(&actor, CAP_SYS_ADMIN));
	if (n < 0)
		return verdict_continue(v, n == -ENODATA ? REASON_no_override : REASON_kernel_refuses);
	give(req, (size_t)n, v);
}

/* Sets it, or removes it. */
static void change_value(int fd, const struct cred *actor, const struct request *req, struct verdict *v)
{
	int r;

	if (!cred_capable(actor, CAP_SYS_ADMIN))
		return verdict_errno(v, REASON_not_permitted, -EPERM);
	if (row_has_arg(req->row, SIZE)) {
		r = hidden_xattr_set(fd, req->name, req->value, (size_t)req->size, (int)req->option);
	} else {
		r = hidden_xattr_remove(fd, req->name);
		/* what can keep none has none */
		if (r == -EPERM)
			r = -ENODATA;
		if (r == -ENODATA && hidden_xattr_look_native(fd, req->name) >= 0)
			return verdict_continue(v, REASON_kernel_refuses);
	}
	verdict_result(v, r, REASON_kernel_refused);
}

void handle_xattr_change(struct task *t, const struct request *req, struct verdict *v)
{
	enum names_kind kind = names_kind(req->name);
	auto_fd fd = -1;
	struct cred actor;
	struct statx stx;
	unsigned int lock;

	if (!open_object(t, req, &fd, v))
		return;
	if (kind == NAMES_OURS)
		return verdict_errno(v, REASON_hidden, row_has_arg(req->row, SIZE) ? -EPERM : object_deny(fd, false));
	if (object_is_readonly(fd) || object_stat(fd, &stx) < 0 || credentials_actor(t, &actor) < 0)
		return verdict_continue(v, REASON_kernel_refuses);
	if (kind == NAMES_CAPABILITY && cred_capable(&actor, CAP_SETFCAP))
		return verdict_continue(v, REASON_privileged);
	if (kind == NAMES_CAPABILITY) {
		bool bad = row_has_arg(req->row, SIZE) && !filecap_is_value(req->value, (size_t)req->size);

		return verdict_errno(v, REASON_not_permitted, bad ? -EINVAL : -EPERM);
	}
	lock = lock_take(&stx);
	if (HAS_ACL && (kind == NAMES_ACCESS_ACL || kind == NAMES_DEFAULT_ACL))
		acl_change(t, fd, &stx, &actor, req, v);
	else
		change_value(fd, &actor, req, v);
	lock_release(lock);
}
