/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"

/* The socket that was made, to tell it from one that somebody put in its place. */
static dev_t made_dev;
static ino_t made_ino;

/* What has nothing of others in it, and where nobody else can put anything: 0, -EPERM for another directory, or -errno. */
static int check_private(const char *dir)
{
	auto_fd fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return st.st_uid == geteuid() && (st.st_mode & 077) == 0 ? 0 : -EPERM;
}

/* Makes one below /tmp, or takes the one that is there. 0, or -errno with a logged line. */
static int make_private(const char *dir)
{
	mode_t before = umask(0);
	int r = mkdir(dir, 0700) < 0 && errno != EEXIST ? -errno : 0;

	umask(before);
	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "XDG_RUNTIME_DIR is not set: set it, or give the path of the socket, for %s cannot be made", dir);
		return r;
	}
	r = check_private(dir);
	if (r < 0)
		log_line(LOG_LEVEL_ERROR, "XDG_RUNTIME_DIR is not set: set it, or give the path of the socket, or remove %s, which is not a directory "
			 "of yours alone (mode 0700)", dir);
	return r;
}

/* The directory of the default path: 0, or -errno with a logged line. */
static int default_directory(char *dir, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	/* the XDG Base Directory Specification wants others to be ignored */
	if (runtime && runtime[0] == '/') {
		if ((size_t)snprintf(dir, size, "%s", runtime) < size)
			return 0;
		log_line(LOG_LEVEL_ERROR, "XDG_RUNTIME_DIR is longer than %zu bytes, too long for the path of a socket: give a shorter one", size - 1);
		return -ENAMETOOLONG;
	}
	snprintf(dir, size, "/run/user/%u", geteuid());
	if (check_private(dir) == 0)
		return 0;
	snprintf(dir, size, "/tmp/subuidless-%u", geteuid());
	return make_private(dir);
}

int listen_default_path(char path[static sizeof(((struct sockaddr_un *)0)->sun_path)])
{
	static const char name[] = "/subuidless.sock";
	int r = default_directory(path, sizeof(((struct sockaddr_un *)0)->sun_path) - strlen(name));

	if (r == 0)
		strcat(path, name);
	return r;
}

/* In a directory in which others can write, they could put another socket in the place of ours. */
static int check_directory(const char *dir, const struct stat *st)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (st->st_uid != geteuid()) {
		log_line(LOG_LEVEL_ERROR, "%s is a directory of the user %u, not yours: the socket must be in one that is yours alone%s", dir, st->st_uid,
			 runtime && strcmp(dir, runtime) == 0 ? "; unset XDG_RUNTIME_DIR, which su(1) and sudo(8) may leave as it was" : "");
		return -EPERM;
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		log_line(LOG_LEVEL_ERROR, "others can write to %s: the socket must be in a directory that is yours alone, as after \"chmod go-w\"", dir);
		return -EPERM;
	}
	return 0;
}

/* The directory, locked against a second daemon that starts at the same time. */
static int open_directory(const char *path)
{
	char copy[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *dir;
	auto_fd fd = -1;
	struct stat st;
	int r;

	strcpy(copy, path);
	dir = dirname(copy);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		r = -errno;
		log_errno(LOG_LEVEL_ERROR, r, "cannot open the socket's directory %s%s", dir,
			  r == -ENOENT ? ", which \"mkdir -m 700\" would make" : "");
		return r;
	}
	r = check_directory(dir, &st);
	if (r < 0)
		return r;
	for (int tries = 0; tries < 20; tries++) {
		const struct timespec step = { 0, 100 * 1000000 };

		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return steal_fd(&fd);
		nanosleep(&step, NULL);
	}
	log_line(LOG_LEVEL_ERROR, "another process keeps a lock on %s, as a daemon does while it starts: lslocks(8) shows which", dir);
	return -EAGAIN;
}

/* Removes a socket on which nobody listens. */
static int replace_stale(const char *path, const struct sockaddr_un *address)
{
	auto_fd probe = -1;
	struct stat st;
	int r;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode)) {
		log_line(LOG_LEVEL_ERROR, "%s exists and is not a socket: remove it, or give another path", path);
		return -EEXIST;
	}
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return -errno;
	r = connect(probe, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
	if (r == -EPROTOTYPE || r == -EACCES) {
		log_line(LOG_LEVEL_ERROR, "%s is the socket of another program: give another path", path);
		return -EADDRINUSE;
	}
	if (r != -ECONNREFUSED) {
		log_line(LOG_LEVEL_ERROR, "another daemon listens on %s: it serves containers already; for a second one, give another path", path);
		return -EADDRINUSE;
	}
	return unlink(path) < 0 ? -errno : 0;
}

static int bind_private(int fd, const char *path, const struct sockaddr_un *address)
{
	mode_t before = umask(0177);
	int r = bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
	struct stat st;

	umask(before);
	if (r < 0)
		return r;
	if (lstat(path, &st) < 0)
		return -errno;
	made_dev = st.st_dev;
	made_ino = st.st_ino;
	return listen(fd, SOMAXCONN) < 0 ? -errno : 0;
}

int listen_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_fd fd = -1;
	auto_fd dir = -1;
	int r;

	if (strlen(path) >= sizeof(address.sun_path)) {
		log_line(LOG_LEVEL_ERROR, "the socket's path is longer than %zu bytes, which is as long as it may be: give a shorter one",
			 sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	dir = open_directory(path);
	if (dir < 0)
		return dir;
	r = replace_stale(path, &address);
	if (r == -EEXIST || r == -EADDRINUSE)
		return r;
	if (r == 0) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		r = fd < 0 ? -errno : bind_private(fd, path, &address);
	}
	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "cannot listen on %s%s", path,
			  r == -EPERM || r == -EOPNOTSUPP || r == -EROFS ? ", whose file system may take no sockets: give a path below /run or /tmp" : "");
		return r;
	}
	return steal_fd(&fd);
}

void listen_hide(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && st.st_dev == made_dev && st.st_ino == made_ino)
		unlink(path);
}

void listen_close(int fd, const char *path)
{
	if (fd < 0)
		return;
	listen_hide(path);
	close(fd);
}

int listen_accept(int fd)
{
	auto_fd connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (connection < 0 || getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	if (peer.uid != geteuid()) {
		log_debug("a connection of uid %u is refused", peer.uid);
		return -EPERM;
	}
	return steal_fd(&connection);
}
