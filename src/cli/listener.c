/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/log.h"
#include "decode/payload.h"
#include "ipc/fdpass.h"
#include "seccomp/filter.h"

int listener_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_fd fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return steal_fd(&fd);
}

/* The payload of a runtime: runtime-spec, config-linux.md, ContainerProcessState. */
static int send_listener(int connection, int listener, const char *metadata)
{
	static const char format[] = "{\"ociVersion\":\"1.0.2\",\"fds\":[\"seccompFd\"],\"pid\":0,\"metadata\":\"%s\","
				     "\"state\":{\"ociVersion\":\"1.0.2\",\"id\":\"run\",\"status\":\"creating\",\"pid\":0,\"bundle\":\"/\"}}";
	char payload[sizeof(format) + PAYLOAD_LABEL_MAX];
	struct iovec iov = { payload, (size_t)snprintf(payload, sizeof(payload), format, metadata) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	FDPASS_CONTROL(1) control;

	return fdpass_send(connection, &msg, &control, &listener, 1) == (ssize_t)iov.iov_len ? 0 : -EPIPE;
}

int listener_hand_over(int connection, const char *metadata)
{
	auto_fd listener = filter_load();
	int r;

	if (listener < 0) {
		log_errno(LOG_LEVEL_ERROR, listener, "cannot load the seccomp filter");
		filter_explain(listener);
		return listener;
	}
	r = send_listener(connection, listener, metadata);
	if (r < 0)
		log_errno(LOG_LEVEL_ERROR, r, "cannot hand over the seccomp listener");
	return r;
}
