/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/fdpass.h"

#include <errno.h>
#include <stdbool.h>

ssize_t fdpass_send(int socket, struct msghdr *msg, void *control, const int *fds, size_t n, int flags)
{
	struct cmsghdr *header = control;
	ssize_t sent;

	if (n > 0) {
		msg->msg_control = control;
		msg->msg_controllen = CMSG_LEN(n * sizeof(int));
		*header = (struct cmsghdr){ .cmsg_len = msg->msg_controllen, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(header), fds, n * sizeof(int));
	}
	sent = sendmsg(socket, msg, MSG_NOSIGNAL | flags);
	return sent < 0 ? -errno : sent;
}

int fdpass_take(struct msghdr *msg, int *fds, int max)
{
	bool whole = !(msg->msg_flags & MSG_CTRUNC);
	int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(0)) {
			whole = false;
			continue;
		}
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (n < max)
				fds[n++] = fd;
			else
				close(fd);
		}
	}
	while (!whole && n > 0)
		close(fds[--n]);
	return whole ? n : -EBADMSG;
}
