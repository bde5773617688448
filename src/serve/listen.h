/* SPDX-License-Identifier: Apache-2.0 */
/* The socket to which runtimes connect. */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include <sys/un.h>

#include "base/util.h"

/*
 * Writes the default path, subuidless.sock in $XDG_RUNTIME_DIR or, without that, in /run/user/UID or /tmp/subuidless-UID, whichever is
 * first a directory of this user alone; the last is made. 0, or -errno with a logged line.
 */
int listen_default_path(char path[static sizeof(((struct sockaddr_un *)0)->sun_path)]) MUST_CHECK;

/*
 * Listens at path, mode 0600, in a directory in which nobody else can put anything. Replaces a socket on which nobody
 * listens; never one that is in use. A descriptor, or -errno with a logged line.
 */
int listen_open(const char *path) MUST_CHECK;

/* Removes the socket as below, so that nobody can connect any more; who has is still there to be accepted. */
void listen_hide(const char *path);

/* Removes the socket if it is still the one that listen_open() made. */
void listen_close(int fd, const char *path);

/* The next connection, -EPERM for one of another user. */
int listen_accept(int fd) MUST_CHECK;

#endif
