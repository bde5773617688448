/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/create.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/limits.h"
#include "decode/request.h"
#include "kernel/birth.h"
#include "kernel/borrow.h"
#include "kernel/enter.h"
#include "kernel/inode.h"
#include "kernel/lock.h"
#include "kernel/nodes.h"
#include "kernel/notif.h"
#include "kernel/resolve.h"
#include "kernel/task.h"
#include "kernel/walk.h"
#include "reply/verdict.h"
#include "rule/device.h"
#include "rule/newfile.h"

/* One call. */
struct creation {
	const struct task *t;
	const struct request *req;
	const struct cred *actor;
	uint32_t type;            /* S_IFMT bits of what it makes */
	struct device device;     /* that it shall stand for */
	int socket;               /* a duplicate of what is to be bound, or -1 */
	int dir;                  /* where, opened with O_PATH */
	struct statx at;          /* what that is */
	struct newfile_path path; /* the name there */
	struct owner owner;
	uint32_t mode;
	int64_t began;
	bool resumed;             /* a worker that has died had begun to make this very object */
};

static bool opens(const struct request *req)
{
	return req->open_flags != 0;
}

static bool binds(const struct request *req)
{
	return row_has_arg(req->row, ADDRESS) || req->socket_call == SYS_BIND;
}

static bool is_nameless(const struct request *req)
{
	return req->open_flags & OPEN_TMPFILE;
}

static struct device device_of(const struct request *req)
{
	return row_has_arg(req->row, VALUE) ? device_of_mknod(req->mode, (uint32_t)req->values[0]) : (struct device){ 0 };
}

/* Not a whiteout of overlayfs, WHITEOUT_DEV of the kernel, which everybody may make. */
bool create_is_device(const struct request *req)
{
	struct device device = device_of(req);

	return !device_is_none(&device) && !(S_ISCHR(device.type) && device.major == 0 && device.minor == 0);
}

static uint32_t type_of(const struct request *req)
{
	if (opens(req))
		return S_IFREG;
	if (binds(req))
		return S_IFSOCK;
	if (row_has_arg(req->row, TARGET))
		return S_IFLNK;
	if (!row_has_arg(req->row, VALUE))
		return S_IFDIR;
	return req->mode & S_IFMT && !create_is_device(req) ? req->mode & S_IFMT : S_IFREG;
}

bool create_is_possible(const struct request *req)
{
	uint32_t type = type_of(req);
	struct newfile_path split;

	if (is_nameless(req))
		return req->path[0];
	/* mknod(2) makes neither of them, and says so before it looks for the name */
	if (row_has_arg(req->row, VALUE) && (type == S_IFDIR || type == S_IFLNK))
		return false;
	if (!newfile_split(req->path, &split) || (split.slash && type != S_IFDIR))
		return false;
	/* of devices, a whiteout alone is made as what it is */
	return type == S_IFREG || type == S_IFLNK || type == S_IFIFO || type == S_IFSOCK || type == S_IFDIR || type == S_IFCHR;
}

bool create_probe(const struct task *t, const struct request *req, struct verdict *v)
{
	bool finds = opens(req) && !(req->open_flags & O_EXCL), follow = !(req->open_flags & O_NOFOLLOW);
	struct newfile_path split;
	int r = -ENOENT;

	if (t->roots_differ || t->sees_us || req->open_resolve)
		return true;
	if (is_nameless(req)) {
		r = resolve_look(t, req->t_dirfd, req->path, follow);
	} else if (newfile_split(req->path, &split)) {
		if (finds)
			r = resolve_look(t, req->t_dirfd, req->path, follow);
		if (finds && r > 0)
			return true; /* it may be a device's */
		if (finds && r != -ENOENT) {
			verdict_continue(v, r < 0 ? WHY_kernel_refuses : WHY_exists);
			return false;
		}
		r = resolve_look(t, req->t_dirfd, split.directory, true);
		if (r == 0 && finds && follow && resolve_may_be_symlink(t, req->t_dirfd, req->path))
			return true;
	}
	/* what is missing may be the caller's "self" in a procfs */
	if (r > 0 || r == -ENOENT)
		return true;
	verdict_continue(v, r < 0 ? WHY_kernel_refuses : WHY_kernels_owner);
	return false;
}

