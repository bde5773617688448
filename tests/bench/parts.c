/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts DIR: what the kernel calls that a worker can choose from cost where it makes them: inside the container, between RECV and SEND
 * of a call of another process. Each is timed by itself in a loop, and as what it adds to a null receiver's round trip. What a stat of an
 * object without a recorded owner needs at least is timed as a whole: together they take longer than the sum of each by itself. All but the
 * first are timed under a filter that allows everything: no sandbox costs less.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>

#include "base/util.h"
#include "cred/enter.h"
#include "ipc/message.h"
#include "proc/task.h"
#include "seccomp/filter.h"
#include "seccomp/notif.h"

/* short ones, for the best of them to be undisturbed */
#define CALLS 400
#define ROUNDS 100
#define XATTR "user.rootlesscontainers"
#define NR_GETXATTRAT 464 /* Linux 6.13 */
#define THREAD O_EXCL	   /* PIDFD_THREAD, Linux 6.9 */

static struct seccomp_notif req;
static int listener, pidfd, mem, task_cwd, self_fds, owned_fd;
static pid_t tid;
static int t_dir, t_plain; /* descriptors of the task */
static char plain[4096], owned[4096], name[64], bytes[4096];
static struct statx stx;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int opened(long fd)
{
	return fd < 0 ? -1 : close((int)fd);
}

static int nothing(void)
{
	return 0;
}

static int poll_listener(void)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, -1) == 1 ? 0 : -1;
}

static int id_valid(void)
{
	return notif_id_valid(listener, req.id);
}

static int readv_256(void)
{
	struct iovec to = { bytes, 256 }, from = { (void *)(uintptr_t)req.data.args[1], 256 };

	return process_vm_readv(tid, &to, 1, &from, 1, 0) == 256 ? 0 : -1;
}

static int pread_256(void)
{
	return pread(mem, bytes, 256, (off_t)req.data.args[1]) == 256 ? 0 : -1;
}

static int writev_144(void)
{
	struct iovec from = { bytes, 144 }, to = { (void *)(uintptr_t)req.data.args[2], 144 };

	return process_vm_writev(tid, &from, 1, &to, 1, 0) == 144 ? 0 : -1;
}

static int absent(ssize_t n)
{
	return n < 0 && errno == ENODATA ? 0 : -1;
}

static int xattr_absolute(void)
{
	return absent(getxattr(plain, XATTR, NULL, 0));
}

static int xattr_cwd(void)
{
	snprintf(name, sizeof(name), "%d/cwd/plain", tid);
	return absent(getxattr(name, XATTR, NULL, 0));
}

static long getxattrat_(int dir, const char *path)
{
	struct {
		uint64_t value;
		uint32_t size, flags;
	} args = { (uintptr_t)bytes, 64, 0 };

	return syscall(NR_GETXATTRAT, dir, path, 0, XATTR, &args, sizeof(args));
}

static int at_kept_cwd(void)
{
	return absent(getxattrat_(task_cwd, "plain"));
}

static int getfd_at(void)
{
	auto_fd fd = (int)syscall(SYS_pidfd_getfd, pidfd, t_dir, 0);

	return fd < 0 ? -1 : absent(getxattrat_(fd, "plain"));
}

static int getfd_fgetxattr(void)
{
	auto_fd fd = (int)syscall(SYS_pidfd_getfd, pidfd, t_plain, 0);

	return fd < 0 ? -1 : absent(fgetxattr(fd, XATTR, NULL, 0));
}

static int least_absolute(void)
{
	return readv_256() < 0 ? -1 : xattr_absolute();
}

static int least_cwd(void)
{
	return readv_256() < 0 ? -1 : xattr_cwd();
}

static int least_dirfd(void)
{
	return readv_256() < 0 ? -1 : getfd_at();
}

static int open_pidfd(void)
{
	return opened(syscall(SYS_pidfd_open, tid, THREAD));
}

