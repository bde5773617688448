/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Room for the descriptors, and none for one more. */
union control {
	char bytes[CMSG_LEN(MESSAGE_FDS * sizeof(int))];
	struct cmsghdr align;
};

int message_send(int socket, const struct message *message, const int *fds, unsigned int n)
{
	struct iovec iov = { (void *)(uintptr_t)message, sizeof(*message) };
	union control control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n > MESSAGE_FDS)
		return -EINVAL;
	if (n > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_LEN(n * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = msg.msg_controllen;
		memcpy(CMSG_DATA(&control.align), fds, n * sizeof(int));
	}
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The descriptors of a message: how many, or -EBADMSG. They are in fds even then. */
static int collect(struct msghdr *msg, int fds[static MESSAGE_FDS])
{
	int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(0))
			return -EBADMSG;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) && n < MESSAGE_FDS; i++)
			memcpy(&fds[n++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
	return msg->msg_flags & (MSG_CTRUNC | MSG_TRUNC) ? -EBADMSG : n;
}

int message_receive(int socket, struct message *message, int fds[static MESSAGE_FDS])
{
	union control control;
	struct iovec iov = { message, sizeof(*message) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = CMSG_LEN(MESSAGE_FDS * sizeof(int)) };
	ssize_t n = recvmsg(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int r;

	for (int i = 0; i < MESSAGE_FDS; i++)
		fds[i] = -1;
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	r = collect(&msg, fds);
	if (r >= 0 && n != sizeof(*message))
		r = -EBADMSG;
	for (int i = 0; r < 0 && i < MESSAGE_FDS; i++)
		replace_fd(&fds[i], -1);
	return r;
}
