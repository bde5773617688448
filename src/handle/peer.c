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

static void show_length(const struct request *req, int length, struct verdict *v)
{
	verdict_write(v, req->t_length, &length, sizeof(length));
}

static void show_ids(const struct request *req, const struct peer *peer, int length, struct verdict *v)
{
	bool gone = peer->other == PROCESS_GONE;
	/* as struct ucred */
	uint32_t ucred[3] = { (uint32_t)peer->number, gone ? OVERFLOW_ID : peer->cred.euid, gone ? OVERFLOW_ID : peer->cred.egid };

	if ((size_t)length > sizeof(ucred))
		length = sizeof(ucred);
	verdict_write(v, req->t_buf[0], ucred, (size_t)length);
	show_length(req, length, v);
	verdict_return(v, 0);
}

static void show_groups(const struct request *req, const struct peer *peer, int length, struct verdict *v)
{
	size_t n = peer->other == PROCESS_RECORDED ? peer->cred.n_groups : 0;
	size_t size = n * sizeof(peer->cred.groups[0]);

	if ((size_t)length < size) {
		verdict_errno(v, REASON_bad_buffer, -ERANGE);
		return show_length(req, (int)size, v);
	}
	verdict_write(v, req->t_buf[0], peer->cred.groups, size);
	show_length(req, (int)size, v);
	verdict_return(v, 0);
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
		show_groups(req, &peer, (int)req->length, v);
	else
		show_ids(req, &peer, (int)req->length, v);
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
