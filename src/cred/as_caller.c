/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/as_caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/sys.h"
#include "cred/credentials.h"
#include "proc/task.h"

static int proc_fd = -1;
static int root_fd = -1;
static struct statx own_root;

int as_caller_init(int proc, int root)
{
	proc_fd = proc;
	root_fd = root;
	return statx(root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &own_root) < 0 ? -errno : 0;
}

/* 1, 0, or -errno. A mount of ours keeps its id, which no mount of another namespace has. */
static int is_own_root(int fd, const char *path)
{
	struct statx stx;

	if (statx(fd, path, AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &stx) < 0)
		return -errno;
	if (!(stx.stx_mask & STATX_MNT_ID))
		return -ENOSYS;
	/* a subvolume is of the same mount, and its root may have the same number */
	return stx.stx_mnt_id == own_root.stx_mnt_id && statx_same(&stx, &own_root);
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

int as_caller_enter_root(const struct task *t)
{
	auto_fd root = task_open_root(t);
	int r = root < 0 ? root : is_own_root(root, "");

	if (r != 0)
		return r < 0 ? r : 0;
	if (fchdir(root) < 0)
		return -errno;
	r = chroot(".") < 0 ? -errno : 1;
	if (fchdir(proc_fd) < 0)
		abort();
	return r;
}

void as_caller_leave_root(void)
{
	if (fchdir(root_fd) < 0 || chroot(".") < 0 || fchdir(proc_fd) < 0)
		abort(); /* this worker must not go on with a root that is not its container's */
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
