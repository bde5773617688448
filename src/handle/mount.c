/* SPDX-License-Identifier: Apache-2.0 */
/* File systems that are mounted with ids which the user namespace does not map: mount(2), fsconfig(2), fsmount(2). The kernel gets its only id instead. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mount.h>

#include "create/fs_context.h"
#include "create/mount.h"
#include "cred/as_caller.h"
#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/object.h"
#include "proc/task.h"
#include "proc/task_fd.h"
#include "reply/verdict.h"

/* False: the kernel shall answer a task that is not ours, or that Landlock forbids to mount anything. */
static bool is_ours(const struct task *t, struct verdict *v)
{
	if (t->isolation & MAY_BE_CONFINED)
		verdict_continue(v, REASON_confined);
	else if (task_is_nested(t))
		verdict_continue(v, REASON_nested);
	else if (task_confirm(t) < 0)
		verdict_continue(v, REASON_kernel_refuses);
	else
		return true;
	return false;
}

/* False: v has the answer. The kernel asks for its own capability once more, in the mount namespace. */
static bool may_mount(const struct task *t, struct cred *actor, struct verdict *v)
{
	if (credentials_actor(t, actor) < 0 || task_confirm(t) < 0)
		verdict_continue(v, REASON_kernel_refuses);
	else if (!cred_capable(actor, CAP_SYS_ADMIN))
		verdict_errno(v, REASON_not_permitted, -EPERM);
	else
		return true;
	return false;
}

void handle_mount(struct task *t, const struct request *req, struct verdict *v)
{
	struct new_mount new = {
		.type = mount_type_find(req->fs_type),
		.source = req->has_source ? req->target : NULL,
		.options = (const char *)req->value,
		.flags = req->mount_flags,
	};
	struct cred actor;
	auto_fd target = -1;
	int r;

	if (!new.type || !mount_asks(new.type, new.options, object_self(), &new.asked))
		return verdict_continue(v, REASON_other_option);
	if (!is_ours(t, v) || !open_object(t, req, &target, v) || !may_mount(t, &actor, v))
		return;
	r = mount_new(t, &new, (struct owner){ actor.fsuid, actor.fsgid }, target);
	verdict_result(v, r, REASON_kernel_refused);
}

/* A duplicate of a descriptor of the task. False: v has the answer. */
static bool dup_of(const struct task *t, int t_fd, int *fd, struct verdict *v)
{
	*fd = task_fd_dup_surely(t, t_fd);
	if (*fd >= 0)
		return true;
	verdict_continue(v, REASON_kernel_refuses);
	return false;
}

/* The same, of a file system that the task makes. */
static bool dup_context(const struct task *t, const struct request *req, int *context, struct verdict *v)
{
	if (!dup_of(t, req->t_dirfd, context, v))
		return false;
	if (fs_context_is(*context))
		return true;
	verdict_continue(v, REASON_kernel_refuses);
	return false;
}

static int set_id(int context, const struct request *req, struct owner asked)
{
	struct owner self = object_self();
	char mapped[MOUNT_ID_TEXT];

	mount_id_text(strcmp(req->name, "uid") == 0 ? self.cuid : self.cgid, mapped);
	return fs_context_set(context, req->name, (const char *)req->value, mapped, asked, as_caller_is_guest());
}

void handle_fsconfig(struct task *t, const struct request *req, struct verdict *v)
{
	const struct mount_option option = { req->name, (const char *)req->value };
	struct owner asked = { OWNER_NONE, OWNER_NONE }, known;
	bool sets = req->option == FSCONFIG_SET_STRING, unmapped = sets && mount_option_is_unmapped(&option, object_self(), &asked);
	auto_fd context = -1;
	int r;

	if (sets && owner_is_none(asked))
		return verdict_continue(v, REASON_kernel_refuses); /* it is no id */
	if (!dup_context(t, req, &context, v))
		return;
	if (!unmapped && !fs_context_find(context, &known))
		return verdict_continue(v, REASON_other_option);
	if (!is_ours(t, v))
		return;
	/* of a file system that is there already, nothing tells which it is */
	r = sets ? set_id(context, req, asked) : -EINVAL;
	verdict_result(v, r, r == -ENOMEM ? REASON_no_room : REASON_kernel_refused);
}

/*
 * The kernel hands over no descriptor like that of fsmount(2), which is one opened with O_PATH. So the task gets one of the root directory, and the
 * other one is kept, with which the mount would end.
 */
static void hand_over(const struct task *t, int context, int mount, bool cloexec, struct verdict *v)
{
	auto_fd root = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = root < 0 ? -errno : 0;

	if (r < 0) {
		close(mount);
		return verdict_errno(v, REASON_kernel_refused, r);
	}
	fs_context_mounted(context, mount);
	r = task_answer_fd(t, root, cloexec);
	if (r < 0)
		fs_context_forget_mount(root);
	verdict_result(v, r, REASON_kernel_refused);
	v->sent = r >= 0;
}

void handle_fsmount(struct task *t, const struct request *req, struct verdict *v)
{
	uint32_t flags = (uint32_t)req->values[0], attributes = (uint32_t)req->values[1];
	auto_fd context = -1;
	struct owner asked;
	struct cred actor;
	int mount;

	if (!dup_context(t, req, &context, v))
		return;
	if (!fs_context_find(context, &asked))
		return verdict_continue(v, REASON_other_option);
	if (!is_ours(t, v) || !may_mount(t, &actor, v))
		return;
	mount = mount_detached(t, context, flags, attributes, asked, (struct owner){ actor.fsuid, actor.fsgid });
	if (mount < 0)
		return verdict_errno(v, REASON_kernel_refused, mount);
	hand_over(t, context, mount, flags & FSMOUNT_CLOEXEC, v);
}

void handle_move_mount(struct task *t, const struct request *req, struct verdict *v)
{
	auto_fd from = -1, mount = -1, target = -1;
	struct cred actor;
	int r;

	if (!dup_of(t, req->t_socket, &from, v))
		return;
	mount = fs_context_dup_mount(from);
	if (mount < 0)
		return verdict_continue(v, REASON_other_option);
	if (!is_ours(t, v) || !open_object(t, req, &target, v) || !may_mount(t, &actor, v))
		return;
	r = mount_move(t, mount, target, (uint32_t)req->values[0]);
	if (r == 0)
		fs_context_forget_mount(mount);
	verdict_result(v, r, REASON_kernel_refused);
}
