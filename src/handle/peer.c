/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a socket: unix(7), sk_getsockopt() in net/core/sock.c. */
#include <errno.h>
#include <linux/net.h>
#include <sys/socket.h>

#include "base/groups.h"
#include "base/limits.h"
#include "cred/credentials.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/process.h"
#include "proc/task.h"
#include "reply/verdict.h"

static void show(const struct request *req, const void *bytes, size_t n, struct verdict *v)
{
	uint32_t length = (uint32_t)n;

	verdict_write(v, req->t_buf[0], bytes, n);
	verdict_write(v, req->t_length, &length, sizeof(length));
	verdict_return(v, 0);
}

static void show_ids(const struct request *req, const struct peer *peer, struct verdict *v)
{
	bool gone = peer->other == PROCESS_GONE;
	/* as struct ucred */
	uint32_t ucred[3] = { (uint32_t)peer->number, gone ? OVERFLOW_ID : peer->cred.euid, gone ? OVERFLOW_ID : peer->cred.egid };

	show(req, ucred, req->length < sizeof(ucred) ? req->length : sizeof(ucred), v);
}

static void show_groups(const struct request *req, const struct peer *peer, struct verdict *v)
{
	uint32_t size = peer->other == PROCESS_RECORDED ? peer->cred.n_groups * (uint32_t)sizeof(peer->cred.groups[0]) : 0;

	if (req->length >= size)
		return show(req, peer->cred.groups, size, v);
	verdict_errno(v, REASON_bad_buffer, -ERANGE);
	verdict_write(v, req->t_length, &size, sizeof(size));
}

/* The groups that the kernel knows are those of the user outside, also while all processes have their first credentials. */
void handle_peer(struct task *t, const struct request *req, struct verdict *v)
{
	bool groups = req->option == SO_PEERGROUPS;
	struct peer peer;

	if ((int)req->values[0] != SOL_SOCKET || (req->option != SO_PEERCRED && !groups))
		return verdict_continue(v, REASON_other_option);
	if (!groups && !credentials_in_use())
		return verdict_continue(v, REASON_first_ids);
	if (task_is_nested(t))
		return verdict_continue(v, REASON_nested);
	if (process_by_socket(t, req->t_dirfd, &peer) < 0)
		return verdict_continue(v, REASON_kernel_refuses);
	if (!groups && peer.other == PROCESS_FIRST)
		return verdict_continue(v, REASON_first_ids);
	if (req->memory_error < 0)
		return verdict_errno(v, REASON_bad_argument, req->memory_error);
	if ((int)req->length < 0)
		return verdict_errno(v, REASON_bad_argument, -EINVAL);
	if (groups)
		show_groups(req, &peer, v);
	else
		show_ids(req, &peer, v);
}

/* The calls of socketcall(2) that are emulated. */
void handle_socket_call(struct task *t, const struct request *req, struct verdict *v)
{
	if (req->socket_call != SYS_BIND)
		handle_peer(t, req, v);
	else if (HAS_CREATE)
		handle_create(t, req, v);
	else
		verdict_continue(v, REASON_other_option);
}
