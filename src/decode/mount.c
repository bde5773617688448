/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/mount.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "base/reason.h"
#include "decode/tmem.h"

/* A string of fsconfig(2), with its NUL. */
#define FS_STRING_MAX 256

_Static_assert(sizeof(((struct request *)0)->name) >= FS_STRING_MAX, "a key has room");

/* Flags with which path_mount() of the kernel makes a new mount, and which new_attributes() of rule/mount.c knows. */
#define MS_NEW \
	((uint64_t)(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_MANDLOCK | MS_DIRSYNC | 256 /* MS_NOSYMFOLLOW */ | \
		    MS_NOATIME | MS_NODIRATIME | MS_SILENT | MS_RELATIME | MS_STRICTATIME | MS_LAZYTIME))

/* The magic of Linux before 2.4 is ignored. */
static uint64_t flags_without_magic(uint64_t flags)
{
	return (flags & MS_MGC_MSK) == MS_MGC_VAL ? flags & ~(uint64_t)MS_MGC_MSK : flags;
}

/* Of longer ones the kernel takes what is in the first page. */
static int decode_data(const struct task *t, struct request *req, uint64_t t_data)
{
	int r = tmem_read_string(t, t_data, (char *)req->value, MOUNT_DATA_MAX);

	if (r != -ENAMETOOLONG)
		return r < 0 ? r : 0;
	req->value[MOUNT_DATA_MAX - 1] = '\0';
	return 0;
}

static int decode_new(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	int r;

	req->mount_flags = flags_without_magic(req->mount_flags);
	if (req->mount_flags & ~MS_NEW || t_addr[MOUNT_DATA] == 0)
		return REASON_other_option;
	r = tmem_read_string(t, t_addr[FS_TYPE], req->fs_type, sizeof(req->fs_type));
	if (r == -ENAMETOOLONG)
		return REASON_other_option;
	req->has_source = t_addr[SOURCE] != 0;
	if (r >= 0 && req->has_source)
		r = tmem_read_string(t, t_addr[SOURCE], req->target, sizeof(req->target));
	return r < 0 ? r : decode_data(t, req, t_addr[MOUNT_DATA]);
}

static int decode_option(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	int r;

	/* a merged profile sends others, too */
	if (req->option != FSCONFIG_SET_STRING)
		return req->option == FSCONFIG_CMD_RECONFIGURE ? 0 : REASON_other_option;
	if ((uint32_t)req->values[0] != 0)
		return REASON_kernel_refuses;
	r = tmem_read_string(t, t_addr[FS_KEY], req->name, FS_STRING_MAX);
	if (r >= 0 && strcmp(req->name, "uid") != 0 && strcmp(req->name, "gid") != 0)
		return REASON_other_option;
	if (r >= 0)
		r = tmem_read_string(t, t_addr[FS_VALUE], (char *)req->value, FS_STRING_MAX);
	return r < 0 ? r : 0;
}

/* Of what a descriptor alone names. */
static int decode_move(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	uint32_t flags = (uint32_t)req->values[0];
	char byte;
	int r = t_addr[FROM_PATH] ? tmem_read(t, t_addr[FROM_PATH], &byte, 1) : 0;

	if (!(flags & MOVE_MOUNT_F_EMPTY_PATH) || (r == 0 && t_addr[FROM_PATH] && byte != '\0'))
		return REASON_other_option;
	req->follow = flags & MOVE_MOUNT_T_SYMLINKS;
	req->empty_path = flags & MOVE_MOUNT_T_EMPTY_PATH;
	return r;
}

int mount_decode(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	if (row_has_arg(req->row, FS_TYPE))
		return decode_new(t, req, t_addr);
	return row_has_arg(req->row, FS_KEY) ? decode_option(t, req, t_addr) : decode_move(t, req, t_addr);
}
