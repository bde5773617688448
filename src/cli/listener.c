/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/log.h"
#include "decode/payload.h"
#include "ipc/fdpass.h"
#include "seccomp/filter.h"

/* A daemon that was started for an engine ends so long after the last of its containers. */
#define IDLE_SECONDS "60"

#define TRY_MS 10

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

/* The daemon, whose messages go to a file beside its socket. */
static void __attribute__((noreturn)) become_daemon(const char *path, const char *log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int file = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (null < 0 || file < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(file, STDERR_FILENO) < 0 || chdir("/") < 0)
		_exit(EXIT_FAILURE);
	close_range(3, ~0U, 0);
	execl("/proc/self/exe", "subuidless", "daemon", "--idle", IDLE_SECONDS, path, (char *)NULL);
	_exit(EXIT_FAILURE);
}

/* No child of what this process becomes. A pidfd, or -errno. */
static int fork_daemon(const char *path, const char *log)
{
	int ends[2];
	pid_t child, daemon = -1;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0) {
		setsid();
		daemon = fork();
		if (daemon == 0)
			become_daemon(path, log);
		_exit(write(ends[1], &daemon, sizeof(daemon)) != sizeof(daemon));
	}
	close(ends[1]);
	if (child > 0)
		waitpid(child, NULL, 0);
	if (read(ends[0], &daemon, sizeof(daemon)) != sizeof(daemon))
		daemon = -1;
	close(ends[0]);
	daemon = daemon > 0 ? (int)syscall(SYS_pidfd_open, daemon, 0) : -1;
	return daemon < 0 ? -ECHILD : daemon;
}

int listener_start_daemon(const char *path)
{
	char log[sizeof(((struct sockaddr_un *)0)->sun_path) + 4];
	struct pollfd p = { .fd = -1, .events = POLLIN };
	int fd = listener_connect(path);

	if (fd < 0) {
		snprintf(log, sizeof(log), "%s.log", path);
		p.fd = fork_daemon(path, log);
	}
	/* one that ends may have met with another one that was started at the same time */
	while (fd < 0 && p.fd >= 0 && !(p.revents & POLLIN)) {
		poll(&p, 1, TRY_MS);
		fd = listener_connect(path);
	}
	cleanup_fd(&p.fd);
	if (fd < 0)
		log_line(LOG_LEVEL_ERROR, "cannot start a daemon: %s says why", log);
	cleanup_fd(&fd);
	return fd < 0 ? -ECHILD : 0;
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

	return fdpass_send(connection, &msg, &control, &listener, 1, 0) == (ssize_t)iov.iov_len ? 0 : -EPIPE;
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
