/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts file systems for a task, in its mount namespace and with its capabilities, so that the kernel decides whether it may: see as_caller_enter_mounts().
 * The file system is complete, with its owners, before it can be seen.
 */
#ifndef CREATE_MOUNT_H
#define CREATE_MOUNT_H

#include "base/util.h"
#include "rule/mount.h"

struct task;

struct new_mount {
	const struct mount_type *type;
	const char *source;  /* or NULL */
	const char *options; /* shorter than MOUNT_DATA_MAX */
	uint64_t flags;      /* MS_* */
	struct owner asked;  /* the ids in options; see mount_asks() */
};

/* At the object of an O_PATH descriptor, as mount(2) would. owner: of what is asked for no other ids. 0 or -errno. */
int mount_new(const struct task *t, const struct new_mount *new, struct owner owner, int target) MUST_CHECK;

/* fsmount(2) of what the descriptor has configured, with owners as above: a descriptor or -errno. */
int mount_detached(const struct task *t, int context, uint32_t flags, uint32_t attributes, struct owner asked, struct owner owner) MUST_CHECK;

/* move_mount(2) of a mount to the object of an O_PATH descriptor. flags: as that takes them, how the paths are looked up excepted. 0 or -errno. */
int mount_move(const struct task *t, int mount, int target, uint32_t flags) MUST_CHECK;

#endif