/* As the kernel gives it to a new object there. */
static struct owner host_owner(const struct creation *c)
{
	return (struct owner){ geteuid(), c->at.stx_mode & S_ISGID ? c->at.stx_gid : getegid() };
}

/*
 * Goes to the directory with this path, from a descriptor of ours or with -1 from the task's, and finds out whose the new object will be.
 * False: v says what to answer.
 */
static bool go(struct creation *c, int start, const char *path, struct verdict *v)
{
	const struct owner none = { OWNER_NONE, OWNER_NONE };
	struct owner shown, record = none;
	int fd = resolve_directory(c->t, start, c->req->t_dirfd, path, c->req->open_resolve);
	int r = fd < 0 ? fd : inode_stat(fd, &c->at);

	replace_fd(&c->dir, fd);
	if (r == 0)
		r = inode_record_get(fd, &c->at, &record);
	if (r == 0)
		r = task_confirm(c->t);
	if (r == WALK_FOREIGN) {
		verdict_continue(v, WHY_foreign_link);
	} else if (r < 0 && c->req->open_resolve) {
		verdict_continue(v, WHY_kernel_refuses);
	} else if (r < 0) {
		verdict_errno(v, WHY_path, r);
	} else {
		shown = owner_shown(record, inode_host_owner(&c->at));
		c->owner = newfile_owner(c->actor, shown, c->at.stx_mode);
		c->mode = newfile_mode(c->actor, shown, c->at.stx_mode, c->req->mode);
		if (!owner_is_none(owner_merge(none, c->owner, host_owner(c))) || !device_is_none(&c->device))
			return true;
		verdict_continue(v, WHY_kernels_owner);
	}
	return false;
}

/* 0 or -errno. A thread of ours has an umask of its own. */
static int take_umask(const struct task *t)
{
	static _Thread_local int taken = -1;
	int mask = task_umask(t);

	if (mask >= 0 && mask != taken)
		umask((mode_t)mask);
	if (mask >= 0)
		taken = mask;
	return mask < 0 ? mask : 0;
}

