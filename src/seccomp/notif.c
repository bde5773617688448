/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp/notif.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/in_child.h"
#include "base/log.h"
#include "base/sys.h"
#include "decode/decode.h"

/* Linux 6.6; newer than libseccomp 2.5 and many distributions' headers */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

static bool receive_ends;

void notif_receive_ends(bool ends)
{
	receive_ends = ends;
}

int notif_check_kernel(void)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0) {
		int r = -errno;

		log_errno(LOG_LEVEL_ERROR, r, r == -EINVAL ? "this kernel has no seccomp user notification: Linux 5.9 or newer is needed" :
			  "seccomp(2) is refused, by a kernel without CONFIG_SECCOMP_FILTER or by a filter around this process, as that of a "
			  "container: that has to allow it");
		return r;
	}
	if (sizes.seccomp_notif > sizeof(struct seccomp_notif) ||
	    sizes.seccomp_notif_resp > sizeof(struct seccomp_notif_resp)) {
		log_line(LOG_LEVEL_ERROR, "this kernel's seccomp notifications are larger than this build knows");
		return -EPROTO;
	}
	return 0;
}

bool notif_is_listener(int fd)
{
	/* no file system can name a file so: paths begin with a slash */
	static const char name[] = "anon_inode:seccomp notify";
	char link[sizeof(name)], path[FD_LINK_MAX];

	fd_link(path, "/proc/", fd);
	return readlink(path, link, sizeof(link)) == sizeof(name) - 1 && memcmp(link, name, sizeof(name) - 1) == 0;
}

int notif_sync_wake_up(int listener)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) < 0 ? -errno : 0;
}

/* Waits at most so many ms for a notification or the end of the last task. 0, or -ENOTCONN at that end. */
static int await(int listener, int ms)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	if (poll(&p, 1, ms) < 0)
		return -errno;
	return p.revents & POLLHUP ? -ENOTCONN : 0;
}

int notif_receive(int listener, struct seccomp_notif *req)
{
	int r = receive_ends ? 0 : await(listener, -1);

	if (r < 0)
		return r;
	memset(req, 0, sizeof(*req));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, req) == 0)
		return 0;
	r = -errno;
	return r == -ENOENT && await(listener, 0) == -ENOTCONN ? -ENOTCONN : r;
}

/* The kernel waits for the filter's lock first. If a signal ends that, nothing has been done yet. */
static int request(int listener, unsigned long what, void *argument)
{
	int r;

	do {
		r = ioctl(listener, what, argument);
		r = r < 0 ? -errno : r;
	} while (r == -EINTR);
	return r;
}

int notif_id_valid(int listener, __u64 id)
{
	return request(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

int notif_send(int listener, const struct seccomp_notif_resp *resp)
{
	struct seccomp_notif_resp copy = *resp;

	return request(listener, SECCOMP_IOCTL_NOTIF_SEND, &copy);
}

/*
 * Not with SECCOMP_ADDFD_FLAG_SEND: when a signal, or the end of this process, comes before the caller has taken the descriptor, then the call
 * is answered with 0, which is the number of another descriptor. With two steps, a worker that ends in between leaves the caller a descriptor
 * too many.
 */
int notif_send_fd(int listener, __u64 id, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = { .id = id, .srcfd = (__u32)fd, .newfd_flags = cloexec ? O_CLOEXEC : 0 };
	struct seccomp_notif_resp resp = { .id = id };
	int r = request(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (r < 0)
		return r;
	resp.val = r;
	r = notif_send(listener, &resp);
	return r < 0 ? r : (int)resp.val;
}

int notif_replace_fd(int listener, __u64 id, int t_fd, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = { .id = id, .flags = SECCOMP_ADDFD_FLAG_SETFD, .srcfd = (__u32)fd, .newfd = (__u32)t_fd,
					   .newfd_flags = cloexec ? O_CLOEXEC : 0 };
	int r = request(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return r < 0 ? r : 0;
}

/* The number of a call. One that socketcall(2) makes too has one from -100 down for libseccomp, though its true number has a name. */
static int number_of(uint32_t arch, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	for (int i = 0; i < 1024 && nr <= -100 && nr > -200; i++) {
		char *known = seccomp_syscall_resolve_num_arch(arch, i);

		if (known && strcmp(known, name) == 0)
			nr = i;
		free(known);
	}
	return nr;
}

static int find_numbers(void *memory)
{
	static const uint32_t arch[ABI_COUNT] = {
#define ABI(name, audit, scmp, ...) [ABI_##name] = scmp,
#include "decode/abis.def"
#undef ABI
	};
	int *number = memory;

	for (enum abi abi = 0; abi < ABI_COUNT; abi++)
		for (enum call call = 0; call < CALL_COUNT; call++)
			*number++ = number_of(arch[abi], syscall_rows[call].name);
	return 0;
}

int notif_bind_numbers(void)
{
	size_t size = ABI_COUNT * CALL_COUNT * sizeof(int);
	void *memory;
	int r = in_child(find_numbers, size, &memory);
	const int *number = memory;

	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "cannot look up the numbers of system calls%s", log_fork_limit(r));
		return r;
	}
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
		for (enum call call = 0; call < CALL_COUNT; call++, number++) {
			/* negative: unknown to this libseccomp, or a call that this ABI does not have */
			if (*number >= 0)
				decode_bind(abi, *number, call);
		}
	}
	munmap(memory, size); /* the rest of its last page goes with it */
	return 0;
}
