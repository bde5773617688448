/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/broker_call.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

static int socket_fd = -1;

void broker_call_init(int broker)
{
	socket_fd = broker;
}

int32_t broker_call(const struct message *message)
{
	/* the broker touches nothing of a container's, so that none waits here for long */
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	int32_t answer;
	ssize_t n;

	pthread_mutex_lock(&turn);
	n = message_send(socket_fd, message, NULL, 0);
	if (n == 0) {
		do {
			n = recv(socket_fd, &answer, sizeof(answer), 0);
		} while (n < 0 && errno == EINTR);
	}
	pthread_mutex_unlock(&turn);
	return n == sizeof(answer) ? answer : -EIO;
}

int broker_call_give(enum message_kind kind, const int *fds, unsigned int n)
{
	struct message message = { .kind = kind };

	return message_send(socket_fd, &message, fds, n);
}