static int open_magicless(void)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };

	return opened(syscall(SYS_openat2, AT_FDCWD, owned, &how, sizeof(how)));
}

static int open_read(void)
{
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };

	return opened(syscall(SYS_openat2, AT_FDCWD, owned, &how, sizeof(how)));
}

static int xattr_self_fd(void)
{
	snprintf(name, sizeof(name), "self/fd/%d", owned_fd);
	return getxattr(name, XATTR, bytes, 64) > 0 ? 0 : -1;
}

static int at_self_fds(void)
{
	snprintf(name, sizeof(name), "%d", owned_fd);
	return getxattrat_(self_fds, name) > 0 ? 0 : -1;
}

static int xattr_owned(void)
{
	return getxattr(owned, XATTR, bytes, 64) > 0 ? 0 : -1;
}

static int statx_fd(void)
{
	return statx(owned_fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &stx);
}

static int capget_task(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = tid };
	struct __user_cap_data_struct data[2];

	return (int)syscall(SYS_capget, &header, data);
}

static const struct {
	const char *what;
	int (*call)(void);
	bool before; /* comes before RECV */
} parts[] = {
	{ .what = "nothing: RECV, SEND", .call = nothing },
	{ .what = "the same under a filter", .call = nothing },
	{ .what = "least for stat, absolute: readv, getxattr", .call = least_absolute },
	{ .what = "least for stat, cwd: readv, getxattr(TID/cwd/x)", .call = least_cwd },
	{ .what = "least for stat, dirfd: readv, getfd, getxattrat", .call = least_dirfd },
	{ .what = "least for fstat: getfd, fgetxattr, close", .call = getfd_fgetxattr },
	{ "poll(listener) before RECV", poll_listener, true },
	{ .what = "ID_VALID", .call = id_valid },
	{ .what = "process_vm_readv, 256 B", .call = readv_256 },
	{ .what = "pread of a kept TID/mem, 256 B", .call = pread_256 },
	{ .what = "process_vm_writev, 144 B", .call = writev_144 },
	{ .what = "getxattr(absolute path)", .call = xattr_absolute },
	{ .what = "getxattr(TID/cwd/x)", .call = xattr_cwd },
	{ .what = "getxattrat(kept cwd, x)", .call = at_kept_cwd },
	{ .what = "pidfd_getfd, getxattrat(fd, x), close", .call = getfd_at },
	{ .what = "pidfd_open, close", .call = open_pidfd },
	{ .what = "owned: getxattr(absolute path)", .call = xattr_owned },
	{ .what = "owned: openat2(O_PATH, NO_MAGICLINKS), close", .call = open_magicless },
	{ .what = "owned: openat2(O_RDONLY, NO_MAGICLINKS), close", .call = open_read },
	{ .what = "owned: getxattr(self/fd/N)", .call = xattr_self_fd },
	{ .what = "owned: getxattrat(kept self/fd, N)", .call = at_self_fds },
	{ .what = "owned: statx(fd)", .call = statx_fd },
	{ .what = "capget(TID)", .call = capget_task },
};

static void put(const char *file, const char *text)
{
	auto_fd fd = open(file, O_WRONLY | O_CLOEXEC);

	if (write(fd, text, strlen(text)) < 0)
		err(1, "%s", file);
}

/* The container: one process, which calls for ever. */
static void be_task(int connection)
{
	struct stat st;
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof(uid_map), "0 %u 1", geteuid());
	snprintf(gid_map, sizeof(gid_map), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		err(1, "unshare");
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
	listener = filter_load();
	if (listener < 0 || message_send(connection, &(struct message){ .kind = MESSAGE_LISTENER }, &listener, 1) < 0)
		errx(1, "no filter");
	close(listener);
	for (;;)
		syscall(SYS_newfstatat, AT_FDCWD, plain, &st, 0);
}