static int open_at(const struct creation *c, uint64_t flags, uint32_t mode)
{
	const char *name = is_nameless(c->req) ? "." : c->path.name;
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = mode & 07777, .resolve = c->req->open_resolve };
	int fd = (int)syscall(SYS_openat2, c->dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static bool is_same(int fd, int other)
{
	struct statx a, b;

	return inode_stat(fd, &a) == 0 && inode_stat(other, &b) == 0 && a.stx_ino == b.stx_ino && birth_device(&a) == birth_device(&b);
}

/*
 * bind(2) by the text that the caller gave, which the socket's address then is; or where that does not lead there for us, as through "self" in
 * a procfs, by the name in the directory.
 */
static int bind_here(const struct creation *c)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	auto_fd there = (int)syscall(SYS_openat2, AT_FDCWD, c->path.directory[0] ? c->path.directory : ".", &how, sizeof(how));
	const char *text = there >= 0 && is_same(there, c->dir) ? c->req->path : c->path.name;
	size_t n = strlen(text);
	int r = text == c->path.name ? enter_directory(c->dir) : 0;

	if (r < 0)
		return r;
	memcpy(address.sun_path, text, n);
	r = enter_assume_capabilities(c->t);
	if (r == 0 && bind(c->socket, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		r = -errno;
	enter_resume_capabilities();
	return r;
}

/* The same in the caller's root and working directory. */
static int bind_socket(const struct creation *c)
{
	auto_fd cwd = task_open(c->t, AT_FDCWD);
	int swapped = cwd < 0 ? cwd : enter_task_root(c->t);
	int r = swapped;

	if (r >= 0) {
		r = enter_directory(cwd);
		if (r == 0)
			r = bind_here(c);
		enter_leave_directory();
	}
	if (swapped > 0)
		enter_leave_root();
	return r;
}

/* The call itself: 0, a descriptor of a file, or -errno. */
static int call(const struct creation *c)
{
	uint64_t only_new = is_nameless(c->req) ? 0 : O_EXCL;
	int r = binds(c->req) ? bind_socket(c) : enter_assume_capabilities(c->t);

	if (r < 0 || binds(c->req))
		return r;
	if (opens(c->req))
		r = open_at(c, c->req->open_flags | only_new, c->mode);
	else if (c->type == S_IFLNK)
		r = symlinkat(c->req->target, c->dir, c->path.name) < 0 ? -errno : 0;
	else if (c->type == S_IFDIR)
		r = mkdirat(c->dir, c->path.name, (mode_t)c->mode) < 0 ? -errno : 0;
	else
		r = mknodat(c->dir, c->path.name, (mode_t)(c->type | (c->mode & 07777)), 0) < 0 ? -errno : 0;
	enter_resume_capabilities();
	return r;
}

/* Can it be what was made: of that type, ours for the kernel, not there before? */
static bool is_it(const struct creation *c, const struct statx *stx)
{
	const struct statx_timestamp *born = stx->stx_mask & STATX_BTIME ? &stx->stx_btime : &stx->stx_ctime;

	return (stx->stx_mode & S_IFMT) == c->type && stx->stx_uid == geteuid() &&
	       born->tv_sec * 1000000000 + born->tv_nsec >= c->began;
}

/* An O_PATH descriptor of what was made, found by its name, or -ENOENT. */
static int find(const struct creation *c)
{
	auto_fd fd = open_at(&(struct creation){ .dir = c->dir, .path = c->path, .req = c->req }, O_PATH | O_NOFOLLOW, 0);
	struct statx stx;

	return fd >= 0 && inode_stat(fd, &stx) == 0 && is_it(c, &stx) ? steal_fd(&fd) : -ENOENT;
}

/* Records the owner, if nobody has changed it since the object could be seen. 0 or -errno. */
static int record(const struct creation *c, int fd)
{
	struct owner old, new;
	struct statx stx;
	unsigned int lock;
	int r = inode_stat(fd, &stx);

	if (r < 0)
		return r;
	lock = lock_take(&stx);
	r = inode_record_get(fd, &stx, &old);
	new = owner_is_none(old) ? owner_merge(old, c->owner, inode_host_owner(&stx)) : old;
	if (r == 0 && !device_is_none(&c->device))
		r = inode_device_set(fd, &stx, &c->device, new);
	else if (r == 0 && owner_is_none(old))
		r = inode_record_set(fd, &stx, new);
	lock_release(lock);
	return r;
}

/* Takes it away again, if it is still there. */
static void undo(const struct creation *c, int fd)
{
	auto_fd there = is_nameless(c->req) ? -1 : find(c);

	if (there >= 0 && is_same(fd, there))
		(void)!unlinkat(c->dir, c->path.name, c->type == S_IFDIR ? AT_REMOVEDIR : 0);
}

/* What a worker that has died made, as call() would have it. */
static int call_again(const struct creation *c, int error)
{
	auto_fd there = find(c);
	auto_fd fd = -1;

	if (there < 0)
		return error;
	if (!opens(c->req))
		return 0;
	fd = open_at(c, (c->req->open_flags & ~(uint64_t)(O_CREAT | O_EXCL | O_TRUNC)) | O_NOFOLLOW, 0);
	return fd >= 0 && is_same(fd, there) ? steal_fd(&fd) : error;
}

/* Makes and records it: 0, the file's descriptor, or -errno. */
static int bear(struct creation *c)
{
	struct intent *intent = c->t->intent, now = { c->t->id, birth_device(&c->at), c->at.stx_ino, birth_clock() };
	unsigned int birth;
	auto_fd made = -1;
	auto_fd fd = -1;
	int r = c->type == S_IFLNK ? 0 : take_umask(c->t);

	if (r < 0)
		return r;
	c->resumed = intent->id == now.id && intent->dev == now.dev && intent->dir == now.dir;
	if (!c->resumed)
		*intent = now;
	c->began = intent->began;
	birth = birth_begin(&c->at);
	r = call(c);
	if (c->resumed && (r == -EEXIST || (binds(c->req) && r == -EINVAL)))
		r = call_again(c, r);
	if (opens(c->req))
		fd = r;
	/* an open may fail after it has made the file: one with O_DIRECT, where that cannot be */
	made = opens(c->req) && r != -EINVAL ? -1 : r == 0 || r == -EINVAL ? find(c) : -1;
	if (fd >= 0 || made >= 0) {
		int error = record(c, fd >= 0 ? fd : made);

		if (error < 0) {
			undo(c, fd >= 0 ? fd : made);
			r = error;
		}
	}
	birth_end(birth);
	return r < 0 || !opens(c->req) ? r : steal_fd(&fd);
}

/* Hands a new file to the caller, which goes on with it. */
static void hand_over(const struct creation *c, int fd, struct verdict *v)
{
	int r = notif_send_fd(c->t->listener, c->t->id, fd, c->req->open_flags & O_CLOEXEC);

	if (r == -EMFILE || r == -ENFILE)
		undo(c, fd);
	if (r < 0)
		return verdict_errno(v, WHY_kernel_refused, r);
	verdict_return(v, r);
	v->sent = true;
}

/*
 * There is something of that name. True: it is a link to follow, whose target is in text. False: v says what to answer.
 */
static bool leads_on(const struct creation *c, char text[static PATH_MAX], struct verdict *v)
{
	bool may_follow = !(c->req->open_flags & (O_EXCL | O_NOFOLLOW)) && opens(c->req);
	ssize_t n;

	if (!may_follow && (!opens(c->req) || c->req->open_flags & O_EXCL)) {
		verdict_errno(v, WHY_kernel_refused, -EEXIST);
		return false;
	}
	n = may_follow ? readlinkat(c->dir, c->path.name, text, PATH_MAX) : -1;
	/* what a link says in a procfs is not where it leads */
	if (n > 0 && n < PATH_MAX && !c->req->open_resolve && !inode_is_procfs(c->dir)) {
		text[n] = '\0';
		return true;
	}
	verdict_continue(v, WHY_exists);
	return false;
}

static void make(struct creation *c, struct verdict *v)
{
	char text[PATH_MAX];
	bool goes = is_nameless(c->req) ? go(c, -1, c->req->path, v) :
		    newfile_split(c->req->path, &c->path) && go(c, -1, c->path.directory, v);

	for (int links = 0; goes && links <= LIMIT_SYMLINKS; links++) {
		int r = bear(c);

		if (r >= 0 && opens(c->req)) {
			auto_fd fd = r;

			return hand_over(c, fd, v);
		}
		if (r == 0)
			return verdict_return(v, 0);
		if (r != -EEXIST)
			return verdict_errno(v, WHY_kernel_refused, r);
		if (!leads_on(c, text, v))
			return;
		if (!newfile_split(text, &c->path) || c->path.slash)
			return verdict_continue(v, WHY_kernel_refuses);
		if (c->path.directory[0])
			goes = go(c, c->path.directory[0] == '/' ? -1 : c->dir, c->path.directory, v);
		if (goes && links == LIMIT_SYMLINKS)
			verdict_errno(v, WHY_path, -ELOOP);
	}
}

void create_make(const struct task *t, const struct request *req, const struct cred *actor, struct verdict *v)
{
	struct creation c = { .t = t, .req = req, .actor = actor, .type = type_of(req), .dir = -1 };
	auto_fd socket = binds(req) ? borrow_surely(t, req->t_socket) : -1;

	if (create_is_device(req))
		c.device = device_of(req);
	if (opens(req) && !is_nameless(req) && !(req->open_flags & O_EXCL) && nodes_open_existing(t, req, v))
		return;
	c.socket = socket;
	if (binds(req) && socket < 0)
		return verdict_continue(v, WHY_kernel_refuses);
	make(&c, v);
	cleanup_fd(&c.dir);
}
