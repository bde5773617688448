/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/greeter.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/log.h"
#include "decode/payload.h"
#include "ipc/fdpass.h"
#include "seccomp/notif.h"

/* Descriptors that came with one message. */
struct fds {
	int n;
	int fd[LIMIT_MESSAGE_FDS];
};

static void close_all(struct fds *fds)
{
	while (fds->n > 0)
		close(fds->fd[--fds->n]);
}

/* One message: its length, or -errno. Its descriptors are in fds, none of one that is not whole. */
static ssize_t receive(int connection, void *bytes, size_t size, struct fds *fds)
{
	FDPASS_CONTROL(LIMIT_MESSAGE_FDS) control;
	struct iovec iov = { bytes, size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n;

	do {
		n = recvmsg(connection, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	fds->n = fdpass_take(&msg, fds->fd, LIMIT_MESSAGE_FDS);
	if (fds->n < 0)
		return fds->n;
	return n == 0 ? -ENODATA : n;
}

static int take(struct fds *fds, int index)
{
	if (index >= fds->n)
		return -EBADMSG;
	if (!notif_is_listener(fds->fd[index]))
		return -EBADF;
	return steal_fd(&fds->fd[index]);
}

/* Reads the rest of the payload, of which n bytes are there. 0 when it is whole. */
static int receive_object(int connection, struct payload_scan *scan, char *bytes, size_t n, size_t size)
{
	int r = payload_scan_feed(scan, bytes, n);

	while (r == 0) {
		struct fds late = { 0 };
		ssize_t more = receive(connection, bytes, size, &late);

		close_all(&late);
		if (more < 0)
			return (int)more;
		r = payload_scan_feed(scan, bytes, (size_t)more);
	}
	return r < 0 ? r : 0;
}

static int identify(int connection, struct fds *fds, char *bytes, size_t n, size_t size, struct first_user *user, bool *attached)
{
	static struct payload_scan scan;
	struct payload payload;
	char id[64];
	int r;

	if (bytes[0] != '{')
		return fds->n == 1 ? take(fds, 0) : -EBADMSG;
	payload_scan_init(&scan);
	r = receive_object(connection, &scan, bytes, n, size);
	if (r == 0)
		r = payload_decode(&scan, &payload);
	if (r < 0)
		return r;
	r = metadata_decode(payload.metadata, user);
	if (r == 0 && user->given && strlen(payload.metadata) == sizeof(payload.metadata) - 1)
		r = -EINVAL; /* it was cut */
	if (r < 0) {
		log_warnx("a connection is dropped: its listenerMetadata names a user, but not as user=UID[:GID[:GROUP,...]]");
		return r;
	}
	*attached = strcmp(payload.metadata, METADATA_ATTACHED) == 0;
	log_quote(id, sizeof(id), payload.id);
	log_debug("listener of container %s, which its runtime calls pid %lld", id, (long long)payload.pid);
	return take(fds, (int)payload.fd_index);
}

int greeter_receive(int connection, struct first_user *user, bool *attached)
{
	static char bytes[1 << 16];
	struct fds fds = { 0 };
	ssize_t n = receive(connection, bytes, sizeof(bytes), &fds);
	int r = n < 0 ? (int)n : identify(connection, &fds, bytes, (size_t)n, sizeof(bytes), user, attached);

	close_all(&fds);
	return r;
}
