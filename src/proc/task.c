/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/task.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/sys.h"
#include "decode/tmem.h"
#include "proc/procfs.h"
#include "reply/verdict.h"
#include "seccomp/notif.h"

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

void task_root_name(const struct task *t, char name[static TASK_NAME_MAX])
{
	snprintf(name, TASK_NAME_MAX, "%d/root", t->tid);
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

int task_open_root(const struct task *t)
{
	return open_entry(t, "root", O_PATH | O_DIRECTORY);
}

int task_open_mounts(const struct task *t)
{
	return open_entry(t, "mountinfo", O_RDONLY);
}

#define STATUS_MAX 8192 /* with a line of up to 700 groups */
#define NS_LEVELS 33    /* MAX_PID_NS_LEVEL of the kernel, and the first */

/* What is behind a field of a status file; proc_pid_status(5). NULL without it. */
static char *status_field(int dir, const char *path, const char *field, char status[static STATUS_MAX])
{
	auto_fd fd = procfs_open(dir, path, O_RDONLY);
	ssize_t size = fd < 0 ? -1 : read(fd, status, STATUS_MAX - 1);
	char *at;

	if (size <= 0)
		return NULL;
	status[size] = '\0';
	/* the kernel escapes newlines in the task's name, the only text of its own */
	at = strstr(status, field);
	return at ? at + strlen(field) : NULL;
}

/* The numbers of a field, at most n. How many, 0 without the field. */
static int numbers_at(char *at, int *numbers, int n)
{
	int found = 0;

	for (; at && found < n && *at == '\t'; found++)
		numbers[found] = (int)strtol(at + 1, &at, 10);
	return found;
}

static char *own_field(const struct task *t, const char *field, char status[static STATUS_MAX])
{
	char name[TASK_NAME_MAX];

	snprintf(name, sizeof(name), "%d/status", t->tid);
	return status_field(AT_FDCWD, name, field, status);
}

/* The number of a field, in this base. */
static uint64_t own_number(const struct task *t, const char *field, int base, uint64_t without)
{
	char status[STATUS_MAX], *at = own_field(t, field, status);

	return at ? strtoull(at, NULL, base) : without;
}

/* The numbers that the task has in its pid namespace, which comes last, and in those above it. */
static int own_ids(const struct task *t, const char *field, int ids[static NS_LEVELS])
{
	char status[STATUS_MAX];

	return numbers_at(own_field(t, field, status), ids, NS_LEVELS);
}

#define LINK_MAX_TEXT 64

/* The text of a link of a procfs: 0 or -errno. */
static int link_text(int dir, const char *path, char text[static LINK_MAX_TEXT])
{
	auto_fd fd = procfs_open(dir, path, O_PATH | O_NOFOLLOW);
	ssize_t n = fd < 0 ? fd : readlinkat(fd, "", text, LINK_MAX_TEXT - 1);

	if (n < 0)
		return fd < 0 ? fd : -errno;
	text[n] = '\0';
	return 0;
}

/* The same task: one pid namespace, and there one number. */
static bool is_same_task(const struct task *t, int procfs, int number, const char *field, int innermost)
{
	char name[TASK_NAME_MAX], theirs[LINK_MAX_TEXT], ours[LINK_MAX_TEXT], status[STATUS_MAX];
	int numbers[NS_LEVELS], n;

	snprintf(name, sizeof(name), "%d/ns/pid", number);
	if (link_text(procfs, name, theirs) < 0)
		return false;
	snprintf(name, sizeof(name), "%d/ns/pid", t->tid);
	if (link_text(AT_FDCWD, name, ours) < 0 || strcmp(theirs, ours) != 0)
		return false;
	snprintf(name, sizeof(name), "%d/status", number);
	n = numbers_at(status_field(procfs, name, field, status), numbers, NS_LEVELS);
	return n > 0 && numbers[n - 1] == innermost;
}

/* The number that the task (thread) or its thread group has in this procfs, or -ENOENT. */
static int number_in(const struct task *t, int procfs, bool thread)
{
	const char *field = thread ? "\nNSpid:" : "\nNStgid:";
	int numbers[NS_LEVELS], n = own_ids(t, field, numbers);

	for (int i = n - 1; i >= 0; i--)
		if (is_same_task(t, procfs, numbers[i], field, numbers[n - 1]))
			return numbers[i];
	return -ENOENT;
}

int task_self(const struct task *t, int procfs, bool thread, char text[static TASK_SELF_MAX])
{
	int group = number_in(t, procfs, false);
	int number = thread ? number_in(t, procfs, true) : group;

	if (group < 0 || number < 0)
		return -ENOENT;
	return thread ? snprintf(text, TASK_SELF_MAX, "%d/task/%d", group, number) : snprintf(text, TASK_SELF_MAX, "%d", group);
}

int task_owns(const struct task *t, int dir)
{
	auto_fd root = -1;
	auto_fd process = procfs_above(fcntl(dir, F_DUPFD_CLOEXEC, 0), &root);
	char self[LINK_MAX_TEXT], status[STATUS_MAX];
	int group, r;

	if (process < 0 || numbers_at(status_field(process, "status", "\nTgid:", status), &group, 1) != 1)
		return -EACCES;
	r = link_text(root, "self", self);
	if ((r < 0 && r != -ENOENT) || (r == 0 && strtol(self, NULL, 10) == group))
		return -EACCES;
	return number_in(t, root, false) == group;
}

/* Is the task in the same namespace as another one, or, with NULL, as the worker? 1, 0 or -errno. */
static int shares(const struct task *t, const struct task *other, const char *ns)
{
	char name[TASK_NAME_MAX];
	struct stat theirs, ours;

	snprintf(name, sizeof(name), "%d/ns/%s", t->tid, ns);
	if (stat(name, &theirs) < 0)
		return -errno;
	if (other)
		snprintf(name, sizeof(name), "%d/ns/%s", other->tid, ns);
	else
		snprintf(name, sizeof(name), "self/ns/%s", ns);
	return stat(name, &ours) < 0 ? -errno : stat_same(&ours, &theirs);
}

bool task_is_nested(const struct task *t)
{
	return t->isolation & USERNS_MAY_DIFFER && shares(t, NULL, "user") != 1;
}

int task_shares_pidns(const struct task *t, const struct task *other)
{
	return shares(t, other, "pid");
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

int task_open_mount_namespace(const struct task *t)
{
	return open_entry(t, "ns/mnt", O_RDONLY);
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

int task_effective(const struct task *t, uint64_t *effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = t->tid };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	return 0;
}

int task_bounding_capabilities(const struct task *t, uint64_t *bounding)
{
	*bounding = own_number(t, "\nCapBnd:", 16, UINT64_MAX);
	return task_confirm(t);
}

int task_capabilities(const struct task *t, struct task_capabilities *sets)
{
	static const char *const fields[] = { "\nCapInh:", "\nCapPrm:", "\nCapEff:", "\nCapBnd:", "\nCapAmb:" };
	uint64_t *const to[] = { &sets->inheritable, &sets->permitted, &sets->effective, &sets->bounding, &sets->ambient };
	char status[STATUS_MAX], *from;

	if (!own_field(t, "\nState:", status))
		return -ESRCH;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		from = strstr(status, fields[i]);
		*to[i] = from ? strtoull(from + strlen(fields[i]), NULL, 16) : 0;
	}
	return task_confirm(t);
}

pid_t task_number(const struct task *t)
{
	int numbers[NS_LEVELS], n = own_ids(t, "\nNSpid:", numbers);

	return n > 0 ? numbers[n - 1] : -ESRCH;
}

int task_open_pidns(const struct task *t)
{
	return open_entry(t, "ns/pid", O_RDONLY);
}

int task_status(const struct task *t, const char *field)
{
	return (int)own_number(t, field, 10, (uint64_t)-ESRCH);
}

int task_umask(const struct task *t)
{
	return (int)own_number(t, "\nUmask:", 8, (uint64_t)-ESRCH);
}

pid_t task_group(const struct task *t)
{
	return task_status(t, "\nTgid:");
}

int task_open_program(const struct task *t)
{
	return open_entry(t, "exe", O_PATH);
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

int task_fd_unread(const struct task *t, int t_fd)
{
	char name[TASK_NAME_MAX], text[256];
	auto_fd fd = -1;
	const char *at;
	ssize_t n;

	snprintf(name, sizeof(name), "%d/fdinfo/%d", t->tid, t_fd);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	at = strstr(text, "\nflags:");
	return strncmp(text, "pos:\t0\n", 7) != 0 || !at ? -EBUSY : (int)strtol(at + 7, NULL, 8);
}

static int write_to(const struct task *t, const void *bytes, size_t n, const struct iovec *remote, size_t places)
{
	struct iovec local = { (void *)(uintptr_t)bytes, n };
	ssize_t r = process_vm_writev(t->tid, &local, 1, remote, places, 0);

	return r < 0 ? -errno : (size_t)r == n ? 0 : -EFAULT;
}

int task_write_bytes(const struct task *t, uint64_t t_addr, const void *bytes, size_t n)
{
	struct iovec remote = { (void *)(uintptr_t)t_addr, n };

	return write_to(t, bytes, n, &remote, 1);
}

int task_write(const struct task *t, const struct verdict *v)
{
	struct iovec remote[VERDICT_PLACES];

	for (size_t i = 0; i < v->n_places; i++)
		remote[i] = (struct iovec){ (void *)(uintptr_t)v->places[i].t_addr, v->places[i].length };
	return write_to(t, v->bytes, v->length, remote, v->n_places);
}
