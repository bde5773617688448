/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes files on behalf of tasks, where the kernel would give them another owner than they have to have: by the directory's descriptor and
 * a name in it. Each is recorded before a look at it is answered; see object/pending.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/groups.h"
#include "base/limits.h"
#include "base/names.h"
#include "create/host_device.h"
#include "create/make.h"
#include "decode/request.h"
#include "handle/handle.h"
#include "object/hidden_xattr.h"
#include "object/object.h"
#include "object/pending.h"
#include "path/lookup.h"
#include "path/resolve.h"
#include "path/walk.h"
#include "proc/task.h"
#include "proc/task_fd.h"
#include "reply/verdict.h"
#include "rule/device.h"
#include "rule/newfile.h"

static bool is_mknod(const struct request *req)
{
	return row_has_arg(req->row, VALUE);
}

static struct device device_of(const struct request *req)
{
	return HAS_DEVICE && is_mknod(req) ? device_of_mknod(req->mode, (uint32_t)req->values[0]) : (struct device){ 0 };
}

/* Not a whiteout of overlayfs, WHITEOUT_DEV of the kernel, which everybody may make. */
bool create_is_device(const struct request *req)
{
	struct device device = device_of(req);

	return !device_is_none(&device) && !(S_ISCHR(device.type) && device.major == 0 && device.minor == 0);
}

static uint32_t type_of(const struct request *req)
{
	if (make_opens(req))
		return S_IFREG;
	if (make_binds(req))
		return S_IFSOCK;
	if (row_has_arg(req->row, TARGET))
		return S_IFLNK;
	if (!is_mknod(req))
		return S_IFDIR;
	return req->mode & S_IFMT && !create_is_device(req) ? req->mode & S_IFMT : S_IFREG;
}

bool create_is_possible(const struct request *req)
{
	uint32_t type = type_of(req);
	struct newfile_path split;

	if (make_is_nameless(req))
		return req->path[0];
	if (!newfile_split(req->path, &split) || (split.slash && type != S_IFDIR))
		return false;
	/* of devices, a whiteout alone is made as what it is */
	return !is_mknod(req) || type == S_IFREG || type == S_IFIFO || type == S_IFSOCK || type == S_IFCHR;
}

bool create_probe(const struct task *t, const struct request *req, struct verdict *v)
{
	bool finds = make_opens(req) && !(req->open_flags & O_EXCL), follow = !(req->open_flags & O_NOFOLLOW);
	struct newfile_path split;
	int r = -ENOENT;

	if (t->worker_visible || req->open_resolve)
		return true;
	if (make_is_nameless(req)) {
		r = lookup_path(t, req->t_dirfd, req->path, follow);
	} else if (newfile_split(req->path, &split)) {
		if (finds)
			r = lookup_path(t, req->t_dirfd, req->path, follow);
		if (finds && r > 0)
			return true; /* it may be a device's */
		if (finds && r != -ENOENT) {
			verdict_continue(v, r < 0 ? REASON_kernel_refuses : REASON_exists);
			return false;
		}
		r = lookup_path(t, req->t_dirfd, split.directory, true);
		if (r == 0 && finds && follow && resolve_may_be_symlink(t, req->t_dirfd, req->path))
			return true;
	}
	/* what is missing may be the caller's "self" in a procfs */
	if (r > 0 || r == -ENOENT)
		return true;
	verdict_continue(v, r < 0 ? REASON_kernel_refuses : REASON_kernels_owner);
	return false;
}

/* As the kernel gives it to a new object there. */
static struct owner host_owner(const struct creation *c)
{
	return (struct owner){ object_self().cuid, c->at.stx_mode & S_ISGID ? c->at.stx_gid : object_self().cgid };
}

/* 0 or -errno. A thread of ours has an umask of its own. Where an ACL is inherited it does not count, except for sockets. */
static int take_umask(const struct creation *c)
{
	static _Thread_local int taken = -1;
	int mask = c->inherited.n > 0 && !make_binds(c->req) ? 0 : task_umask(c->t);

	if (mask >= 0 && mask != taken)
		umask((mode_t)mask);
	if (mask >= 0)
		taken = mask;
	return mask < 0 ? mask : 0;
}

/*
 * Goes to the directory with this path, from a descriptor of ours or with -1 from the task's, and finds out whose the new object will be.
 * False: v says what to answer.
 */
static bool enter_directory(struct creation *c, int start, const char *path, struct verdict *v)
{
	const struct owner none = { OWNER_NONE, OWNER_NONE };
	struct owner shown, record = none;
	int fd = resolve_directory(c->t, start, c->req->t_dirfd, path, c->req->open_resolve, true);
	int r = fd < 0 ? fd : object_stat(fd, &c->at);

	replace_fd(&c->dir, fd);
	if (r == 0)
		r = object_record_get(fd, &c->at, &record);
	c->inherited.n = 0;
	if (r == 0 && c->type != S_IFLNK) {
		hidden_xattr_acl_get(fd, DEFAULT_ACL_XATTR, &c->inherited);
		r = take_umask(c);
	}
	if (r == 0)
		r = task_confirm(c->t);
	if (r < 0) {
		if (r == WALK_FOREIGN || c->req->open_resolve)
			verdict_continue(v, r == WALK_FOREIGN ? REASON_foreign_link : REASON_kernel_refuses);
		else
			verdict_errno(v, REASON_path, r);
		return false;
	}
	shown = owner_shown(record, object_host_owner(&c->at));
	c->owner = newfile_owner(c->actor, shown, c->at.stx_mode);
	c->mode = newfile_mode(c->actor, shown, c->at.stx_mode, c->req->mode);
	if (HAS_ACL && c->inherited.n > 0)
		c->mode = acl_inherit(&c->inherited, c->mode);
	c->is_kernels = owner_is_none(owner_merge(none, c->owner, host_owner(c))) && device_is_none(&c->device) && c->inherited.n == 0;
	return true;
}

