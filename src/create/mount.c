/* SPDX-License-Identifier: Apache-2.0 */
#include "create/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cred/as_caller.h"
#include "decode/mount.h"
#include "object/object.h"
#include "object/terminal.h"
#include "proc/task.h"

static int set_flag(int context, const char *key)
{
	return fsconfig(context, FSCONFIG_SET_FLAG, key, NULL, 0) < 0 ? -errno : 0;
}

static int set_string(int context, const char *key, const char *value)
{
	return fsconfig(context, FSCONFIG_SET_STRING, key, value, 0) < 0 ? -errno : 0;
}

/* One of mount(2); in the place of an id that is not mapped, that of ours. */
static int set_option(int context, const struct mount_option *option)
{
	struct owner self = object_self(), unmapped;
	char text[MOUNT_ID_TEXT];

	if (!option->value)
		return set_flag(context, option->key);
	if (!mount_option_is_unmapped(option, self, &unmapped))
		return set_string(context, option->key, option->value);
	mount_id_text(strcmp(option->key, "uid") == 0 ? self.cuid : self.cgid, text);
	return set_string(context, option->key, text);
}

static int configure(int context, const struct new_mount *new)
{
	int r = new->source ? set_string(context, "source", new->source) : 0;
	char copy[MOUNT_DATA_MAX], *rest = copy;
	struct mount_option option;
	const char *flag;

	for (size_t i = 0; r == 0 && (flag = mount_flag_option(new->flags, i)); i++)
		r = *flag ? set_flag(context, flag) : 0;
	memcpy(copy, new->options, strlen(new->options) + 1);
	while (r == 0 && mount_option_next(&rest, new->type->joins_digits, &option))
		r = set_option(context, &option);
	if (r == 0 && fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		r = -errno;
	return r;
}

/* What was asked for, on a mount that nobody can see yet. Other file systems than these have no owner by which an id could be told. */
static int record(int mount, struct owner asked, struct owner owner)
{
	const struct owner none = { OWNER_NONE, OWNER_NONE };
	struct owner host;
	struct statfs fs;
	struct statx stx;
	int r = object_stat(mount, &stx);

	if (r < 0 || fstatfs(mount, &fs) < 0)
		return r < 0 ? r : -errno;
	if (fs.f_type == DEVPTS_SUPER_MAGIC)
		return terminal_defaults_set(mount, asked);
	if (fs.f_type != TMPFS_MAGIC)
		return 0;
	host = object_host_owner(&stx);
	asked = owner_merge(none, owner_shown(asked, owner), host);
	return owner_is_none(asked) ? 0 : object_record_set(mount, &stx, asked);
}

static int reconfigure(int context, const char *flag)
{
	int r = set_flag(context, flag);

	return r == 0 && fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0 ? -errno : r;
}

/* The same where the file system may be read-only. */
static int record_surely(int context, int mount, struct owner asked, struct owner owner)
{
	int r = record(mount, asked, owner), again;

	if (r != -EROFS)
		return r;
	r = reconfigure(context, "rw");
	if (r < 0)
		return r;
	r = record(mount, asked, owner);
	again = reconfigure(context, "ro");
	return r < 0 ? r : again;
}

/* Linux 5.12; before, the file system becomes so, not the mount alone. */
static int make_readonly(int context, int mount)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

	if (mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) == 0)
		return 0;
	return errno == ENOSYS ? reconfigure(context, "ro") : -errno;
}

/* fsmount(2) with the caller's capabilities. */
static int mount_as_caller(const struct task *t, int context, uint32_t flags, uint32_t attributes)
{
	int r = as_caller_drop_capabilities(t), fd = -1;

	if (r == 0) {
		fd = fsmount(context, flags, attributes);
		r = fd < 0 ? -errno : 0;
	}
	as_caller_resume_capabilities();
	return r < 0 ? r : fd;
}

/* A mount with its owners that is attached nowhere; in the caller's mount namespace. */
static int make(const struct task *t, int context, uint32_t flags, uint32_t attributes, struct owner asked, struct owner owner)
{
	auto_fd mount = mount_as_caller(t, context, flags | FSMOUNT_CLOEXEC, attributes & ~(uint32_t)MOUNT_ATTR_RDONLY);
	int r = mount < 0 ? mount : record_surely(context, mount, asked, owner);

	if (r == 0 && attributes & MOUNT_ATTR_RDONLY)
		r = make_readonly(context, mount);
	return r < 0 ? r : steal_fd(&mount);
}

/* As mount(2) says it; move_mount(2) says EINVAL. */
static int check_target(int target)
{
	struct stat st;

	return fstat(target, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int configure_as_caller(const struct task *t, const struct new_mount *new)
{
	int r = as_caller_drop_capabilities(t);
	auto_fd context = -1;

	if (r == 0) {
		context = fsopen(new->type->name, FSOPEN_CLOEXEC);
		r = context < 0 ? -errno : configure(context, new);
	}
	as_caller_resume_capabilities();
	return r < 0 ? r : steal_fd(&context);
}

static int move_as_caller(const struct task *t, int mount, int target, uint32_t flags)
{
	int r = as_caller_drop_capabilities(t);

	if (r == 0)
		r = task_confirm(t);
	if (r == 0 && move_mount(mount, "", target, "", flags | MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		r = -errno;
	as_caller_resume_capabilities();
	return r;
}

int mount_move(const struct task *t, int mount, int target, uint32_t flags)
{
	int r = as_caller_enter_mounts(t);

	if (r < 0)
		return r;
	r = move_as_caller(t, mount, target, flags & ~(uint32_t)(MOVE_MOUNT_T_SYMLINKS | MOVE_MOUNT_T_AUTOMOUNTS));
	as_caller_leave_mounts();
	return r;
}

int mount_new(const struct task *t, const struct new_mount *new, struct owner owner, int target)
{
	int r = as_caller_enter_mounts(t);
	auto_fd context = -1, mount = -1;

	if (r < 0)
		return r;
	context = configure_as_caller(t, new);
	r = context;
	if (r >= 0)
		r = mount = make(t, context, 0, mount_attributes(new->flags), new->asked, owner);
	if (r >= 0)
		r = check_target(target);
	if (r == 0)
		r = move_as_caller(t, mount, target, 0);
	as_caller_leave_mounts();
	return r;
}

int mount_detached(const struct task *t, int context, uint32_t flags, uint32_t attributes, struct owner asked, struct owner owner)
{
	int r = as_caller_enter_mounts(t), mount;

	if (r < 0)
		return r;
	mount = make(t, context, flags, attributes, asked, owner);
	as_caller_leave_mounts();
	return mount;
}
