/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX ACLs, whose xattrs xattr.c hands on. They may name ids that the kernel does not know here, so we store them all. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/hidden_xattr.h"
#include "object/object.h"
#include "reply/verdict.h"
#include "rule/acl.h"
#include "rule/cred.h"
#include "rule/owner.h"

ssize_t acl_read(int fd, const char *name, struct verdict *v)
{
	struct statx stx;
	struct acl acl;

	hidden_xattr_acl_get(fd, name, &acl);
	if (acl.n == 0 || object_stat(fd, &stx) < 0)
		return -ENODATA;
	if (names_kind(name) == NAMES_ACCESS_ACL)
		acl_follow(&acl, stx.stx_mode);
	return (ssize_t)acl_encode(&acl, v->bytes);
}

/* set_posix_acl() of the kernel: 0 or -errno. */
static int may_change(int fd, const struct statx *stx, const struct cred *actor, const struct acl *acl, bool is_default, struct owner *shown)
{
	struct owner record;
	int r = object_record_get(fd, stx, &record);

	if (r < 0)
		return r;
	*shown = owner_shown(record, object_host_owner(stx));
	if (is_default && !S_ISDIR(stx->stx_mode))
		return acl->n > 0 ? -EACCES : 0;
	if (shown->cuid != actor->fsuid && !cred_capable(actor, CAP_FOWNER))
		return -EPERM;
	return acl->n > 0 && !acl_is_valid(acl) ? -EINVAL : 0;
}

/* What an access ACL says, the mode says too. */
static int change_mode(const struct task *t, int fd, const struct statx *stx, const struct cred *actor, const struct acl *acl, uint32_t group)
{
	uint32_t mode = acl_mode(acl, stx->stx_mode & 07777);

	if (!cred_in_group(actor, group) && !cred_capable(actor, CAP_FSETID))
		mode &= ~(uint32_t)S_ISGID;
	return object_chmod(t, fd, mode);
}

void acl_change(const struct task *t, int fd, const struct statx *stx, const struct cred *actor, const struct request *req, struct verdict *v)
{
	bool is_default = names_kind(req->name) == NAMES_DEFAULT_ACL;
	const struct acl none = { .n = 0 };
	struct owner shown;
	struct acl acl;
	int r = acl_decode(req->value, (size_t)req->size, &acl);
	ssize_t native = hidden_xattr_look_native(fd, req->name);

	/* not of symlinks, nor where there are none */
	if (native == -EOPNOTSUPP)
		return verdict_continue(v, REASON_kernel_refuses);
	if (r == 0)
		r = may_change(fd, stx, actor, &acl, is_default, &shown);
	if (r < 0)
		return verdict_errno(v, REASON_not_permitted, r);
	/* first what may not be possible here */
	r = hidden_xattr_acl_set(fd, req->name, !is_default && acl_is_mode(&acl) ? &none : &acl);
	if (object_is_unfit(r))
		return verdict_continue(v, REASON_kernel_refuses);
	if (r == 0 && native >= 0)
		r = hidden_xattr_remove_native(fd, req->name);
	if (r == 0 && !is_default && acl.n > 0)
		r = change_mode(t, fd, stx, actor, &acl, shown.cgid);
	verdict_result(v, r, REASON_kernel_refused);
}
