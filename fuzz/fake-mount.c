/* SPDX-License-Identifier: Apache-2.0 */
/* File systems and terminals, of which the worker's target sees for whom something is done, and when; what is done, tests/likeroot compares with the kernel. */
#include "fake-mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "base/util.h"
#include "create/fs_context.h"
#include "create/mount.h"
#include "cred/as_caller.h"
#include "fake-kernel.h"
#include "fuzz.h"
#include "object/terminal.h"
#include "proc/task.h"
#include "proc/task_fd.h"

unsigned int fake_mounts;
int fake_mounted_at;
struct owner fake_asked, fake_mount_owner;
bool fake_context_noted;
struct owner fake_context_owner;

int __wrap_openat(int fd, const char *path, int flags, ...);
int __real_openat(int fd, const char *path, int flags, ...);

void fake_mounts_start(void)
{
	fake_context_noted = false;
}

int __wrap_openat(int fd, const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	if (fd < FAKE_FIRST_FD)
		return __real_openat(fd, path, flags, mode);
	/* the root of what it has just made, and nothing else */
	CHECK(fake_object_of(fd) == FAKE_MOUNT && strcmp(path, ".") == 0 && flags == (O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	return fake_open(FAKE_MOUNT);
}

int task_fd_dup_surely(const struct task *t, int t_fd)
{
	return task_fd_dup(t, t_fd < 0 ? -1 : t_fd);
}

/* The kernel hands over what it is given, and the call has its answer: that of SEND would be one too many. */
int task_answer_fd(const struct task *t, int fd, bool cloexec)
{
	(void)cloexec;
	fake_check_task(t);
	CHECK(fake_object_of(fd) == FAKE_MOUNT && fake.effects > 0);
	return -EMFILE;
}

bool as_caller_is_guest(void)
{
	return false;
}

static void mounted(int at, struct owner asked, struct owner owner)
{
	fake_act();
	fake_mounts++;
	fake_mounted_at = at;
	fake_asked = asked;
	fake_mount_owner = owner;
}

int mount_new(const struct task *t, const struct new_mount *new, struct owner owner, int target)
{
	fake_check_task(t);
	CHECK(strlen(new->options) < 4096 && !fake.assumed && !fake.in_root);
	fake_check_change(target);
	mounted(fake_object_of(target), new->asked, owner);
	return 0;
}

int mount_detached(const struct task *t, int context, uint32_t flags, uint32_t attributes, struct owner asked, struct owner owner)
{
	(void)flags;
	(void)attributes;
	fake_check_task(t);
	CHECK(fake_object_of(context) == FAKE_CONTEXT);
	mounted(0, asked, owner);
	return fake_open(FAKE_MOUNT);
}

int mount_move(const struct task *t, int mount, int target, uint32_t flags)
{
	(void)flags;
	fake_check_task(t);
	CHECK(fake_object_of(mount) == FAKE_MOUNT);
	fake_check_change(target);
	mounted(fake_object_of(target), (struct owner){ OWNER_NONE, OWNER_NONE }, (struct owner){ OWNER_NONE, OWNER_NONE });
	return 0;
}

bool fs_context_is(int fd)
{
	return fake_object_of(fd) == FAKE_CONTEXT;
}

int fs_context_set(int context, const char *key, const char *text, const char *mapped, struct owner owner, bool guest)
{
	CHECK(fake_object_of(context) == FAKE_CONTEXT && (strcmp(key, "uid") == 0 || strcmp(key, "gid") == 0) && text[0]);
	CHECK(strcmp(mapped, "0") == 0 && !guest);
	fake_act();
	fake_context_owner = owner_shown(owner, fake_context_noted ? fake_context_owner : (struct owner){ OWNER_NONE, OWNER_NONE });
	fake_context_noted = true;
	return 0;
}

bool fs_context_find(int context, struct owner *owner)
{
	CHECK(fake_object_of(context) == FAKE_CONTEXT);
	*owner = fake_context_owner;
	return fake_context_noted;
}

void fs_context_mounted(int context, int mount)
{
	auto_fd taken = mount;

	CHECK(fs_context_is(context) && fake_object_of(taken) == FAKE_MOUNT);
	fake_context_noted = false;
}

int fs_context_dup_mount(int fd)
{
	return fake_object_of(fd) == FAKE_MOUNT ? fake_open(FAKE_MOUNT) : -ENOENT;
}

void fs_context_forget_mount(int fd)
{
	CHECK(fake_object_of(fd) == FAKE_MOUNT);
}

int terminal_open_new(int ptmx)
{
	return fake_object_of(ptmx) == FAKE_PTMX ? fake_open(FAKE_TERMINAL) : -ENOTTY;
}

int terminal_defaults_get(int terminal, struct owner *owner)
{
	CHECK(fake_object_of(terminal) == FAKE_TERMINAL);
	*owner = (struct owner){ OWNER_NONE, 5 };
	return 0;
}
