/* SPDX-License-Identifier: Apache-2.0 */
/*
 * null [--plain|--yes|--root] CMD...: runs a command under the filter of `subuidless run`, and lets the kernel run each trapped call at once.
 * What is left is the price of a notification. --plain: without SYNC_WAKE_UP. --yes: changes of owners and credentials are not run but
 * succeed, so that programs which insist on them go on: the least that any receiver of this filter could take for them. --root: as the
 * root who runs it, for whom the kernel does all that is asked, and not in a user namespace: the same, and the result is true.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/util.h"
#include "ipc/message.h"
#include "seccomp/filter.h"
#include "seccomp/notif.h"

static bool is_change(int nr)
{
	static const int changes[] = { SYS_fchown, SYS_fchownat, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
				       SYS_setgroups, SYS_capset,
#ifdef SYS_chown
				       SYS_chown, SYS_lchown,
#endif
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		if (changes[i] == nr)
			return true;
	return false;
}

static void serve(int connection, bool sync, bool yes)
{
	struct pollfd p = { .fd = connection, .events = POLLIN };
	struct seccomp_notif req;
	struct message message;
	int fds[MESSAGE_FDS];

	if (poll(&p, 1, -1) < 0 || message_receive(connection, &message, fds) != 1)
		errx(1, "no listener came");
	if (sync && notif_sync_wake_up(fds[0]) < 0)
		errx(1, "this kernel has no SYNC_WAKE_UP");
	for (;;) {
		struct seccomp_notif_resp resp = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

		memset(&req, 0, sizeof(req));
		if (ioctl(fds[0], SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
			continue;
		resp.id = req.id;
		if (yes && is_change(req.data.nr))
			resp.flags = 0;
		ioctl(fds[0], SECCOMP_IOCTL_NOTIF_SEND, &resp);
	}
}

static void put(const char *path, const char *text)
{
	auto_fd fd = open(path, O_WRONLY | O_CLOEXEC);

	if (write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
}

static void unshare_user(void)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof(uid_map), "0 %u 1", geteuid());
	snprintf(gid_map, sizeof(gid_map), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		err(1, "unshare");
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
}

static void execute(int connection, char **command)
{
	auto_fd listener = filter_load();

	if (listener < 0)
		errx(1, "cannot load the filter: %s", strerror(-listener));
	if (message_send(connection, &(struct message){ .kind = MESSAGE_LISTENER }, &listener, 1) < 0)
		errx(1, "cannot send the listener");
	execvp(command[0], command);
	err(1, "%s", command[0]);
}

int main(int argc, char **argv)
{
	const char *option = argc > 1 ? argv[1] : "";
	bool plain = strcmp(option, "--plain") == 0, yes = strcmp(option, "--yes") == 0, root = strcmp(option, "--root") == 0;
	char **command = argv + 1 + (plain || yes || root);
	int pair[2], status;
	pid_t server, pid;

	if (!*command || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 || notif_bind_numbers() < 0)
		return 2;
	server = fork();
	if (server == 0) {
		close(pair[1]);
		serve(pair[0], !plain, yes);
	}
	close(pair[0]);
	if (!root)
		unshare_user();
	pid = fork();
	if (pid == 0)
		execute(pair[1], command);
	if (server < 0 || pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "fork");
	kill(server, SIGKILL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
