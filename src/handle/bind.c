/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/net.h>

#include "decode/request.h"
#include "handle/handle.h"
#include "reply/verdict.h"

void handle_bind(struct task *t, const struct request *req, struct verdict *v)
{
	(void)t;
	(void)req;
	verdict_continue(v, WHY_kernels_owner);
}

/* The calls of socketcall(2) that are emulated. */
void handle_socket_call(struct task *t, const struct request *req, struct verdict *v)
{
	if (req->socket_call == SYS_BIND)
		handle_bind(t, req, v);
	else
		handle_peer(t, req, v);
}
