/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/task.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "decode/tmem.h"
#include "kernel/notif.h"

int task_confirm(const struct task *t)
{
	return notif_id_valid(t->listener, t->id);
}

void task_name(const struct task *t, int t_dirfd, char name[static TASK_NAME_MAX])
{
	if (t_dirfd == AT_FDCWD)
		snprintf(name, TASK_NAME_MAX, "%d/cwd", t->tid);
	else
		snprintf(name, TASK_NAME_MAX, "%d/fd/%d", t->tid, t_dirfd);
}

static int open_entry(const struct task *t, const char *entry, int flags)
{
	char name[TASK_NAME_MAX];
	int fd;

	snprintf(name, sizeof(name), "%d/%s", t->tid, entry);
	fd = open(name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int task_open(const struct task *t, int t_dirfd)
{
	char name[TASK_NAME_MAX];
	int fd;

	if (t_dirfd < 0 && t_dirfd != AT_FDCWD)
		return -EBADF;
	task_name(t, t_dirfd, name);
	fd = open(name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && t_dirfd != AT_FDCWD ? -EBADF : -errno;
	return fd;
}

bool task_fd_is_path(const struct task *t, int t_fd)
{
	char name[TASK_NAME_MAX];
	struct stat st;

	/* the link's own mode tells how the descriptor may be used: proc_pid_fd(5) */
	task_name(t, t_fd, name);
	return lstat(name, &st) == 0 && !(st.st_mode & 0600);
}

int task_open_root(const struct task *t)
{
	return open_entry(t, "root", O_PATH | O_DIRECTORY);
}

static pid_t thread_group(const struct task *t)
{
	char name[TASK_NAME_MAX], status[1024], *line;
	auto_fd fd = -1;
	ssize_t n;

	snprintf(name, sizeof(name), "%d/status", t->tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, status, sizeof(status) - 1);
	if (n <= 0)
		return -ESRCH;
	status[n] = '\0';
	/* the kernel escapes newlines in the task's name, the only text before this line */
	line = strstr(status, "\nTgid:");
	return line ? (pid_t)strtol(line + 6, NULL, 10) : -ESRCH;
}

int task_open_self(const struct task *t, bool thread)
{
	pid_t tgid = thread_group(t);
	char name[TASK_NAME_MAX];
	int fd;

	if (tgid <= 0)
		return -ESRCH;
	if (thread)
		snprintf(name, sizeof(name), "%d/task/%d", tgid, t->tid);
	else
		snprintf(name, sizeof(name), "%d", tgid);
	fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Does the task share this namespace with the worker? */
static bool shares(const struct task *t, const char *ns)
{
	char name[TASK_NAME_MAX];
	struct stat theirs, ours;

	snprintf(name, sizeof(name), "%d/ns/%s", t->tid, ns);
	if (stat(name, &theirs) < 0)
		return false;
	snprintf(name, sizeof(name), "self/ns/%s", ns);
	return stat(name, &ours) == 0 && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

bool task_is_nested(const struct task *t)
{
	return !shares(t, "user");
}

bool task_shares_pidns(const struct task *t)
{
	return shares(t, "pid");
}

int task_open_container(const struct task *t, struct container *c)
{
	auto_fd userns = open_entry(t, "ns/user", O_RDONLY);
	auto_fd mntns = userns < 0 ? -1 : open_entry(t, "ns/mnt", O_RDONLY);
	auto_fd root = mntns < 0 ? -1 : task_open_root(t);
	int r;

	if (userns < 0 || mntns < 0 || root < 0)
		return userns < 0 ? userns : mntns < 0 ? mntns : root;
	r = task_confirm(t);
	if (r < 0)
		return r;
	*c = (struct container){ steal_fd(&userns), steal_fd(&mntns), steal_fd(&root) };
	return 0;
}

/* The sum of the lengths in a file of "inside outside length" lines: user_namespaces(7). */
static int64_t mapped(const struct task *t, const char *map)
{
	auto_fd fd = open_entry(t, map, O_RDONLY);
	char text[4096], *line = text;
	int64_t sum = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	while (*line) {
		unsigned int length;

		if (sscanf(line, "%*u %*u %u", &length) != 1)
			return -EPROTO;
		sum += length;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return sum;
}

int64_t task_mapped_ids(const struct task *t)
{
	int64_t uids = mapped(t, "uid_map");
	int64_t gids = uids <= 0 ? uids : mapped(t, "gid_map");

	return gids <= 0 || gids > uids ? gids : uids;
}

void task_mark_roots(struct task *t)
{
	t->roots_differ = true;
}

int task_capabilities(const struct task *t, uint64_t *effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = t->tid };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	return task_confirm(t);
}

void task_comm(const struct task *t, char comm[static 17])
{
	auto_fd fd = open_entry(t, "comm", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, comm, 16);

	comm[n > 0 ? n : 0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
}

ssize_t tmem_read_some(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	struct iovec local = { buf, n }, remote = { (void *)(uintptr_t)t_addr, n };
	ssize_t r = process_vm_readv(t->tid, &local, 1, &remote, 1, 0);

	return r < 0 ? -errno : r;
}

int task_write(const struct task *t, uint64_t t_addr, const void *buf, size_t n)
{
	struct iovec local = { (void *)(uintptr_t)buf, n }, remote = { (void *)(uintptr_t)t_addr, n };
	ssize_t r = process_vm_writev(t->tid, &local, 1, &remote, 1, 0);

	if (r < 0)
		return -errno;
	return (size_t)r == n ? 0 : -EFAULT;
}
