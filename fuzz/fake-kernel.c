/* SPDX-License-Identifier: Apache-2.0 */
#include "fake-kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/log.h"
#include "cred/credentials.h"
#include "cred/as_caller.h"
#include "cred/enter.h"
#include "decode/request.h"
#include "decode/tmem.h"
#include "fuzz.h"
#include "object/lock.h"
#include "object/owner_store.h"
#include "path/walk.h"
#include "proc/task.h"
#include "proc/task_fd.h"
#include "reply/verdict.h"
#include "seccomp/notif.h"

struct fake fake;

int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_ioctl(int fd, unsigned long request, ...);
void __wrap_log_line(enum log_level level, const char *format, ...) PRINTF(2, 3);

int fake_fails(enum failure kind, const int *errors, size_t n)
{
	unsigned int use = fake.uses[kind]++;

	fake.confirmed_just_now = false;
	if (fake.hinted && kind != FAIL_send) {
		fake.noted = true;
		*fake.isolation |= ROOTS_MAY_DIFFER | USERNS_MAY_DIFFER;
	}
	for (size_t i = 0; i < fake.failing; i++) {
		if (fake.failures[i][0] % FAILURES != kind || (fake.failures[i][1] & 15) != use)
			continue;
		fake.failed = true;
		return errors[(size_t)(fake.failures[i][1] >> 4) % n];
	}
	return 0;
}

void fake_look(void)
{
	fake.confirmed = false;
	CHECK(fake.locked < 0);
}

void fake_act(void)
{
	CHECK(!fake.dead && fake.confirmed && fake.sent == 0);
	fake.effects++;
}

void fake_end(void)
{
	CHECK(!fake.assumed && !fake.in_root && fake.locked < 0 && fake.open == 0 && !fake.limited);
}

void fake_check_task(const struct task *t)
{
	CHECK(t->listener == FAKE_LISTENER && t->id == fake.notif->id && t->tid == (pid_t)fake.notif->pid);
}

/* The listener: notif.c is the real one. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	const struct seccomp_notif_resp *response;
	va_list ap;
	void *argument;
	int r;

	va_start(ap, request);
	argument = va_arg(ap, void *);
	va_end(ap);
	if (fd != FAKE_LISTENER)
		return __real_ioctl(fd, request, argument);
	if (request == SECCOMP_IOCTL_NOTIF_ID_VALID) {
		CHECK(*(uint64_t *)argument == fake.notif->id && fake.sent == 0);
		r = fake.dead || fake.gone ? -ENOENT : FAKE_FAILS(confirm, -ENOENT, -EINTR);
		fake.dead |= r == -ENOENT;
		fake.limited &= r != 0;
		fake.confirmed = fake.confirmed_just_now = r == 0;
	} else {
		response = argument;
		CHECK(request == SECCOMP_IOCTL_NOTIF_SEND && response->id == fake.notif->id && fake.delivered == 0);
		/* what was not carried out did not succeed */
		CHECK(!fake.dead || response->flags || response->error);
		fake_end();
		fake.sent++;
		r = fake.dead || fake.gone ? -ENOENT : FAKE_FAILS(send, -ENOENT, -EINTR);
		fake.dead |= r == -ENOENT;
		fake.delivered += r == 0;
		fake.response = *response;
		if (r == -EINTR)
			fake.sent = 0; /* it is still pending */
	}
	errno = -r;
	return r ? -1 : 0;
}

int task_confirm(const struct task *t)
{
	fake_check_task(t);
	return notif_id_valid(t->listener, t->id);
}

void task_name(const struct task *t, int t_dirfd, char name[static TASK_NAME_MAX])
{
	fake_check_task(t);
	fake_look();
	if (t_dirfd == AT_FDCWD)
		snprintf(name, TASK_NAME_MAX, "%d/cwd", t->tid);
	else
		snprintf(name, TASK_NAME_MAX, "%d/fd/%d", t->tid, t_dirfd);
}

/* Any directory will do: what is opened from there is told apart by how. */
int task_open_root(const struct task *t)
{
	int r;

	fake_check_task(t);
	fake_look();
	r = FAKE_FAILS(task_open, -ENOENT, -EMFILE, -EINTR, -ESRCH, -ENOMEM);
	return r ? r : fake_open(FAKE_CWD);
}