static void receive(void)
{
	memset(&req, 0, sizeof(req));
	while (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
		if (errno != EINTR && errno != ENOENT)
			err(1, "RECV");
}

static void answer(void)
{
	struct seccomp_notif_resp resp = { .id = req.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

static void enter(int host_proc)
{
	struct container container;
	struct task t;
	int task_dir;

	receive();
	tid = (pid_t)req.pid;
	t = (struct task){ .listener = listener, .id = req.id, .tid = tid };
	if (enter_prepare(host_proc) < 0 || task_open_container(&t, &container) < 0 || enter_container(&container) < 0)
		errx(1, "cannot enter");
	pidfd = (int)syscall(SYS_pidfd_open, tid, THREAD);
	snprintf(name, sizeof(name), "%d", tid);
	task_dir = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	task_cwd = openat(task_dir, "cwd", O_PATH | O_CLOEXEC);
	mem = openat(task_dir, "mem", O_RDWR | O_CLOEXEC);
	self_fds = open("self/fd", O_PATH | O_CLOEXEC);
	owned_fd = open(owned, O_PATH | O_CLOEXEC);
	if (pidfd < 0 || mem < 0 || task_cwd < 0 || self_fds < 0 || owned_fd < 0)
		err(1, "task");
}

/* A call is pending when it begins, and when it ends. */
static double around(int (*call)(void), bool before)
{
	long begin = now();

	for (int i = 0; i < CALLS; i++) {
		if (!before && call() < 0)
			return -1;
		answer();
		if (before && call() < 0)
			return -1;
		receive();
	}
	return (double)(now() - begin) / CALLS / 1000;
}

static double alone(int (*call)(void))
{
	long begin = now();

	for (int i = 0; i < CALLS; i++)
		if (call() < 0)
			return -1;
	return (double)(now() - begin) / CALLS / 1000;
}

static double best(double time, double before)
{
	return time >= 0 && (before == 0 || time < before) ? time : before;
}

static double within[ARRAY_SIZE(parts)], loop[ARRAY_SIZE(parts)];

static void measure(size_t first, size_t end)
{
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = first; i < end; i++) {
			within[i] = best(around(parts[i].call, parts[i].before), within[i]);
			loop[i] = parts[i].before ? 0 : best(alone(parts[i].call), loop[i]);
		}
	}
}

static void confine(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		err(1, "seccomp");
}

static void print(void)
{
	printf("%-50s %9s %9s %9s\n", "us, best; 0: cannot be had", "alone", "adds", "to null");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		printf("%-50s %9.2f %9.2f %9.2f\n", parts[i].what, loop[i], within[i] - (i && within[i] > 0 ? within[0] : 0), within[i] / within[0]);
}

int main(int argc, char **argv)
{
	int pair[2], fds[MESSAGE_FDS], host_proc = enter_open_host_proc();
	struct message message;
	struct pollfd p;
	pid_t task;

	if (argc != 2 || chdir(argv[1]) < 0 || host_proc < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 || notif_bind_numbers() < 0)
		return 2;
	snprintf(plain, sizeof(plain), "%s/plain", argv[1]);
	snprintf(owned, sizeof(owned), "%s/owned", argv[1]);
	t_dir = open(".", O_PATH | O_DIRECTORY);
	t_plain = open("plain", O_RDONLY);
	if (setxattr("owned", XATTR, "\x08\x2a\x10\x2a", 4, 0) < 0)
		err(1, "owned");
	task = fork();
	if (task == 0)
		be_task(pair[1]);
	p = (struct pollfd){ .fd = pair[0], .events = POLLIN };
	if (poll(&p, 1, -1) < 0 || message_receive(pair[0], &message, fds) != 1)
		errx(1, "no listener came");
	listener = fds[0];
	if (notif_sync_wake_up(listener) < 0)
		warnx("this kernel has no SYNC_WAKE_UP");
	enter(host_proc);
	measure(0, 1);
	confine();
	measure(1, ARRAY_SIZE(parts));
	print();
	kill(task, SIGKILL);
	return 0;
}
