/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/broker_call.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

#include "ipc/fdpass.h"

static int socket_fd = -1;

void broker_call_init(int broker)
{
	socket_fd = broker;
}

/* A descriptor that comes with the answer is in *fd, else -1. */
static int32_t ask(const struct message *message, int *fd)
{
	/* the broker touches nothing of a container's, so that none waits here for long */
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	FDPASS_CONTROL(1) control;
	int32_t answer;
	struct iovec iov = { &answer, sizeof(answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.bytes) };
	ssize_t n;

	*fd = -1;
	pthread_mutex_lock(&turn);
	n = message_send(socket_fd, message, NULL, 0);
	if (n == 0) {
		do {
			n = recvmsg(socket_fd, &msg, MSG_CMSG_CLOEXEC);
		} while (n < 0 && errno == EINTR);
	}
	pthread_mutex_unlock(&turn);
	return n == sizeof(answer) && fdpass_take(&msg, fd, 1) >= 0 ? answer : -EIO;
}

int32_t broker_call(const struct message *message)
{
	int fd;
	int32_t answer = ask(message, &fd);

	cleanup_fd(&fd);
	return answer;
}

int broker_call_for_file(const struct message *message)
{
	int fd;
	int32_t answer = ask(message, &fd);

	if (answer < 0)
		cleanup_fd(&fd);
	return answer < 0 ? answer : fd < 0 ? -EIO : fd;
}

int broker_call_give(enum message_kind kind, const int *fds, unsigned int n)
{
	struct message message = { .kind = kind };

	return message_send(socket_fd, &message, fds, n);
}
