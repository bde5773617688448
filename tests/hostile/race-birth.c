/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race-birth DIRECTORY: a user makes files of every type there and removes them, while root opens whatever is there and looks at it: it must
 * be the user's, and never root's still. A look by name may be let through while nothing is there, and meet with the new file in the kernel,
 * which knows it as root's: how often is said.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define UID 42
#define GID 43

static const char *directory;

static void make_open(const char *name)
{
	close(open(name, O_CREAT | O_EXCL | O_WRONLY, 0666));
}

static void make_directory(const char *name)
{
	mkdir(name, 0777);
}

static void make_fifo(const char *name)
{
	mknod(name, S_IFIFO | 0666, 0);
}

static void make_link(const char *name)
{
	symlink("target", name);
}

static void make_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, name, sizeof(address.sun_path) - 1);
	bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)));
	close(fd);
}

static unsigned long by_name;

static void look(struct race *r, const char *how, struct shown s)
{
	if (how[0] == 'l' && s.r == 0 && s.uid == 0 && s.gid == 0)
		by_name++;
	else if (s.r == -ENOENT || s.r == -ENOTDIR)
		r->seen_before++;
	else if (s.r == 0 && s.uid == UID && s.gid == GID)
		r->seen_after++;
	else
		wrong("%s, %s: result %ld, %u:%u", r->name, how, s.r, s.uid, s.gid);
}

static void __attribute__((noreturn)) be_user(void (*make)(const char *), const char *name)
{
	check(setgid(GID) == 0 && setuid(UID) == 0, "set ids");
	for (;;) {
		make(name);
		linger(300);
		if (unlink(name) < 0)
			rmdir(name);
	}
}

static void race(const char *what, void (*make)(const char *))
{
	struct race r = race_start(what, 2000, 200, "missing", "the user's");
	char name[64];
	pid_t pid;
	int status;

	snprintf(name, sizeof(name), "%s/%s", directory, what);
	pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0)
		be_user(make, name);
	while (race_goes_on(&r)) {
		int fd;

		look(&r, "lstat", sys_lstat(name));
		/* nothing that could block, or be followed */
		fd = open(name, O_PATH | O_NOFOLLOW);
		if (fd >= 0)
			look(&r, "fstat", sys_fstatat(fd, "", AT_EMPTY_PATH));
		if (fd >= 0)
			close(fd);
		linger(100);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (unlink(name) < 0)
		rmdir(name);
	race_finish(&r);
	printf("of these, %lu looks by name were the kernel's, of a file that was made meanwhile\n", by_name);
	by_name = 0;
}

int main(int argc, char **argv)
{
	check(argc == 2, "race-birth DIRECTORY");
	directory = argv[1];
	race("file", make_open);
	race("directory", make_directory);
	race("fifo", make_fifo);
	race("link", make_link);
	race("socket", make_socket);
	return verdict();
}
