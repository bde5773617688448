/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/log.h"

int mounts_add(struct mounts *m, char *bind)
{
	char *colon = strchr(bind, ':');

	if (m->n == ARRAY_SIZE(m->binds))
		return -E2BIG;
	if (colon)
		*colon = '\0';
	m->binds[m->n].source = bind;
	m->binds[m->n++].target = colon ? colon + 1 : bind;
	return 0;
}

static int fail(int r, const char *what, const char *path)
{
	log_errno(LOG_LEVEL_ERROR, r, "%s %s", what, path);
	return r;
}

/* A path below root, in which no link leads out of it: an O_PATH descriptor or -errno. */
static int open_below(int root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* As open_below(), but a missing last component is made, a directory or an empty file as the source is. */
static int open_target(int root, const char *path, const char *source)
{
	char parent[4096], *name;
	auto_fd dir = -1;
	struct stat st;
	int fd = open_below(root, path);

	if (fd != -ENOENT || strlen(path) >= sizeof(parent) || stat(source, &st) < 0)
		return fd;
	strcpy(parent, path);
	name = strrchr(parent, '/');
	if (!name || name[1] == '\0')
		return -ENOENT;
	*name++ = '\0';
	dir = open_below(root, parent[0] ? parent : "/");
	if (dir < 0)
		return dir;
	if (S_ISDIR(st.st_mode)) {
		if (mkdirat(dir, name, 0755) < 0)
			return -errno;
	} else {
		auto_fd file = openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644);

		if (file < 0)
			return -errno;
	}
	return open_below(root, path);
}

static int mount_at(int target, const char *source, const char *type, unsigned long flags, const char *data)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", target);
	return mount(source, path, type, flags, data) < 0 ? -errno : 0;
}

static int bind_at(int root, const char *source, const char *path)
{
	auto_fd target = open_target(root, path, source);
	int r = target < 0 ? target : mount_at(target, source, NULL, MS_BIND | MS_REC, NULL);

	return r < 0 ? fail(r, "cannot bind", source) : 0;
}

static int mount_proc(int root, bool host_pid)
{
	auto_fd target = -1;
	int r;

	if (host_pid)
		return bind_at(root, "/proc", "/proc");
	target = open_below(root, "/proc");
	r = target < 0 ? target : mount_at(target, "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (r == -EPERM)
		log_line(LOG_LEVEL_ERROR, "this machine's own /proc is partly hidden, so that no new one may be mounted: use --host-pid");
	return r < 0 ? fail(r, "cannot mount", "/proc") : 0;
}

/* A /dev with the devices and links that programs expect; runtime-spec, config-linux.md, default devices. */
static int mount_dev(int root)
{
	static const char *const nodes[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" }, { "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" }, { "pts/ptmx", "ptmx" },
	};
	auto_fd below = open_below(root, "/dev");
	auto_fd dev = -1;
	auto_fd shm = -1;
	int r = below < 0 ? below : mount_at(below, "tmpfs", "tmpfs", MS_NOSUID, "mode=755,size=65536k");

	if (r < 0)
		return fail(r, "cannot mount", "/dev");
	dev = open_below(root, "/dev");
	if (dev < 0 || mkdirat(dev, "shm", 01777) < 0 || fchmodat(dev, "shm", 01777, 0) < 0)
		return fail(-errno, "cannot make", "/dev/shm");
	shm = openat(dev, "shm", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = shm < 0 ? -errno : mount_at(shm, "tmpfs", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	for (size_t i = 0; i < ARRAY_SIZE(nodes) && r == 0; i++)
		r = bind_at(root, nodes[i], nodes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(links) && r == 0; i++)
		if (symlinkat(links[i][0], dev, links[i][1]) < 0)
			r = -errno;
	/* the terminal's own name stays valid */
	if (r == 0)
		r = bind_at(root, "/dev/pts", "/dev/pts");
	return r < 0 ? fail(r, "cannot set up", "/dev") : 0;
}

static int change_root(int root)
{
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return fail(-errno, "cannot change the root to", "--root");
	return 0;
}

int mounts_set_up(const struct mounts *m)
{
	auto_fd root = -1;
	int r = 0;

	/* nothing done here is seen outside; what is mounted outside later is seen here */
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return fail(-errno, "cannot unshare the mounts of", "/");
	if (m->root && mount(m->root, m->root, NULL, MS_BIND | MS_REC, NULL) < 0)
		return fail(-errno, "cannot use as --root", m->root);
	root = open(m->root ? m->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail(-errno, "cannot open --root", m->root ? m->root : "/");
	if (m->root) {
		auto_fd sys = open_below(root, "/sys");

		r = mount_dev(root);
		if (r == 0 && sys >= 0)
			r = bind_at(root, "/sys", "/sys");
	}
	for (size_t i = 0; i < m->n && r == 0; i++)
		r = bind_at(root, m->binds[i].source, m->binds[i].target);
	/* last, because /proc/self/fd of the old one is used until here */
	if (r == 0 && (m->root || !m->host_pid))
		r = mount_proc(root, m->host_pid);
	return r == 0 && m->root ? change_root(root) : r;
}
