/* SPDX-License-Identifier: Apache-2.0 */
#include "fake-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"
#include "fuzz.h"
#include "seccomp/notif.h"

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
int __wrap_close(int fd);
int __real_close(int fd);

static const struct arrival *next, *end;
static size_t consumed; /* of the bytes of next */
static bool running, over;
static unsigned int arrived;
static struct { bool open, listener, cloexec; } table[1 << 16];

void fake_socket_start(const struct arrival *script, size_t n)
{
	next = script;
	end = script + n;
	consumed = 0;
	arrived = 0;
	over = false;
	running = true;
}

static bool is_open(int fd)
{
	return fd >= FAKE_SOCKET_FIRST_FD && fd < FAKE_SOCKET_FIRST_FD + (int)arrived && table[fd - FAKE_SOCKET_FIRST_FD].open;
}

void fake_socket_stop(int kept)
{
	running = false;
	for (unsigned int i = 0; i < arrived; i++)
		CHECK(table[i].open == (FAKE_SOCKET_FIRST_FD + (int)i == kept));
	CHECK(kept < 0 || (is_open(kept) && table[kept - FAKE_SOCKET_FIRST_FD].cloexec));
}

bool notif_is_listener(int fd)
{
	CHECK(is_open(fd));
	return is_open(fd) && table[fd - FAKE_SOCKET_FIRST_FD].listener;
}

int __wrap_close(int fd)
{
	if (!running)
		return __real_close(fd);
	CHECK(fd == -1 || is_open(fd));
	if (!is_open(fd)) {
		errno = EBADF;
		return -1;
	}
	table[fd - FAKE_SOCKET_FIRST_FD].open = false;
	return 0;
}

/* Appends control data as put_cmsg() of the kernel does: cut, with MSG_CTRUNC, where the receiver has no room. */
static void put(struct msghdr *msg, size_t room, int level, int type, size_t length, const void *data, size_t n)
{
	struct cmsghdr header = { .cmsg_len = length, .cmsg_level = level, .cmsg_type = type };
	uint8_t *at = (uint8_t *)msg->msg_control + msg->msg_controllen;
	size_t left = room - msg->msg_controllen;

	if (left < CMSG_SPACE(n)) {
		msg->msg_flags |= MSG_CTRUNC;
		return;
	}
	memcpy(at, &header, sizeof(header));
	memcpy(at + sizeof(header), data, n);
	msg->msg_controllen += CMSG_SPACE(n);
}

/* As scm_detach_fds() does: those that fit, and the others are gone. */
static void put_fds(struct msghdr *msg, size_t room, unsigned int n, uint8_t listeners, bool cloexec)
{
	size_t left = room - msg->msg_controllen;
	size_t most = left <= sizeof(struct cmsghdr) ? 0 : (left - sizeof(struct cmsghdr)) / sizeof(int);
	struct cmsghdr header = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	uint8_t *at = (uint8_t *)msg->msg_control + msg->msg_controllen;

	if (n > most) {
		msg->msg_flags |= MSG_CTRUNC;
		n = (unsigned int)most;
	}
	if (n == 0)
		return;
	header.cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(at, &header, sizeof(header));
	for (unsigned int i = 0; i < n; i++, arrived++) {
		int fd = FAKE_SOCKET_FIRST_FD + (int)arrived;

		memcpy(at + CMSG_LEN(i * sizeof(int)), &fd, sizeof(fd));
		table[arrived].open = true;
		table[arrived].listener = listeners >> i % 8 & 1;
		table[arrived].cloexec = cloexec;
	}
	msg->msg_controllen += left < CMSG_SPACE(n * sizeof(int)) ? left : CMSG_SPACE(n * sizeof(int));
}

static void put_control(struct msghdr *msg, size_t room, const struct arrival *a, bool cloexec)
{
	static const int numbers[3] = { 3, 4, 5 }; /* of descriptors that nobody sent, or a pid and ids */
	unsigned int before = a->shape == TWO ? a->fds / 2 : 0;

	if (a->shape == FOREIGN_LEVEL)
		put(msg, room, SOL_SOCKET + 1, SCM_RIGHTS, CMSG_LEN(sizeof(numbers)), numbers, sizeof(numbers));
	if (a->shape == FOREIGN_TYPE)
		put(msg, room, SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(sizeof(numbers)), numbers, sizeof(numbers));
	put_fds(msg, room, before, a->listeners, cloexec);
	put_fds(msg, room, a->fds - before, (uint8_t)(a->listeners >> before % 8 | a->listeners << (8 - before % 8)), cloexec);
	if (a->shape == SHORT)
		put(msg, room, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(0) - 1, "", 0);
	if (a->shape == TRUNCATED)
		msg->msg_flags |= MSG_CTRUNC;
}