int task_open(const struct task *t, int t_dirfd)
{
	int object = fake_dirfd(t_dirfd), r;

	fake_check_task(t);
	fake_look();
	r = FAKE_FAILS(task_open, -EBADF, -ENOENT, -EMFILE, -EINTR, -ESRCH, -ENOMEM);
	return r ? r : object < 0 ? object : fake_open(object);
}

bool task_fd_is_path(const struct task *t, int t_fd)
{
	fake_check_task(t);
	fake_look();
	return fake.path_fds && t_fd != AT_FDCWD;
}

bool task_is_nested(const struct task *t)
{
	fake_check_task(t);
	CHECK(!fake.nested || t->isolation & USERNS_MAY_DIFFER);
	if (t->isolation & USERNS_MAY_DIFFER)
		fake_look();
	fake.said_nested |= fake.nested;
	return fake.nested;
}

int task_fd_dup(const struct task *t, int t_fd)
{
	int object = fake_dirfd(t_fd), r;

	fake_check_task(t);
	fake_look();
	CHECK(t_fd != AT_FDCWD);
	r = FAKE_FAILS(borrow, -EAGAIN, -ENOSYS, -EPERM, -ESRCH, -ENOENT);
	fake.borrowed = true;
	return r ? r : object < 0 ? object : fake_open(object);
}

void task_comm(const struct task *t, char comm[static 17])
{
	fake_check_task(t);
	for (size_t i = 0; i < 16; i++)
		comm[i] = i < fake.size ? (char)fake.memory[i] : '\0';
	comm[16] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
}

int task_write(const struct task *t, const struct verdict *v)
{
	size_t n = 0;
	int r;

	fake_check_task(t);
	fake_act();
	CHECK(fake.confirmed_just_now && fake.locked < 0 && !fake.assumed && !fake.in_root && fake.writes == 0);
	CHECK(v->length > 0 && v->length <= sizeof(fake.bytes) && v->n_places <= ARRAY_SIZE(fake.written_at));
	r = FAKE_FAILS(write, -EFAULT, -ESRCH, -EPERM);
	fake.writes++;
	fake.places = v->n_places;
	for (size_t i = 0; i < v->n_places; n += v->places[i++].length)
		fake.written_at[i] = v->places[i].t_addr;
	CHECK(n == v->length);
	fake.written = n;
	memcpy(fake.bytes, v->bytes, n);
	return r;
}

/* Is this the first read of what an argument points to, or its continuation? */
static bool is_first(uint64_t t_addr)
{
	bool narrow = fake.notif->data.arch == 0x40000003;

	if (t_addr == fake.read_on)
		return true;
	for (int i = 0; i < 6; i++) {
		uint64_t arg = fake.notif->data.args[i];

		if ((narrow ? (uint32_t)arg : arg) != t_addr || fake.read & 1U << i)
			continue;
		fake.read |= 1U << i;
		return true;
	}
	/* one that stands in the arguments of socketcall(2), or of setxattrat(2) */
	if ((!narrow || fake.notif->data.nr != 102) && (fake.notif->data.nr & ~0x40000000) != 463)
		return false;
	if (fake.read & 1U << 6)
		return false;
	fake.read |= 1U << 6;
	return true;
}

ssize_t tmem_read_some(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	bool first = is_first(t_addr);
	size_t at = (size_t)(t_addr - FAKE_MEMORY), size;
	int r;

	fake_check_task(t);
	fake_look();
	CHECK(first && !fake.assumed && !fake.in_root);
	r = FAKE_FAILS(read, -EFAULT, -EPERM, -ESRCH, 1);
	fake.unread |= r < 0;
	fake.said_unreadable |= r == -EPERM;
	if (r < 0 || t_addr < FAKE_MEMORY || at >= fake.size)
		return r < 0 ? r : -EFAULT;
	size = n < fake.size - at ? n : fake.size - at;
	if (r == 1)
		size = 1;
	/* the container changes it behind each look */
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buf)[i] = fake.memory[at + i] ^ (first ? 0 : 3);
	fake.read_on = t_addr + size;
	return (ssize_t)size;
}

int enter_is_visible(const struct task *t, bool settled)
{
	(void)settled;
	fake_check_task(t);
	fake_look();
	return fake.worker_visible;
}

bool as_caller_root_differs(const struct task *t)
{
	fake_check_task(t);
	fake_look();
	return fake.other_root || FAKE_FAILS(root, 1);
}

