/* SPDX-License-Identifier: Apache-2.0 */
/* New terminals of a devpts: whose they are. */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int master(int number, const char *dir, bool unlock)
{
	char path[64];
	int fd, n = -1;

	snprintf(path, sizeof(path), "%s/ptmx", dir);
	fd = open(path, O_RDWR | O_NOCTTY);
	if (number >= 0)
		ioctl(fd, TIOCGPTN, &n);
	printf("terminal %d\n", n);
	if (unlock)
		result("unlock", ioctl(fd, TIOCSPTLCK, &(int){ 0 }));
	return fd;
}

static void as(uid_t uid, gid_t gid, const char *dir)
{
	char path[64];
	int status, fd;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setresgid(gid, gid, gid);
		setresuid(uid, uid, uid);
		fd = master(0, dir, true);
		snprintf(path, sizeof(path), "%s/0", dir);
		show(path);
		result("chown to tty", chown(path, -1, 5));
		result("chmod", chmod(path, 0600));
		show(path);
		close(fd);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

/* Of a terminal that is root's, and that others may have opened by now. */
static void asked_by_another(const char *dir)
{
	char path[64];
	int fd = master(-1, dir, true), status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setresuid(1000, 1000, 1000);
		_exit(ioctl(fd, TIOCGPTN, &(int){ 0 }) < 0);
	}
	waitpid(pid, &status, 0);
	snprintf(path, sizeof(path), "%s/0", dir);
	show(path);
	close(fd);
}

static void all(const char *options)
{
	int a, b;

	result(options, mount("devpts", "m", "devpts", MS_NOSUID | MS_NOEXEC, options));
	show("m");
	show("m/ptmx");
	/* before it is unlocked, after its number was asked for */
	a = master(0, "m", false);
	show("m/0");
	b = master(-1, "m", true);
	show("m/1");
	result("chown", chown("m/1", 7, 8));
	show("m/1");
	/* nobody else becomes its owner by asking */
	ioctl(b, TIOCGPTN, &(int){ 0 });
	ioctl(b, TIOCSPTLCK, &(int){ 1 });
	ioctl(b, TIOCGPTN, &(int){ 0 });
	show("m/1");
	close(a);
	close(b);
	show("m/0");
	/* of the one that had the number, nothing is left */
	a = master(0, "m", true);
	show("m/0");
	close(a);
	as(1000, 1001, "m");
	as(0, 0, "m");
	asked_by_another("m");
	result("umount", umount("m"));
}

/* The owner of the topmost directory has nothing to do with that of terminals. */
static void of_directory(void)
{
	int a;

	result("mount", mount("devpts", "m", "devpts", 0, "gid=5,mode=620,ptmxmode=666"));
	result("chown", chown("m", 3, 4));
	result("chown ptmx", chown("m/ptmx", 1, 2));
	show("m");
	show("m/ptmx");
	a = master(0, "m", true);
	show("m/0");
	close(a);
	result("chown", chown("m", 0, 0));
	show("m");
	a = master(0, "m", true);
	show("m/0");
	close(a);
	result("umount", umount("m"));
}

void part_terminal(void)
{
	int pipes[2];

	all("gid=5,mode=620,ptmxmode=666");
	all("mode=620,ptmxmode=666");
	all("uid=5,mode=620,ptmxmode=666,newinstance");
	all("uid=5,gid=6,ptmxmode=666");
	of_directory();
	all("ptmxmode=666");
	/* other files */
	if (pipe(pipes) < 0)
		return;
	result("a pipe", ioctl(pipes[0], TIOCGPTN, &(int){ 0 }));
	result("no descriptor", ioctl(-1, TIOCGPTN, &(int){ 0 }));
	result("null", ioctl(open("/dev/null", O_RDWR), TIOCSPTLCK, &(int){ 0 }));
}
