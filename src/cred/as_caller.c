/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/as_caller.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/sys.h"
#include "cred/credentials.h"
#include "proc/task.h"

/* Linux 6.8 */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

static int proc_fd = -1;
static int root_fd = -1;
static struct statx own_root;

/* Of this thread: the root of the last task that was located ... */
static _Thread_local struct statx located;

/* Its own mount namespace, while it is in the caller's; 0: it is not. */
static _Thread_local int own_mounts;

/* ... and, from as_caller_settle() to as_caller_unsettle(), the one that it has instead of the container's. */
static _Thread_local struct {
	int root;       /* a descriptor, 0: none */
	uint64_t place; /* 0: it may be unmounted */
	struct statx stx;
} settled;

int as_caller_init(int proc, int root)
{
	proc_fd = proc;
	root_fd = root;
	return statx(root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &own_root) < 0 ? -errno : 0;
}

static int root_stat(int fd, const char *path, struct statx *stx)
{
	/* of a file system that the container serves itself, what is known of it does */
	if (statx(fd, path, AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID, stx) < 0)
		return -errno;
	return stx->stx_mask & STATX_MNT_ID ? 0 : -ENOSYS;
}

/* A mount of ours keeps its id, which no mount of another namespace has. A subvolume is of the same mount, and its root may have the same number. */
static bool is_same_root(const struct statx *a, const struct statx *b)
{
	return a->stx_mnt_id == b->stx_mnt_id && statx_same(a, b);
}

/* Of this thread: 1, 0, or -errno. */
static int is_own_root(int fd, const char *path)
{
	struct statx stx;
	int r = root_stat(fd, path, &stx);

	return r < 0 ? r : is_same_root(&stx, settled.root > 0 ? &settled.stx : &own_root);
}

bool as_caller_root_differs(const struct task *t)
{
	pid_t *last = &t->hints->other_roots[(unsigned int)t->tid % ARRAY_SIZE(t->hints->other_roots)];
	char name[TASK_NAME_MAX];

	if (!t->known->has_root) {
		task_root_name(t, name);
		t->known->root_differs = *last == t->tid || is_own_root(AT_FDCWD, name) != 1;
		t->known->has_root = true;
	}
	/* a task that had another root is taken to have it still */
	if (t->known->root_differs)
		*last = t->tid;
	return t->known->root_differs;
}

/* 1, or -errno with the root as it was: the container may serve that directory itself, and refuse it. */
static int enter_root(int root)
{
	int r;

	if (fchdir(root) < 0)
		return -errno;
	r = chroot(".") < 0 ? -errno : 1;
	if (fchdir(proc_fd) < 0)
		abort();
	return r;
}

int as_caller_enter_root(const struct task *t)
{
	/* what has changed since the thread settled has changed after the call */
	auto_fd root = settled.root > 0 ? -1 : task_open_root(t);
	int r = settled.root > 0 ? 1 : root < 0 ? root : is_own_root(root, "");

	if (r != 0)
		return r < 0 ? r : 0;
	return enter_root(root);
}

void as_caller_leave_root(void)
{
	if (enter_root(root_fd) < 0)
		abort(); /* this worker must not go on with a root that is not its container's */
}

/*
 * The number of a root that nobody can unmount, which no other one will ever have; 0: there is none, or an older kernel. The topmost mount of a
 * namespace goes with the namespace only: from there ".." leads nowhere, as this thread has another root.
 */
static uint64_t place_of(int root)
{
	struct statx up, unique;

	if (root_stat(root, "..", &up) < 0 || !is_same_root(&up, &located))
		return 0;
	if (statx(root, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID_UNIQUE, &unique) < 0 || !(unique.stx_mask & STATX_MNT_ID_UNIQUE))
		return 0;
	return unique.stx_mnt_id;
}

int as_caller_locate(const struct task *t)
{
	char name[TASK_NAME_MAX];
	int r;

	task_root_name(t, name);
	r = root_stat(AT_FDCWD, name, &located);
	if (r < 0)
		memset(&located, 0, sizeof(located)); /* no root is like this */
	return r < 0 ? r : !is_same_root(&located, &own_root);
}