int as_caller_enter_root(const struct task *t)
{
	int r;

	fake_check_task(t);
	fake_look();
	CHECK(!fake.in_root && !fake.assumed);
	r = FAKE_FAILS(root, -ENOENT, -EPERM, -EINTR, -EMFILE);
	if (r)
		return r;
	fake.in_root = fake.other_root;
	return fake.other_root;
}

void as_caller_leave_root(void)
{
	CHECK(fake.in_root && !fake.assumed && fake.locked < 0);
	fake.in_root = false;
}

int as_caller_drop_file_capabilities(const struct task *t)
{
	uint64_t effective;
	int r;

	CHECK(!fake.assumed);
	r = credentials_effective(t, &effective);
	if (r == 0)
		r = FAKE_FAILS(capset, -EPERM, -ENOMEM);
	fake.assumed = r == 0;
	return r;
}

void as_caller_resume_capabilities(void)
{
	fake.assumed = false;
}

unsigned int lock_take(const struct statx *stx)
{
	CHECK(fake.locked < 0 && !fake.assumed && !fake.in_root);
	fake.locked = (int)stx->stx_ino;
	return (unsigned int)stx->stx_ino;
}

void lock_release(unsigned int lock)
{
	CHECK(fake.locked == (int)lock && !fake.assumed);
	fake.locked = -1;
}

int walk_open(const struct task *t, int start, const char *path, bool follow)
{
	int object = start < FAKE_FIRST_FD ? FAKE_CWD : fake.opened[start - FAKE_FIRST_FD], r;

	fake_check_task(t);
	fake_look();
	CHECK(fake.assumed && (path[0] == '/' || start >= FAKE_FIRST_FD));
	r = FAKE_FAILS(walk, WALK_FOREIGN, -EACCES, -ELOOP, -ENOENT, -EINTR);
	fake.said_foreign |= r == WALK_FOREIGN;
	if (r == 0)
		r = fake_find(object, path, follow, fake.in_root);
	return r < 0 ? r : fake_open(r);
}

/* Lines for a log hold the container's bytes, but no more than one line. */
void __wrap_log_line(enum log_level level, const char *format, ...)
{
	char line[2048];
	va_list ap;

	(void)level;
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	for (const char *p = line; *p; p++)
		CHECK(*p >= ' ' && *p <= '~');
	fake.lines++;
}

bool owner_store_in_use(void)
{
	for (int i = 0; i < OBJECTS; i++)
		if (disk.recorded[i])
			return true;
	return disk.others;
}

static int object_of(const struct record_key *key)
{
	struct statx stx;
	int object = (int)(key->ino - 100);

	CHECK(key->ino >= 100 && key->ino < 100 + OBJECTS);
	fake_fill(object, &stx);
	if (stx.stx_mask & STATX_BTIME)
		CHECK(key->fs == (fake_has_fsid(object) ? FAKE_FSID : (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor));
	else /* of this container alone */
		CHECK(key->fs != FAKE_FSID && key->fs >> 44 != 0);
	CHECK(key->born == (stx.stx_mask & STATX_BTIME ? (uint64_t)stx.stx_btime.tv_sec * 1000000000U + stx.stx_btime.tv_nsec : 0));
	return object;
}

bool owner_store_may_know(uint64_t ino, uint64_t born)
{
	(void)born;
	CHECK(ino >= 100 && ino < 100 + OBJECTS);
	return disk.recorded[ino - 100] || disk.others;
}

int owner_store_find(int fd, const struct record_key *key, struct owner *owner)
{
	int object = object_of(key), r = FAKE_FAILS(owner_store_find, -EAGAIN);

	CHECK(fake_object_of(fd) == object);
	fake.record_unread |= r < 0;
	if (r == 0 && disk.recorded[object])
		*owner = disk.records[object];
	return r ? r : disk.recorded[object];
}

int owner_store_set(int fd, const struct record *record)
{
	int object = object_of(&record->key), r;

	fake_act();
	CHECK(fake.locked == (int)record->key.ino && !fake.assumed && fake_object_of(fd) == object);
	CHECK(record->flags == (RECORD_WATCHED | (fake_objects[object].procfs ? 0 : fake_lasts(object) ? RECORD_SOLE : RECORD_UNTIL_BOOT)));
	r = FAKE_FAILS(owner_store_set, -ENOSPC, -EIO);
	if (r == 0) {
		disk.recorded[object] = !owner_is_none(record->owner);
		disk.records[object] = record->owner;
	}
	return r;
}
