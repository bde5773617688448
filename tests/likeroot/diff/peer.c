/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a local socket, asked by SO_PEERCRED and SO_PEERGROUPS; processes are named by what they are. */
#include "ids.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"

#define PATH "/work/ids/socket"

static const struct who {
	const char *name;
	uint32_t uid[3], gid[3], groups[2];
} whos[] = {
	{ "root", { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0 } },
	{ "user", { 42, 42, 42 }, { 43, 43, 43 }, { 6, 5 } },
	{ "high", { 70000, 70000, 70000 }, { 80000, 80000, 80000 }, { 90000, 100000 } },
	/* effective ids count */
	{ "mixed", { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8 } },
};

static pid_t first; /* the process that waits for all others */
static pid_t other; /* whom a case is about */

static void become(const struct who *w)
{
	const uint32_t *u = w->uid, *g = w->gid;

	if (raw(WIDE(setgroups), u[0] ? 2 : 0, w->groups) < 0 || raw(WIDE(setresgid), g[0], g[1], g[2]) < 0 ||
	    raw(WIDE(setresuid), u[0], u[1], u[2]) < 0)
		die("become");
}

static const char *name_of(pid_t pid)
{
	return pid == 0 ? "nobody" : pid == getpid() ? "self" : pid == first ? "first" : pid == other ? "other" : "?";
}

static void ask_credentials(const char *what, long call, int fd)
{
	struct ucred peer = { 7, 7, 7 };
	socklen_t n = sizeof(peer);

	say("%s, SO_PEERCRED", what);
	say_result(raw(call, fd, SOL_SOCKET, SO_PEERCRED, &peer, &n));
	say(" %s %u:%u, %u bytes", name_of(peer.pid), peer.uid, peer.gid, n);
	say_end();
}

static void ask_groups(const char *what, int fd, socklen_t n)
{
	uint32_t groups[4] = { 7777, 7777, 7777, 7777 };

	say("%s, SO_PEERGROUPS of %u bytes", what, n);
	say_result(raw(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n));
	say(" %u,%u,%u,%u, %u bytes", groups[0], groups[1], groups[2], groups[3], n);
	say_end();
}

static void ask(const char *what, int fd)
{
	ask_credentials(what, SYS_getsockopt, fd);
	for (socklen_t n = 0; n <= 12; n += 4)
		ask_groups(what, fd, n);
#ifdef __i386__
	{
		struct ucred peer = { 7, 7, 7 };
		socklen_t n = sizeof(peer);
		unsigned long a[] = { (unsigned long)fd, SOL_SOCKET, SO_PEERCRED, (unsigned long)&peer, (unsigned long)&n };

		say("%s, socketcall", what);
		say_result(raw(SYS_socketcall, 15, a));
		say(" %s %u:%u, %u bytes", name_of(peer.pid), peer.uid, peer.gid, n);
		say_end();
	}
#endif
}

static void must_wait(pid_t pid, const char *what)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("child");
	say("%s, child:", what);
	say_status(status);
	say_end();
}

/* A pair belongs to whoever made it, though another one asks. */
static void pair(const char *what, const struct who *maker, const struct who *asker)
{
	pid_t pid = fork();

	if (pid == 0) {
		int ends[2];

		become(maker);
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
			die("socketpair");
		ask(what, ends[0]);
		other = getpid();
		pid = fork();
		if (pid == 0) {
			if (maker->uid[0] == 0)
				become(asker);
			ask(what, ends[1]);
			_exit(0);
		}
		must_wait(pid, what);
		_exit(0);
	}
	must_wait(pid, what);
}

static struct sockaddr_un address(void)
{
	return (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = PATH };
}

static int client(const struct who *w, int hold)
{
	struct sockaddr_un at = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char c;

	if (fd < 0)
		die("socket");
	become(w);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("connect");
	/* until it has been asked about */
	if (read(hold, &c, 1) != 0)
		return 9;
	ask("as the client", fd);
	return read(fd, &c, 1) != 0;
}

/* "listens" made it listen and stays as it is while both sides ask. */
static int server(const char *what, const struct who *listens, const struct who *connects)
{
	struct sockaddr_un at = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), hold[2], peer;
	pid_t pid;

	unlink(PATH);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || chmod(PATH, 0777) < 0 || pipe(hold) < 0)
		die("bind");
	other = getpid();
	pid = fork();
	if (pid == 0) {
		char c;

		close(hold[1]);
		/* "1": it listens now */
		if (read(hold[0], &c, 1) != 1)
			_exit(9);
		_exit(client(connects, hold[0]));
	}
	become(listens);
	if (listen(fd, 5) < 0 || write(hold[1], "1", 1) != 1)
		die("listen");
	peer = accept(fd, NULL, NULL);
	other = pid;
	ask(what, peer);
	ask_credentials(what, SYS_getsockopt, fd);
	close(hold[1]);
	shutdown(peer, SHUT_WR);
	must_wait(pid, what);
	return 0;
}

static void named(const char *what, const struct who *listens, const struct who *connects)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(server(what, listens, connects));
	must_wait(pid, what);
}

/* Sockets without a peer, other things, and pointers that lead nowhere. */
static void oddities(void)
{
	struct ucred peer = { 7, 7, 7 };
	int ends[2], tcp = socket(AF_INET, SOCK_STREAM, 0), unconnected = socket(AF_UNIX, SOCK_STREAM, 0);

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0 || tcp < 0 || unconnected < 0)
		die("sockets");
	ask("datagrams", ends[0]);
	ask("TCP", tcp);
	ask("unconnected", unconnected);
	ask("no socket", 1);
	ask("no descriptor", 999);
	for (int n = -1; n < 20; n++) {
		socklen_t size = (socklen_t)n;

		memset(&peer, 7, sizeof(peer));
		say("%d bytes", n);
		say_result(raw(SYS_getsockopt, ends[0], SOL_SOCKET, SO_PEERCRED, &peer, &size));
		say(" %u:%u, %u bytes", peer.uid, peer.gid, size);
		say_end();
	}
	for (int which = 0; which < 4; which++) {
		socklen_t size = sizeof(peer);
		int option = which % 2 ? SO_PEERGROUPS : SO_PEERCRED;

		say("nowhere %d", which);
		say_result(raw(SYS_getsockopt, ends[0], SOL_SOCKET, option, which < 2 ? NOWHERE : &peer, which < 2 ? &size : NOWHERE));
		say(" %u bytes", size);
		say_end();
	}
}

static void oddities_of(const struct who *w)
{
	pid_t pid = fork();

	if (pid == 0) {
		become(w);
		oddities();
		_exit(0);
	}
	must_wait(pid, w->name);
}

void peer_pass(void)
{
	char what[64];

	first = getpid();
	for (size_t a = 0; a < ARRAY_SIZE(whos); a++)
		for (size_t b = 0; b < ARRAY_SIZE(whos); b++) {
			snprintf(what, sizeof(what), "pair of %s, for %s", whos[a].name, whos[b].name);
			pair(what, &whos[a], &whos[b]);
			snprintf(what, sizeof(what), "%s listens, %s connects", whos[a].name, whos[b].name);
			named(what, &whos[a], &whos[b]);
		}
	oddities_of(&whos[0]);
	oddities_of(&whos[1]);
}
