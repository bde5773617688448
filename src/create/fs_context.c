/* SPDX-License-Identifier: Apache-2.0 */
#include "create/fs_context.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <pthread.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/limits.h"
#include "object/object.h"

/* Seconds for which nobody else's may take its place. */
#define FRESH 10

static struct noted {
	int fd;       /* 0: none */
	bool mounted; /* it is the mount's, else the context's */
	bool guest;
	struct owner owner;
	uint64_t mount;
	time_t at;
} noted[LIMIT_FS_CONTEXTS];

/* Nothing that can hang is done under it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool fs_context_is(int fd)
{
	static const char name[] = "anon_inode:[fscontext]";
	char link[sizeof(name)], path[OBJECT_NAME_SIZE];

	return readlink(object_name(fd, path), link, sizeof(link)) == sizeof(name) - 1 && memcmp(link, name, sizeof(name) - 1) == 0;
}

static bool is_same_file(int a, int b)
{
	pid_t self = getpid();

	return syscall(SYS_kcmp, self, self, KCMP_FILE, a, b) == 0;
}

static struct noted *find(int context)
{
	for (size_t i = 0; i < LIMIT_FS_CONTEXTS; i++)
		if (noted[i].fd > 0 && !noted[i].mounted && is_same_file(noted[i].fd, context))
			return &noted[i];
	return NULL;
}

static time_t now(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

/* A free place, or, where there is none, an old one; guests: of a container alone. */
static struct noted *choose(bool guests)
{
	for (size_t i = 0; i < LIMIT_FS_CONTEXTS && !guests; i++)
		if (noted[i].fd <= 0)
			return &noted[i];
	for (size_t i = 0; i < LIMIT_FS_CONTEXTS; i++)
		if (noted[i].fd > 0 && noted[i].at + FRESH < now() && (noted[i].guest || !guests))
			return &noted[i];
	return NULL;
}

static struct noted *make_room(bool guest)
{
	unsigned int guests = 0;
	struct noted *n;

	for (size_t i = 0; i < LIMIT_FS_CONTEXTS; i++)
		guests += noted[i].fd > 0 && noted[i].guest;
	n = choose(guest && guests >= LIMIT_FS_CONTEXTS_OF_GUESTS);
	if (n && n->fd > 0)
		close(n->fd);
	if (n)
		n->fd = 0;
	return n;
}

static struct noted *add(int context, bool guest)
{
	struct noted *n = make_room(guest);
	auto_fd fd = n ? fcntl(context, F_DUPFD_CLOEXEC, 3) : -1;

	/* without kcmp(2) it could not be known again */
	if (fd < 0 || !is_same_file(fd, context))
		return NULL;
	*n = (struct noted){ .fd = steal_fd(&fd), .guest = guest, .owner = { OWNER_NONE, OWNER_NONE } };
	return n;
}

static int note(int context, struct owner owner, bool guest)
{
	struct noted *n;

	pthread_mutex_lock(&lock);
	n = find(context);
	n = n ? n : add(context, guest);
	if (n) {
		n->owner = owner_shown(owner, n->owner);
		n->at = now();
	}
	pthread_mutex_unlock(&lock);
	return n ? 0 : -ENOMEM;
}

static int set(int context, const char *key, const char *value)
{
	return fsconfig(context, FSCONFIG_SET_STRING, key, value, 0) < 0 ? -errno : 0;
}

/* File systems that take options as one string, as devpts before Linux 6.15, look at none before all are there. These have no descriptors as values. */
static bool is_legacy(int context)
{
	return fsconfig(context, FSCONFIG_SET_FD, "uid", NULL, INT_MAX) < 0 && errno == EOPNOTSUPP;
}

int fs_context_set(int context, const char *key, const char *text, const char *mapped, struct owner owner, bool guest)
{
	char message[256];
	/* that of procfs takes any group */
	int r = is_legacy(context) ? -EINVAL : set(context, key, text);
	struct owner known;

	if (r == 0 && fs_context_find(context, &known))
		return note(context, owner, guest);
	if (r != -EINVAL)
		return r;
	/* what the kernel has said to it, which the caller would read as if it were true */
	while (read(context, message, sizeof(message)) > 0)
		;
	r = set(context, key, mapped);
	return r < 0 ? r : note(context, owner, guest);
}

bool fs_context_find(int context, struct owner *owner)
{
	const struct noted *n;

	pthread_mutex_lock(&lock);
	n = find(context);
	if (n)
		*owner = n->owner;
	pthread_mutex_unlock(&lock);
	return n;
}

/* A number that no other mount has as long as this one is there. */
static uint64_t mount_number(int fd)
{
	struct statx stx;

	return object_statx(fd, AT_STATX_DONT_SYNC, STATX_MNT_ID, &stx) == 0 && stx.stx_mask & STATX_MNT_ID ? stx.stx_mnt_id : 0;
}

void fs_context_mounted(int context, int mount)
{
	uint64_t number = mount_number(mount);
	auto_fd old = mount;
	struct noted *n;

	pthread_mutex_lock(&lock);
	n = find(context);
	if (n) {
		old = n->fd;
		n->fd = mount;
		n->mounted = true;
		n->mount = number;
		n->at = now();
	}
	pthread_mutex_unlock(&lock);
}

/* That to which the descriptor belongs. */
static struct noted *find_mount(int fd)
{
	uint64_t number = mount_number(fd);

	for (size_t i = 0; i < LIMIT_FS_CONTEXTS && number; i++)
		if (noted[i].fd > 0 && noted[i].mounted && noted[i].mount == number)
			return &noted[i];
	return NULL;
}

int fs_context_dup_mount(int fd)
{
	const struct noted *n;
	int mount;

	pthread_mutex_lock(&lock);
	n = find_mount(fd);
	mount = n ? fcntl(n->fd, F_DUPFD_CLOEXEC, 3) : -1;
	pthread_mutex_unlock(&lock);
	return n && mount < 0 ? -errno : n ? mount : -ENOENT;
}

void fs_context_forget_mount(int fd)
{
	auto_fd old = -1;
	struct noted *n;

	pthread_mutex_lock(&lock);
	n = find_mount(fd);
	if (n) {
		old = n->fd;
		n->fd = 0;
	}
	pthread_mutex_unlock(&lock);
}
