/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

static struct records *writable;
static const struct records *readable;

int store_open(void)
{
	auto_fd fd = memfd_create("subuidless-records", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t size = sizeof(struct records);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return -errno;
	writable = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (writable == MAP_FAILED || madvise(writable, size, MADV_DONTFORK) < 0)
		return -errno;
	/* from here on no mapping of it can be made writable */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	readable = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	return readable == MAP_FAILED ? -errno : 0;
}

const struct records *store_table(void)
{
	return readable;
}

int store_set(const struct record *record)
{
	return records_set(writable, &record->key, record->owner);
}

/* The descriptors of a message: how many, or -EBADMSG. They are in fds even then. */
static int collect(struct msghdr *msg, int fds[static 3])
{
	int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(0))
			return -EBADMSG;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) && n < 3; i++)
			memcpy(&fds[n++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
	return msg->msg_flags & (MSG_CTRUNC | MSG_TRUNC) ? -EBADMSG : n;
}

int store_receive(int control, struct special_message *message, int fds[static 3])
{
	union {
		char bytes[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} space;
	struct iovec iov = { message, sizeof(*message) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &space,
			      .msg_controllen = CMSG_LEN(sizeof(int) * 3) }; /* and no room for a fourth */
	ssize_t n = recvmsg(control, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int r;

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	r = collect(&msg, fds);
	if (r >= 0 && n != sizeof(*message))
		r = -EBADMSG;
	for (int i = 0; r < 0 && i < 3; i++)
		replace_fd(&fds[i], -1);
	return r;
}
