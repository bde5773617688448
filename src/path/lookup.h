/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose is the object that a call names? Most objects have no recorded owner: one getxattr(2) by the caller's own path tells that, and the
 * kernel answers the call. Where there may be an owner, it is read from a duplicate of the task's descriptor, or by a name, not followed, in a
 * directory that was opened without magic links. What cannot be told in these ways is opened with resolve_open(): to read xattrs by an O_PATH
 * descriptor takes longer than all else.
 */
#ifndef PATH_LOOKUP_H
#define PATH_LOOKUP_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/util.h"
#include "base/reason.h"
#include "rule/device.h"
#include "rule/owner.h"

struct task;
struct request;

enum lookup {
	LOOKUP_NONE,       /* nothing of ours is recorded for it: what the kernel says is right */
	LOOKUP_OWNER,      /* something is, or may be */
	LOOKUP_MISSING,    /* there is no such object for the caller: ENOENT */
	LOOKUP_UNREAD,     /* it has an owner, perhaps, which cannot be read now: EIO */
	LOOKUP_ASK_KERNEL, /* the kernel refuses the call, or it is not ours to answer */
};

/* For LOOKUP_OWNER what a stat shows; for LOOKUP_ASK_KERNEL why. may_be_procfs: of a descriptor. */
struct found {
	enum reason reason;
	bool may_be_procfs;
	struct owner owner;
	struct device device;
	struct statx stx;
};

/* For a stat. mask and at_flags: as statx(2) takes them, with how to synchronise. The call may not be pending any more. */
enum lookup lookup_status(const struct task *t, const struct request *req, uint32_t at_flags, uint32_t mask, struct found *found) MUST_CHECK;

/*
 * Has it anything of ours? For calls that change nothing; of one that names an xattr, whether that is among ours. LOOKUP_OWNER: open it, with
 * resolve_open(), and look.
 */
enum lookup lookup_any(const struct task *t, const struct request *req, enum reason *reason) MUST_CHECK;

/*
 * Has what a path leads to, from a descriptor of the task or its working directory, an owner? 0: no; 1: it may have one, or it cannot be told;
 * -errno: the kernel's of the lookup. For calls that change nothing, of tasks whose "self" in a procfs is not ours.
 */
int lookup_path(const struct task *t, int t_dirfd, const char *path, bool follow) MUST_CHECK;

/* Is the object of this descriptor of the task root's for the kernel, and nothing recorded of it? False: no, or it cannot be told. */
bool lookup_is_roots(const struct task *t, int t_fd) MUST_CHECK;

#endif
