/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The task that made a call. The only file that names /proc/<tid>: always through the host's /proc,
 * which is the worker's current directory (see enter.h), never through the container's.
 */
#ifndef PROC_TASK_H
#define PROC_TASK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

/* Longest prefix that task_name() makes. */
#define TASK_NAME_MAX 48

/* Where a listener's tasks live, taken from its first task; descriptors. */
struct container {
	int userns, mntns, root;
};

struct verdict;

struct intent; /* see object/pending.h */

/* What was found out about a task while its call is served: see cred/credentials.h, cred/enter.h. */
struct known {
	bool has_effective, is_recorded, has_root;
	bool root_differs;
	uint64_t effective;
};

/* What a thread of ours expects after its last calls. It may be wrong, which costs time and nothing else. */
struct hints {
	uint64_t owned_directories; /* bits by hash: what was looked at in this directory had an owner */
	pid_t other_roots[64];      /* tasks that had another root, by their number */
};

/* What calls have been seen by which some task of this listener may have come into such a state; a mark stays, and costs time only. */
enum isolation {
	ROOTS_MAY_DIFFER = 1 << 0,  /* another root or mount namespace than the container */
	USERNS_MAY_DIFFER = 1 << 1, /* another user namespace */
	MAY_BE_CONFINED = 1 << 2,   /* access to less than its capabilities say: landlock(7) */
};

struct task {
	int listener;
	uint64_t id;      /* of the notification */
	struct known *known;
	struct hints *hints;
	struct intent *intent;
	pid_t tid;        /* in our pid namespace; checked to be positive */
	uint32_t isolation; /* enum isolation: as it was when the call came, and what the call adds */
	bool worker_visible; /* a procfs of the container shows this worker: its "self" is not the caller's */
};

/* 0, or -ENOENT when the call is no longer pending, so that tid may be another task by now. */
int task_confirm(const struct task *t) MUST_CHECK;

/* A path for what t_dirfd names: "TID/cwd", "TID/fd/N". Following its last link leads to the task's very object. */
void task_name(const struct task *t, int t_dirfd, char name[static TASK_NAME_MAX]);

/* The same of its root directory. */
void task_root_name(const struct task *t, char name[static TASK_NAME_MAX]);

/* O_PATH descriptor of what t_dirfd names; -EBADF when the task has no such descriptor. */
int task_open(const struct task *t, int t_dirfd) MUST_CHECK;

/* O_PATH descriptor of the task's root directory. */
int task_open_root(const struct task *t) MUST_CHECK;

/* A descriptor of what the task sees mounted, and where in its root: proc_pid_mountinfo(5). */
int task_open_mounts(const struct task *t) MUST_CHECK;

#define TASK_SELF_MAX 32

/*
 * Writes what "self" or "thread-self" reads for the task in the procfs with this root directory. Its length, or -ENOENT when
 * that procfs does not show the task.
 */
int task_self(const struct task *t, int procfs, bool thread, char text[static TASK_SELF_MAX]) MUST_CHECK;

/*
 * dir: a directory of a procfs. Does a link in it belong to the task's own thread group? 1; 0: to another one;
 * -EACCES: to this process, whose links nobody may follow, or it cannot be told.
 */
int task_owns(const struct task *t, int dir) MUST_CHECK;

/* Is the task in another user namespace than the worker's? Yes, when it may be and it cannot be told. */
bool task_is_nested(const struct task *t);

/* The namespaces and the root of the task; all or nothing. */
int task_open_container(const struct task *t, struct container *c) MUST_CHECK;

/* A descriptor of the task's mount namespace. */
int task_open_mount_namespace(const struct task *t) MUST_CHECK;

/* How many user ids its user namespace maps, or how many group ids if that is more; 0: none yet. */
int64_t task_mapped_ids(const struct task *t) MUST_CHECK;

/* Is the task's pid namespace that of another one, or with NULL the worker's own? 1, 0, or -errno when it cannot be told. */
int task_shares_pidns(const struct task *t, const struct task *other);

/* The capability sets that the kernel knows of, with bit CAP_x for each; capabilities(7). */
struct task_capabilities {
	uint64_t inheritable, permitted, effective, bounding, ambient;
};

/* 0; -ENOENT when the call is no longer pending; -errno. */
int task_capabilities(const struct task *t, struct task_capabilities *sets) MUST_CHECK;

/* The effective set alone, which is faster to get; to be confirmed. */
int task_effective(const struct task *t, uint64_t *effective) MUST_CHECK;

/* The task's own id in its pid namespace, or -errno. */
pid_t task_number(const struct task *t) MUST_CHECK;

/* A descriptor of the task's pid namespace. */
int task_open_pidns(const struct task *t) MUST_CHECK;

/* The id of the task's thread group, or -errno. */
pid_t task_group(const struct task *t) MUST_CHECK;

/* The number behind "\nField:" in the task's status file, proc_pid_status(5); -ESRCH without it. */
int task_status(const struct task *t, const char *field) MUST_CHECK;

/* The mode bits that the task lets new files not have, or -errno. */
int task_umask(const struct task *t) MUST_CHECK;

/* O_PATH descriptor of the file that the task executes. */
int task_open_program(const struct task *t) MUST_CHECK;

/* The task's bounding set. 0 or -errno. */
int task_bounding_capabilities(const struct task *t, uint64_t *bounding) MUST_CHECK;

/* The thread's name, for traces. */
void task_comm(const struct task *t, char comm[static 17]);

/* The flags with which the task has opened the file of this descriptor; -EBUSY where its place in that is not the first; -errno. */
int task_fd_unread(const struct task *t, int t_fd) MUST_CHECK;

/* Writes to the task's memory: 0 or -EFAULT, -EPERM, -ESRCH. */
int task_write_bytes(const struct task *t, uint64_t t_addr, const void *bytes, size_t n) MUST_CHECK;

/* Writes a result to the task's memory: 0 or -EFAULT, -EPERM, -ESRCH. */
int task_write(const struct task *t, const struct verdict *v) MUST_CHECK;

#endif
