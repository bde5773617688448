/* SPDX-License-Identifier: Apache-2.0 */
/* fsopen(2), fsconfig(2), fsmount(2) and move_mount(2). */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int set(int fs, const char *key, const char *value)
{
	int r = fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0);

	printf("%s=%.40s: %s\n", key, value, r < 0 ? strerror(errno) : "ok");
	return r;
}

static int open_fs(const char *type)
{
	int fs = fsopen(type, FSOPEN_CLOEXEC);

	result(type, fs);
	return fs;
}

static int create(int fs, unsigned int attributes)
{
	int fd;

	result("create", fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	fd = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	result("fsmount", fd);
	printf("cloexec %d\n", fcntl(fd, F_GETFD));
	return fd;
}

static void attach(int fd, const char *path)
{
	result("move_mount", move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH));
	show(path);
	close(fd);
	result("umount", umount(path));
}

static void values(void)
{
	static const char *const ids[] = { "5", "0", "4294967294", "4294967295", "-1", "abc", "", "0x10", "+7", "5\n", "99999999999999999999" };
	static char lengthy[400];
	int fs = open_fs("tmpfs");

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		set(fs, "uid", ids[i]);
		set(fs, "gid", ids[i]);
	}
	memset(lengthy, '1', sizeof(lengthy) - 1);
	set(fs, "uid", lengthy);
	set(fs, "user", "5");
	result("NULL", fsconfig(fs, FSCONFIG_SET_STRING, "uid", NULL, 0));
	result("aux", fsconfig(fs, FSCONFIG_SET_STRING, "uid", "5", 1));
	result("flag", fsconfig(fs, FSCONFIG_SET_FLAG, "uid", NULL, 0));
	close(fs);
	result("closed", fsconfig(fs, FSCONFIG_SET_STRING, "uid", "5", 0));
	result("no descriptor", fsconfig(-1, FSCONFIG_SET_STRING, "uid", "5", 0));
	result("another file", fsconfig(1, FSCONFIG_SET_STRING, "uid", "5", 0));
}

/* Two at once, a duplicate, and what comes twice. */
static void several(void)
{
	int a = open_fs("tmpfs"), b = open_fs("tmpfs"), c, first, second;

	set(a, "uid", "5");
	set(b, "uid", "7");
	c = dup(a);
	set(b, "gid", "8");
	close(a);
	set(c, "gid", "6");
	set(c, "mode", "1770");
	first = create(c, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID);
	set(c, "uid", "9");
	result("twice", fsmount(c, 0, 0));
	second = create(b, 0);
	attach(second, "m");
	attach(first, "m");
	close(b);
	close(c);
	a = open_fs("tmpfs");
	set(a, "uid", "5");
	set(a, "uid", "0");
	attach(create(a, 0), "m");
	close(a);
	/* nothing left of the one before it, whose number it has */
	a = open_fs("tmpfs");
	attach(create(a, 0), "m");
	close(a);
}

static void moves(void)
{
	int fs = open_fs("tmpfs"), fd, dir, second;

	set(fs, "uid", "5");
	fd = create(fs, 0);
	close(fs);
	result("without F_EMPTY_PATH", move_mount(fd, "", AT_FDCWD, "m", 0));
	result("a file", move_mount(fd, "", AT_FDCWD, "/proc/self/status", MOVE_MOUNT_F_EMPTY_PATH));
	result("nowhere", move_mount(fd, "", AT_FDCWD, "nowhere", MOVE_MOUNT_F_EMPTY_PATH));
	symlink("m", "to-m");
	result("not through a link", move_mount(fd, "", AT_FDCWD, "to-m", MOVE_MOUNT_F_EMPTY_PATH));
	result("through a link", move_mount(fd, "", AT_FDCWD, "to-m", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS));
	show("m");
	result("umount", umount("m"));
	close(fd);
	/* to a descriptor; what was made before it is attached */
	fs = open_fs("tmpfs");
	set(fs, "gid", "6");
	fd = create(fs, 0);
	close(fs);
	result("mkdirat", mkdirat(fd, "in", 0755));
	dir = open("m", O_PATH | O_DIRECTORY);
	second = dup(fd);
	close(fd);
	result("to a descriptor", move_mount(second, "", dir, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	close(second);
	close(dir);
	show("m");
	show("m/in");
	result("umount", umount("m"));
}

/* It is configured by one process, and attached in another mount namespace by another. */
static void handed_over(void)
{
	int fs = open_fs("tmpfs"), fd, status;
	pid_t pid;

	set(fs, "uid", "5");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		set(fs, "gid", "6");
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	fd = create(fs, 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		result("setresuid", setresuid(1000, 1000, 1000));
		result("move_mount", move_mount(fd, "", AT_FDCWD, "m", MOVE_MOUNT_F_EMPTY_PATH));
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	pid = fork();
	if (pid == 0) {
		result("unshare", unshare(CLONE_NEWNS));
		attach(fd, "m");
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	show("m");
	close(fs);
	close(fd);
}

void part_context(void)
{
	int fs;

	values();
	several();
	moves();
	handed_over();
	fs = open_fs("proc");
	set(fs, "gid", "5");
	set(fs, "uid", "5");
	close(fs);
	fs = open_fs("devpts");
	set(fs, "gid", "5");
	set(fs, "ptmxmode", "666");
	attach(create(fs, MOUNT_ATTR_NOSUID), "m");
}
