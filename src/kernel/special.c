/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/special.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

static const struct records *shared;
static int socket_fd = -1;

void special_init(const struct records *table, int broker)
{
	shared = table;
	socket_fd = broker;
}

bool special_in_use(void)
{
	return !records_are_empty(shared);
}

int special_find(const struct record_key *key, struct owner *owner)
{
	return records_find(shared, key, owner);
}

int special_set(const struct record_key *key, struct owner owner)
{
	/* a question and its answer; the broker touches nothing of a container's, so that none waits here for long */
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	struct message message = { .kind = MESSAGE_RECORD, .record = { *key, owner } };
	int32_t answer;
	ssize_t n;

	pthread_mutex_lock(&turn);
	n = message_send(socket_fd, &message, NULL, 0);
	if (n == 0) {
		do {
			n = recv(socket_fd, &answer, sizeof(answer), 0);
		} while (n < 0 && errno == EINTR);
	}
	pthread_mutex_unlock(&turn);
	return n == sizeof(answer) ? answer : -EIO;
}

int special_hand_over(enum message_kind kind, const int *fds, unsigned int n)
{
	struct message message = { .kind = kind };

	return message_send(socket_fd, &message, fds, n);
}