/* Gives the caller a descriptor of a new file, which is the result of the call. */
static void hand_over(const struct creation *c, int fd, struct verdict *v)
{
	int r = task_answer_fd(c->t, fd, c->req->open_flags & O_CLOEXEC);

	if (r == -EMFILE || r == -ENFILE)
		make_undo(c, fd);
	verdict_result(v, r, REASON_kernel_refused);
	v->sent = r >= 0;
}

/*
 * There is something of that name, or there may be a link. True: it is a link to follow, whose target is in text. False: v says what to answer.
 */
static bool find_target(const struct creation *c, char text[static PATH_MAX], struct verdict *v)
{
	bool may_follow = !(c->req->open_flags & (O_EXCL | O_NOFOLLOW)) && make_opens(c->req);
	ssize_t n;

	if (!c->is_kernels && !may_follow && (!make_opens(c->req) || c->req->open_flags & O_EXCL)) {
		verdict_errno(v, REASON_kernel_refused, -EEXIST);
		return false;
	}
	n = may_follow ? readlinkat(c->dir, c->path.name, text, PATH_MAX) : -1;
	/* what a link says in a procfs is not where it leads */
	if (n > 0 && n < PATH_MAX && !c->req->open_resolve && !object_is_procfs(c->dir)) {
		text[n] = '\0';
		return true;
	}
	verdict_continue(v, c->is_kernels ? REASON_kernels_owner : REASON_exists);
	return false;
}

static void make(struct creation *c, struct verdict *v)
{
	char text[PATH_MAX];
	bool entered = make_is_nameless(c->req) ? enter_directory(c, -1, c->req->path, v) :
		    newfile_split(c->req->path, &c->path) && enter_directory(c, -1, c->path.directory, v);

	for (int links = 0; entered && links <= LIMIT_SYMLINKS; links++) {
		int r = c->is_kernels ? -EEXIST : make_object(c);

		if (r >= 0 && make_opens(c->req)) {
			auto_fd fd = r;

			return hand_over(c, fd, v);
		}
		if (r == 0)
			return verdict_return(v, 0);
		if (r != -EEXIST)
			return verdict_errno(v, REASON_kernel_refused, r);
		if (!find_target(c, text, v))
			return;
		if (!newfile_split(text, &c->path) || c->path.slash)
			return verdict_continue(v, REASON_kernel_refuses);
		if (c->path.directory[0])
			entered = enter_directory(c, c->path.directory[0] == '/' ? -1 : c->dir, c->path.directory, v);
		if (entered && links == LIMIT_SYMLINKS)
			verdict_errno(v, REASON_path, -ELOOP);
	}
}

/*
 * Of an open(2) that might make a file and not O_EXCL: false, there is nothing by that name. True: v says what to answer, or the caller has
 * got the host's device. Other devices than host_device.h's are not there: -ENXIO.
 */
static bool open_existing(const struct task *t, const struct request *req, struct verdict *v)
{
	auto_fd there = resolve_existing(t, req);
	struct device device;
	struct statx stx;
	auto_fd fd = -1;
	int r;

	if (there < 0)
		return false;
	verdict_continue(v, REASON_exists);
	if (object_stat(there, &stx) < 0 || object_device_get(there, &stx, &device) < 0 || device_is_none(&device) || req->open_flags & O_DIRECTORY)
		return true;
	fd = HAS_DEVICE ? host_device_open(&device, req->open_flags) : -ENXIO;
	r = fd < 0 ? fd : task_answer_fd(t, fd, req->open_flags & O_CLOEXEC);
	verdict_result(v, r, r == -ENXIO ? REASON_no_device : REASON_kernel_refused);
	v->sent = r >= 0;
	return true;
}

void create_file(const struct task *t, const struct request *req, const struct cred *actor, struct verdict *v)
{
	/* what is there may be what a worker that has died made for this very call */
	bool again = t->intent->id == t->id;
	struct creation c = { .t = t, .req = req, .actor = actor, .type = type_of(req), .dir = -1, .resumed = again };
	bool finds = make_opens(req) && !make_is_nameless(req) && !(req->open_flags & O_EXCL);
	auto_fd socket = make_binds(req) ? task_fd_dup_surely(t, req->t_socket) : -1;

	if (create_is_device(req))
		c.device = device_of(req);
	if (finds && !again && open_existing(t, req, v))
		return;
	c.socket = socket;
	if (make_binds(req) && socket < 0)
		return verdict_continue(v, REASON_kernel_refuses);
	make(&c, v);
	cleanup_fd(&c.dir);
	if (finds && again && v->kernel)
		(void)!open_existing(t, req, v);
}
