/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "kernel/inode.h"
#include "kernel/resolve.h"
#include "reply/verdict.h"

/* A call that names our xattr, which the container neither sees nor makes. */
void handle_xattr_name(struct task *t, const struct request *req, struct verdict *v)
{
	auto_fd fd = resolve_open(t, req, v);

	if (fd >= 0)
		verdict_errno(v, WHY_hidden, req->row->traits & SET ? -EPERM : inode_deny(fd, req->row->traits & GET));
}

void handle_xattr_list(struct task *t, const struct request *req, struct verdict *v)
{
	auto_fd fd = -1;
	ssize_t n;

	if (!resolve_probe(t, req, v))
		return;
	fd = resolve_open(t, req, v);
	if (fd < 0)
		return;
	n = inode_list_others(fd, v->bytes, sizeof(v->bytes));
	if (n < 0)
		return verdict_continue(v, n == -ENODATA ? WHY_no_override : WHY_kernel_refuses);
	if (req->size != 0 && req->size < (size_t)n)
		return verdict_errno(v, WHY_bad_buffer, -ERANGE);
	if (req->size != 0)
		verdict_place(v, req->t_buf[0], (size_t)n);
	verdict_return(v, n);
}
