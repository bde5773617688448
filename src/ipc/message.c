/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/message.h"

#include <errno.h>
#include <sys/socket.h>

#include "ipc/fdpass.h"

int message_send(int socket, const struct message *message, const int *fds, unsigned int n)
{
	struct iovec iov = { (void *)(uintptr_t)message, sizeof(*message) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	FDPASS_CONTROL(MESSAGE_FDS) control;
	ssize_t sent = n > MESSAGE_FDS ? -EINVAL : fdpass_send(socket, &msg, &control, fds, n, 0);

	return sent < 0 ? (int)sent : 0;
}

int message_answer(int socket, int32_t answer, int fd)
{
	struct iovec iov = { &answer, sizeof(answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	FDPASS_CONTROL(1) control;
	ssize_t sent = fdpass_send(socket, &msg, &control, &fd, fd >= 0, MSG_DONTWAIT);

	return sent < 0 ? (int)sent : 0;
}

int message_receive(int socket, struct message *message, int fds[static MESSAGE_FDS])
{
	FDPASS_CONTROL(MESSAGE_FDS) control;
	struct iovec iov = { message, sizeof(*message) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int r;

	for (int i = 0; i < MESSAGE_FDS; i++)
		fds[i] = -1;
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	r = fdpass_take(&msg, fds, MESSAGE_FDS);
	if (r >= 0 && n == sizeof(*message) && !(msg.msg_flags & MSG_TRUNC))
		return r;
	for (int i = 0; i < r; i++)
		replace_fd(&fds[i], -1);
	return -EBADMSG;
}
