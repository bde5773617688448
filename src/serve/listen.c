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

int listen_default_path(char path[static sizeof(((struct sockaddr_un *)0)->sun_path)])
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	size_t size = sizeof(((struct sockaddr_un *)0)->sun_path);

	if (!dir || dir[0] != '/')
		return -ENOENT;
	return (size_t)snprintf(path, size, "%s/subuidless.sock", dir) < size ? 0 : -ENAMETOOLONG;
}

/* The directory, locked against a second daemon that starts at the same time. */
static int open_directory(const char *path)
{
	char copy[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *dir;
	auto_fd fd = -1;
	struct stat st;

	strcpy(copy, path);
	dir = dirname(copy);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		int r = -errno;

		log_errno(LOG_LEVEL_ERROR, r, "cannot open the socket's directory %s", dir);
		return r;
	}
	if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH)) {
		log_line(LOG_LEVEL_ERROR, "others can write to %s: the socket must be in a directory that is yours alone", dir);
		return -EPERM;
	}
	for (int tries = 0; tries < 20; tries++) {
		const struct timespec step = { 0, 100 * 1000000 };

		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return steal_fd(&fd);
		nanosleep(&step, NULL);
	}
	log_line(LOG_LEVEL_ERROR, "somebody keeps a lock on %s, as another daemon does while it starts", dir);
	return -EAGAIN;
}

/* Removes a socket on which nobody listens. */
static int replace_stale(const char *path, const struct sockaddr_un *address)
{
	auto_fd probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode)) {
		log_line(LOG_LEVEL_ERROR, "%s exists and is not a socket", path);
		return -EEXIST;
	}
	if (probe < 0)
		return -errno;
	if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno != ECONNREFUSED) {
		log_line(LOG_LEVEL_ERROR, "another daemon listens on %s", path);
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
		log_line(LOG_LEVEL_ERROR, "the socket's path is longer than %zu bytes", sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	dir = open_directory(path);
	if (dir < 0)
		return dir;
	r = replace_stale(path, &address);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = fd < 0 ? -errno : bind_private(fd, path, &address);
	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "cannot listen on %s", path);
		return r;
	}
	return steal_fd(&fd);
}

void listen_close(int fd, const char *path)
{
	struct stat st;

	if (fd < 0)
		return;
	if (lstat(path, &st) == 0 && st.st_dev == made_dev && st.st_ino == made_ino)
		unlink(path);
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