static ssize_t put_bytes(struct msghdr *msg, const struct arrival *a)
{
	struct iovec *iov = msg->msg_iov;
	uint8_t *bytes = iov->iov_base;
	size_t n = a->length - consumed < iov->iov_len ? a->length - consumed : iov->iov_len;
	size_t stale = iov->iov_len - n < 16 ? iov->iov_len - n : 16;

	CHECK(msg->msg_iovlen == 1 && iov->iov_len > 0);
	memcpy(bytes, a->bytes + consumed, n);
	/* what an earlier message may have left there is nothing to look at */
	memset(bytes + n, a->length % 2 ? '}' : '"', stale);
	*(volatile uint8_t *)&bytes[iov->iov_len - 1] ^= 0; /* is it there? */
	consumed += n;
	return (ssize_t)n;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	static const struct arrival eof = { .bytes = (const uint8_t *)"" };
	const struct arrival *a = next == end ? &eof : next;
	size_t room = msg->msg_controllen;
	ssize_t n;

	if (!running)
		return __real_recvmsg(fd, msg, flags);
	CHECK(fd == FAKE_SOCKET && !over);
	if (a->shape == INTERRUPTED || a->shape == FAILED) {
		over = a->shape == FAILED;
		next++;
		errno = over ? ECONNRESET : EINTR;
		return -1;
	}
	msg->msg_flags = flags & MSG_CMSG_CLOEXEC;
	msg->msg_controllen = 0;
	if (consumed == 0)
		put_control(msg, room, a, flags & MSG_CMSG_CLOEXEC);
	n = put_bytes(msg, a);
	over = n == 0;
	if (consumed == a->length && a != &eof) {
		next++;
		consumed = 0;
	}
	return n;
}

static void send_one(int socket, size_t length, unsigned int fds)
{
	static int null = -1;
	uint8_t control[CMSG_SPACE(253 * sizeof(int))] = { 0 };
	char bytes[64] = { 0 };
	struct iovec iov = { bytes, length };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct cmsghdr header = { .cmsg_len = CMSG_LEN(fds * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };

	if (null < 0)
		null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	memcpy(control, &header, sizeof(header));
	for (unsigned int i = 0; i < fds; i++)
		memcpy(control + CMSG_LEN(i * sizeof(int)), &null, sizeof(null));
	msg.msg_controllen = fds ? CMSG_SPACE(fds * sizeof(int)) : 0;
	CHECK(sendmsg(socket, &msg, 0) == (ssize_t)length);
}

static void compare(size_t length, unsigned int fds, size_t size, size_t room)
{
	const struct arrival script = { .bytes = (const uint8_t[64]){ 0 }, .length = length, .fds = fds };
	int pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	send_one(pair[1], length, fds);
	close(pair[1]);
	fake_socket_start(&script, 1);
	for (int flags = MSG_CMSG_CLOEXEC; !over; flags = 0) {
		uint8_t control[2][CMSG_SPACE(254 * sizeof(int))];
		char bytes[2][64];
		struct iovec iov[2] = { { bytes[0], size }, { bytes[1], size } };
		struct msghdr msg[2] = { { .msg_iov = &iov[0], .msg_iovlen = 1, .msg_control = control[0], .msg_controllen = room },
					 { .msg_iov = &iov[1], .msg_iovlen = 1, .msg_control = control[1], .msg_controllen = room } };
		struct cmsghdr header[2] = { { 0 }, { 0 } };

		CHECK(__real_recvmsg(pair[0], &msg[0], flags) == __wrap_recvmsg(FAKE_SOCKET, &msg[1], flags));
		CHECK(msg[0].msg_flags == msg[1].msg_flags && msg[0].msg_controllen == msg[1].msg_controllen);
		if (msg[0].msg_controllen == 0)
			continue;
		memcpy(&header[0], control[0], sizeof(header[0]));
		memcpy(&header[1], control[1], sizeof(header[1]));
		CHECK(memcmp(&header[0], &header[1], sizeof(header[0])) == 0);
		for (size_t i = CMSG_LEN(0); i < header[0].cmsg_len; i += sizeof(int)) {
			int fd[2];

			memcpy(&fd[0], control[0] + i, sizeof(fd[0]));
			memcpy(&fd[1], control[1] + i, sizeof(fd[1]));
			CHECK(!!(fcntl(fd[0], F_GETFD) & FD_CLOEXEC) == table[fd[1] - FAKE_SOCKET_FIRST_FD].cloexec);
			__real_close(fd[0]);
		}
	}
	running = false;
	close(pair[0]);
}

void fake_socket_check(void)
{
	static const unsigned int fds[] = { 0, 1, 2, 3, 252, 253 };
	static const size_t sizes[] = { 1, 7, 8, 9, 64 };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			compare(8, fds[i], sizes[k], CMSG_SPACE(253 * sizeof(int)));
			compare(8, fds[i], sizes[k], CMSG_SPACE(sizeof(int)));
			compare(8, fds[i], sizes[k], CMSG_LEN(sizeof(int)));
			compare(8, fds[i], sizes[k], CMSG_LEN(0));
			compare(8, fds[i], sizes[k], 0);
		}
	}
}
