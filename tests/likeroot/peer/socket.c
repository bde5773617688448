/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

/* libc's own takes socketcall(2) on i386 */
static long get(int fd, int level, int option, void *value, void *length)
{
	return syscall(SYS_getsockopt, fd, level, option, value, length);
}

/* Whose is it, and is the number of that process the expected one? */
static void say_peer(const char *name, int fd, pid_t expected)
{
	struct ucred u = { -7, 7, 7 };
	int length = sizeof(u);
	socklen_t libc_length = sizeof(u);
	long r = get(fd, SOL_SOCKET, SO_PEERCRED, &u, &length);

	say(name, r, " %d:%d, length %d, %s", (int)u.uid, (int)u.gid, length, u.pid == expected ? "its number" : "another number");
	u = (struct ucred){ -7, 7, 7 };
	SAY(name, getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &libc_length), " %d:%d, libc, length %u, %s", (int)u.uid, (int)u.gid, libc_length,
	    u.pid == expected ? "its number" : "another number");
}

static void say_groups(const char *name, int fd, int room)
{
	gid_t groups[64] = { 77, 77, 77, 77 };
	int length = room;
	long r = get(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length);

	say(name, r, " room %d, length %d: %d %d %d %d", room, length, (int)groups[0], (int)groups[1], (int)groups[2], (int)groups[3]);
}

static void say_lengths(const char *name, int fd)
{
	static const int lengths[] = { 0, 1, 4, 7, 8, 12, 13, 4096, -1 };
	int length;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		unsigned char bytes[16];
		long r;

		memset(bytes, 0xee, sizeof(bytes));
		length = lengths[i];
		r = get(fd, SOL_SOCKET, SO_PEERCRED, bytes, &length);
		memset(bytes, 0, length == 0 ? 0 : 4); /* a number of a process */
		say(name, r, " asked %d, length %d, %02x %02x %02x %02x %02x", lengths[i], length, bytes[4], bytes[5], bytes[8], bytes[11], bytes[12]);
	}
	length = 12;
	SAY("no place", get(fd, SOL_SOCKET, SO_PEERCRED, NULL, &length), " length %d", length);
	length = 0;
	SAY("no place for nothing", get(fd, SOL_SOCKET, SO_PEERCRED, NULL, &length), " length %d", length);
	SAY("no length", get(fd, SOL_SOCKET, SO_PEERCRED, &length, NULL), " ");
	length = 4096;
	SAY("no place for groups", get(fd, SOL_SOCKET, SO_PEERGROUPS, (void *)8, &length), " length %d", length);
	length = -1;
	SAY("negative, groups", get(fd, SOL_SOCKET, SO_PEERGROUPS, &length, &length), " ");
}

static void say_refused(void)
{
	int length = 12, pair[2];
	struct ucred u;
	int file = open("/", O_RDONLY | O_DIRECTORY), inet = socket(AF_INET, SOCK_STREAM, 0), alone = socket(AF_UNIX, SOCK_STREAM, 0);

	for (int option = SO_PEERCRED; option >= 0; option = option == SO_PEERCRED ? SO_PEERGROUPS : -1) {
		SAY("no descriptor", get(99, SOL_SOCKET, option, &u, &length), " ");
		SAY("no descriptor, no length", get(-1, SOL_SOCKET, option, &u, NULL), " ");
		SAY("no socket", get(file, SOL_SOCKET, option, &u, &length), " ");
		SAY("no socket, no length", get(file, SOL_SOCKET, option, &u, NULL), " ");
		length = 12;
		u = (struct ucred){ -7, 7, 7 };
		SAY("inet", get(inet, SOL_SOCKET, option, &u, &length), " %d %d %d, length %d", u.pid, (int)u.uid, (int)u.gid, length);
		length = 12;
		SAY("no peer", get(alone, SOL_SOCKET, option, &u, &length), " %d %d %d, length %d", u.pid, (int)u.uid, (int)u.gid, length);
	}
	need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "socketpair");
	length = 12;
	SAY("another level", get(pair[0], 41, SO_PEERCRED, &u, &length), " ");
	length = 4;
	length = 4;
	SAY("another option, libc", getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &u, (socklen_t *)&length), " %d", u.pid);
	SAY("no descriptor, libc", getsockopt(99, SOL_SOCKET, SO_PEERCRED, &u, (socklen_t *)&length), " ");
	SAY("another option", get(pair[0], SOL_SOCKET, SO_TYPE, &u, &length), " %d", u.pid);
}

static void say_pair(void)
{
	int pair[2];

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	say_peer("a pair", pair[0], getpid());
	say_lengths("a pair", pair[1]);
	say_groups("a pair", pair[0], 256);
	say_groups("a pair", pair[0], 12);
	say_groups("a pair", pair[0], 11);
	say_groups("a pair", pair[0], 0);
}

static struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "@peertest" };

static int connect_now(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	need(connect(fd, (void *)&address, sizeof(address)) == 0, "connect");
	return fd;
}

/* A client in a process of its own; both sides say who the other is. */
static void say_connection(const char *server, const char *client, int alice)
{
	pid_t us = getpid(), child;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	char c;

	need(bind(listener, (void *)&address, sizeof(address)) == 0 && listen(listener, 5) == 0, "listen");
	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (alice)
			become_alice();
		fd = connect_now();
		say_peer(client, fd, us);
		say_groups(client, fd, 64);
		need(write(fd, "", 1) == 1 && read(fd, &c, 1) == 0, "a client");
		_exit(0);
	}
	fd = accept(listener, NULL, NULL);
	need(fd >= 0 && read(fd, &c, 1) == 1, "accept");
	say_peer(server, fd, child);
	say_groups(server, fd, 64);
	say_groups(server, fd, 4);
	close(fd);
	close(listener);
	need(waitpid(child, NULL, 0) == child, "waitpid");
}

static void as_alice(void)
{
	say_pair();
	say_refused();
	say_connection("alice sees alice", "alice sees alice", 0);
}

/* Whom a process that has ended was is not known any more. */
void test_gone(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	pid_t child;

	address.sun_path[0] = '\0';
	need(bind(listener, (void *)&address, sizeof(address)) == 0 && listen(listener, 5) == 0, "listen");
	child = fork();
	if (child == 0) {
		become_alice();
		connect_now();
		_exit(0);
	}
	fd = accept(listener, NULL, NULL);
	need(fd >= 0 && waitpid(child, NULL, 0) == child, "accept");
	say_peer("alice, who has gone", fd, child);
	say_groups("alice, who has gone", fd, 64);
}

void test_socket(void)
{
	address.sun_path[0] = '\0';
	say_connection("root sees root", "root sees root", 0);
	say_pair();
	say_refused();
	say_connection("root sees alice", "alice sees root", 1);
	in_child(1, as_alice);
	say_connection("root sees root", "root sees root", 0);
	say_pair();
}
