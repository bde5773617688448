/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/special.h"

#include <errno.h>
#include <string.h>
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
	struct special_message message = { .kind = MESSAGE_RECORD, .record = { *key, owner } };
	int32_t answer;
	ssize_t n;

	if (send(socket_fd, &message, sizeof(message), MSG_NOSIGNAL) != sizeof(message))
		return -EIO;
	do {
		n = recv(socket_fd, &answer, sizeof(answer), 0);
	} while (n < 0 && errno == EINTR);
	return n == sizeof(answer) ? answer : -EIO;
}

int special_send(enum special_message_kind kind, const int *fds, unsigned int n)
{
	struct special_message message = { .kind = kind };
	struct iovec iov = { &message, sizeof(message) };
	union {
		char bytes[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	if (n > 3)
		return -EINVAL;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, n * sizeof(int));
	return sendmsg(socket_fd, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}
