/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "base/log.h"
#include "base/sys.h"

/* of a mount, which only the owner of its user namespace may take away: ST_NOSUID of statvfs(3) is MS_NOSUID, and so on */
#define KEPT_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME)

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
	return sys_openat2(root, path, O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

static bool is_directory(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* As open_below(), but a missing last component is made, a directory or an empty file as the source is. */
static int open_target(int root, const char *path, const char *source)
{
	size_t length = strlen(path);
	char parent[PATH_MAX], *name;
	auto_fd dir = -1;
	struct stat st;
	int fd = open_below(root, path);

	if (fd != -ENOENT || length >= sizeof(parent) || stat(source, &st) < 0)
		return fd;
	strcpy(parent, path);
	while (length > 0 && parent[length - 1] == '/')
		parent[--length] = '\0';
	name = strrchr(parent, '/');
	if (name)
		*name++ = '\0';
	else
		name = parent;
	dir = open_below(root, name == parent || !parent[0] ? "/" : parent);
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
	char path[FD_LINK_MAX];

	fd_link(path, "/proc/", target);
	return mount(source, path, type, flags, data) < 0 ? -errno : 0;
}

static int bind_at(int root, const char *source, const char *path)
{
	auto_fd target = -1;
	int r;

	if (access(source, F_OK) < 0)
		return fail(-errno, "cannot bind", source);
	target = open_target(root, path, source);
	if (target < 0) {
		fail(target, "cannot make the mount point", path);
		if (target == -ENOENT)
			log_line(LOG_LEVEL_ERROR, "only the last component of its path is made: make the directory that it is to be in");
		return target;
	}
	r = mount_at(target, source, NULL, MS_BIND | MS_REC, NULL);
	if (r < 0)
		fail(r, "cannot bind", source);
	if (r == -ENOTDIR)
		log_line(LOG_LEVEL_ERROR, "a directory can be mounted on directories only, and a file on files: see %s", path);
	return r;
}

static int mount_proc(int root, bool host_pid)
{
	auto_fd target = -1;
	int r;

	if (host_pid)
		return bind_at(root, "/proc", "/proc");
	target = open_below(root, "/proc");
	r = target < 0 ? target : mount_at(target, "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (r < 0)
		fail(r, "cannot mount", "/proc");
	if (r == -EPERM)
		log_line(LOG_LEVEL_ERROR, "parts of this machine's own /proc are hidden, as in a container, so that no new one may be mounted: "
			 "use --host-pid");
	return r;
}

/* Terminals of its own, and that of the caller as its console. */
static int mount_terminals(int root, int dev)
{
	auto_fd pts = -1;
	const char *terminal = NULL;
	int r;

	if (mkdirat(dev, "pts", 0755) < 0)
		return -errno;
	pts = openat(dev, "pts", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = pts < 0 ? -errno : mount_at(pts, "devpts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
	for (int fd = 0; fd <= 2 && !terminal; fd++)
		terminal = ttyname(fd);
	return r == 0 && terminal ? bind_at(root, terminal, "/dev/console") : r;
}

/* A directory with all that is mounted below it. What a mount may not lose stays as it is. */
static int make_read_only(int root, const char *path)
{
	auto_fd top = open_below(root, path);
	char link[FD_LINK_MAX], name[PATH_MAX];
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;
	ssize_t n;
	int r = 0;

	fd_link(link, "/proc/", top);
	n = top < 0 || !mounts ? -1 : readlink(link, name, sizeof(name) - 1);
	while (r == 0 && n > 0 && (m = getmntent(mounts)) != NULL) {
		auto_fd fd = -1;
		struct statvfs fs;

		if (strncmp(m->mnt_dir, name, (size_t)n) != 0 || (m->mnt_dir[n] != '/' && m->mnt_dir[n] != '\0'))
			continue;
		fd = open(m->mnt_dir, O_PATH | O_CLOEXEC);
		if (fd < 0 || fstatvfs(fd, &fs) < 0)
			continue; /* another one is mounted over it */
		r = mount_at(fd, NULL, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | (fs.f_flag & KEPT_FLAGS), NULL);
	}
	if (mounts)
		endmntent(mounts);
	return n > 0 ? r : -errno;
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
	/* what this machine has of them */
	for (size_t i = 0; i < ARRAY_SIZE(nodes) && r == 0; i++)
		if (access(nodes[i], F_OK) == 0)
			r = bind_at(root, nodes[i], nodes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(links) && r == 0; i++)
		if (symlinkat(links[i][0], dev, links[i][1]) < 0)
			r = -errno;
	if (r == 0)
		r = mount_terminals(root, dev);
	return r < 0 ? fail(r, "cannot set up", "/dev") : 0;
}

/* Makes the directory of this name below the root, unless there is one, or a link to one. */
static bool have_directory(int root, const char *name)
{
	auto_fd fd = open_below(root, name);

	return is_directory(fd) || mkdirat(root, name, 0755) == 0;
}

/* Gives the directory to an object of another, under the same name. What has gone meanwhile is left out. */
static int show_entry(int from, int to, const char *name)
{
	auto_fd source = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	auto_fd target = -1;
	char path[32], link[PATH_MAX];
	struct stat st;

	if (source < 0 || fstat(source, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(source, "", link, sizeof(link) - 1);

		if (n < 0)
			return -errno;
		link[n] = '\0';
		return symlinkat(link, to, name) < 0 ? -errno : 0;
	}
	if (S_ISDIR(st.st_mode) ? mkdirat(to, name, 0755) < 0 : mknodat(to, name, S_IFREG | 0644, 0) < 0)
		return -errno;
	target = openat(to, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0)
		return -errno;
	/* this very object, whatever has its name now */
	fd_link(path, "/proc/", source);
	return mount_at(target, path, NULL, MS_BIND | MS_REC, NULL);
}

/* All but those of a list, which ends with NULL. */
static int show_entries(int from, int to, const char *const *left_out)
{
	auto_fd fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	steal_fd(&fd);
	while (r == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
		size_t i = 0;

		while (left_out[i] && strcmp(entry->d_name, left_out[i]) != 0)
			i++;
		if (!left_out[i])
			r = show_entry(from, to, entry->d_name);
	}
	if (r == 0)
		r = -errno;
	closedir(dir);
	return r;
}

/*
 * One of its own where the network is, too; else this machine's, without /sys/fs: its cgroups and FUSE connections could be changed, and a mount
 * over them could be taken away. Read-only, in case this user is root.
 */
static int mount_sys(int root, bool own_net)
{
	static const char *const left_out[] = { ".", "..", "fs", NULL };
	auto_fd below = open_below(root, "/sys");
	auto_fd host = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd sys = -1;
	int r;

	if (below < 0 || host < 0)
		return 0;
	if (own_net && mount_at(below, "sysfs", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0)
		return 0;
	r = mount_at(below, "tmpfs", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k");
	sys = open_below(root, "/sys");
	if (r == 0)
		r = show_entries(host, sys, left_out);
	if (r == 0 && (mkdirat(sys, "fs", 0755) < 0 || mkdirat(sys, "fs/cgroup", 0555) < 0))
		r = -errno;
	if (r == 0)
		r = make_read_only(root, "/sys");
	return r < 0 ? fail(r, "cannot show", "/sys") : 0;
}

/*
 * For a directory in which we cannot make /dev and /proc: a tmpfs that has these, and shows all else that is in it, becomes the root. Its
 * mount points are those of this namespace, so that nothing is left behind.
 */
static int replace_root(const char *path, int *root)
{
	static const char *const its_own[] = { ".", "..", "dev", "proc", NULL };
	char mode[32];
	struct stat st;
	int r, new;

	if (fstat(*root, &st) < 0)
		return -errno;
	snprintf(mode, sizeof(mode), "mode=%o", st.st_mode & 07777U);
	r = mount_at(*root, "tmpfs", "tmpfs", MS_NOSUID | MS_NODEV, mode);
	if (r < 0)
		return r;
	new = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (new < 0)
		return -errno;
	r = have_directory(new, "dev") && have_directory(new, "proc") ? show_entries(*root, new, its_own) : -errno;
	replace_fd(root, new);
	return r;
}

/* Opens --root, as a mount of its own: a descriptor, or -errno with a logged line. *replaced: by a tmpfs that is to be read-only. */
static int open_root(const char *path, bool *replaced)
{
	auto_fd root = -1;
	int r = mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;

	if (r == 0) {
		root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = root < 0 ? -errno : 0;
	}
	if (r < 0) {
		fail(r, "cannot use as --root", path);
		if (r == -ENOTDIR)
			log_line(LOG_LEVEL_ERROR, "--root takes a directory: an archive has to be unpacked first, and an image mounted");
		return r;
	}
	*replaced = !have_directory(root, "dev") || !have_directory(root, "proc");
	if (*replaced)
		r = replace_root(path, &root);
	return r < 0 ? fail(r, "cannot show, with a /dev and a /proc,", path) : steal_fd(&root);
}

static int change_root(int root, const char *path)
{
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return fail(-errno, "cannot change the root to", path);
	return 0;
}

static int set_up(const struct mounts *m, int root)
{
	int r = 0;

	if (m->root)
		r = mount_dev(root);
	if (r == 0 && m->root)
		r = mount_sys(root, m->own_net);
	for (size_t i = 0; i < m->n && r == 0; i++)
		r = bind_at(root, m->binds[i].source, m->binds[i].target);
	return r;
}

int mounts_set_up(const struct mounts *m)
{
	bool replaced = false;
	auto_fd root = -1;
	int r;

	/* nothing done here is seen outside; what is mounted outside later is seen here */
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return fail(-errno, "cannot unshare the mounts of", "/");
	root = m->root ? open_root(m->root, &replaced) : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return m->root ? root : fail(-errno, "cannot open", "/");
	r = set_up(m, root);
	/* files that are made in it would be lost */
	if (r == 0 && replaced) {
		r = mount_at(root, NULL, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
		if (r < 0)
			return fail(r, "cannot make read-only", m->root);
	}
	/* last, because /proc/self/fd of the old one is used until here */
	if (r == 0 && (m->root || !m->host_pid))
		r = mount_proc(root, m->host_pid);
	return r == 0 && m->root ? change_root(root, m->root) : r;
}