int as_caller_settle(const struct task *t)
{
	bool elsewhere = !is_same_root(&located, &own_root);
	auto_fd root = -1;
	int r = 0;

	if (settled.root > 0 && is_same_root(&located, &settled.stx))
		elsewhere = false; /* it is there */
	else
		as_caller_unsettle();
	if (elsewhere) {
		root = task_open_root(t);
		r = root < 0 ? root : root_stat(root, "", &located);
	}
	if (r == 0 && elsewhere) {
		uint64_t place = place_of(root);

		r = enter_root(root);
		if (r == 1) {
			settled.place = place;
			settled.stx = located;
			settled.root = steal_fd(&root);
		}
	}
	if (r < 0)
		return r;
	t->known->has_root = true;
	t->known->root_differs = false;
	return 0;
}

uint64_t as_caller_place(void)
{
	return settled.root > 0 ? settled.place : 0;
}

void as_caller_unsettle(void)
{
	if (settled.root <= 0)
		return;
	close(settled.root);
	settled.root = 0;
	as_caller_leave_root();
}

bool as_caller_is_guest(void)
{
	return settled.root > 0;
}

int as_caller_enter_mounts(const struct task *t)
{
	auto_fd theirs = task_open_mount_namespace(t), own = open("thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
	struct stat there, here;
	int r;

	if (theirs < 0 || own < 0)
		return theirs < 0 ? theirs : -ENOENT;
	if (fstat(theirs, &there) < 0 || fstat(own, &here) < 0)
		return -errno;
	r = task_confirm(t);
	if (r < 0 || stat_same(&there, &here))
		return r;
	if (setns(theirs, CLONE_NEWNS) < 0)
		return -errno;
	own_mounts = steal_fd(&own);
	if (fchdir(proc_fd) < 0)
		abort();
	return 0;
}

void as_caller_leave_mounts(void)
{
	if (own_mounts <= 0)
		return;
	if (setns(own_mounts, CLONE_NEWNS) < 0)
		abort();
	close(own_mounts);
	own_mounts = 0;
	/* the container may refuse its root from now on */
	if (settled.root > 0 && enter_root(settled.root) == 1)
		return;
	if (settled.root > 0)
		as_caller_unsettle();
	else
		as_caller_leave_root();
}

int as_caller_enter_directory(int fd)
{
	return fchdir(fd) < 0 ? -errno : 0;
}

void as_caller_leave_directory(void)
{
	if (fchdir(proc_fd) < 0)
		abort(); /* the names that this worker makes would be the container's */
}

/* The effective set becomes the permitted one without these. */
static int drop(uint64_t capabilities)
{
	static _Thread_local uint64_t dropped;
	static _Thread_local struct __user_cap_data_struct data[2];
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };

	if (capabilities == dropped)
		return 0;
	/* while some are dropped, the permitted set is what it was before */
	if (dropped == 0 && syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[0].effective = data[0].permitted & ~(uint32_t)capabilities;
	data[1].effective = data[1].permitted & ~(uint32_t)(capabilities >> 32);
	if (syscall(SYS_capset, &header, data) < 0)
		return -errno;
	dropped = capabilities;
	return 0;
}

int as_caller_drop_file_capabilities(const struct task *t)
{
	uint64_t effective = 0;
	int r = credentials_effective(t, &effective);

	/* for what is done here, the one contains the other */
	if (effective & 1U << CAP_DAC_OVERRIDE)
		effective |= 1U << CAP_DAC_READ_SEARCH;
	return r < 0 ? r : drop(FILE_CAPABILITIES & ~effective);
}

int as_caller_drop_capabilities(const struct task *t)
{
	uint64_t effective = 0;
	int r = credentials_effective(t, &effective);

	return r < 0 ? r : drop(~effective);
}

void as_caller_resume_capabilities(void)
{
	if (drop(0) < 0)
		abort();
}
