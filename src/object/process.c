/* SPDX-License-Identifier: Apache-2.0 */
#include "object/process.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cred/credentials.h"
#include "object/object.h"
#include "proc/pidns.h"
#include "proc/procfs.h"
#include "proc/task.h"
#include "proc/task_fd.h"

/* Linux 6.5 */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* Of a process in our pid namespace. */
static int look(pid_t pid, struct cred *c)
{
	struct rlimit limit;

	if (credentials_of(pid, c))
		return PROCESS_RECORDED;
	memset(c, 0, sizeof(*c));
	return prlimit(pid, RLIMIT_LOCKS, NULL, &limit) < 0 ? -errno : PROCESS_FIRST;
}

int process_by_number(const struct task *t, int32_t number, struct cred *c)
{
	pid_t pid = number > 0 ? pidns_outside(t, number) : -ESRCH;
	int r = pid == t->tid ? PROCESS_SELF : pid < 0 ? pid : look(pid, c);

	/* what was found is who has the number now, if the caller is still there */
	return r < 0 || task_confirm(t) == 0 ? r : -ESRCH;
}

/* 0, or -errno. */
static int get_option(int fd, int option, void *value, socklen_t size)
{
	return getsockopt(fd, SOL_SOCKET, option, value, &size) < 0 ? -errno : 0;
}

/* Looks at a process of which a pidfd tells afterwards whether its number was still its own. */
static int look_at_peer(int socket, pid_t pid, struct cred *c)
{
	int fd = -1;
	int r = get_option(socket, SO_PEERPIDFD, &fd, sizeof(fd));
	auto_fd pidfd = r < 0 ? -1 : fd;

	/* it has been reaped; with -ENOPROTOOPT this kernel cannot tell */
	if (r == -EINVAL || r == -ESRCH || r == -ENODATA)
		return PROCESS_GONE;
	r = look(pid, c);
	if (r == -ESRCH || (pidfd >= 0 && syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0 && errno == ESRCH))
		return PROCESS_GONE;
	return r;
}

int process_by_socket(const struct task *t, int t_fd, struct peer *peer)
{
	auto_fd fd = task_fd_dup_surely(t, t_fd);
	struct ucred ucred;
	int r;

	r = fd < 0 ? fd : get_option(fd, SO_PEERCRED, &ucred, sizeof(ucred));
	if (r < 0)
		return r;
	/* no unix(7) socket, one without a peer, or a process of which we have no number */
	if (ucred.pid <= 0)
		return -ENODATA;
	if (ucred.uid != object_self().cuid)
		return -EPERM;
	r = look_at_peer(fd, ucred.pid, &peer->cred);
	if (r < 0)
		return r;
	peer->other = (enum other)r;
	peer->number = pidns_inside(t, ucred.pid);
	return peer->number < 0 ? peer->number : 0;
}

bool process_owner(int fd, const struct statx *stx, struct owner *owner)
{
	uint64_t limits[2];
	struct cred c;
	auto_fd process = -1;

	if (!credentials_in_use() || !object_may_be_in_procfs(stx) || !object_is_procfs(fd))
		return false;
	process = procfs_process(fd, stx);
	if (process < 0 || procfs_limits(process, limits) < 0)
		return false;
	if (!credentials_from(limits[0], &c) && !credentials_from(limits[1], &c))
		return false;
	/* what the kernel does not show as the container's root it has its reasons for */
	owner->cuid = stx->stx_uid == object_self().cuid ? c.euid : OWNER_NONE;
	owner->cgid = stx->stx_gid == object_self().cgid ? c.egid : OWNER_NONE;
	return !owner_is_none(*owner);
}
