/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems that are mounted with ids, and new terminals: what a program sees of them. mounttest PART, with a directory "m" in its working directory, in
 * a mount namespace of its own. Prints a line for each thing that was tried.
 */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

void result(const char *what, long r)
{
	printf("%s: %s\n", what, r < 0 ? strerror(errno) : "ok");
}

void show(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		printf("  %s: %s\n", path, strerror(errno));
	else
		printf("  %s: %u:%u %o\n", path, st.st_uid, st.st_gid, st.st_mode);
}

static void flags_of(const char *path)
{
	struct statvfs fs;

	if (statvfs(path, &fs) == 0)
		printf("  flags %lx\n", fs.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_SYNCHRONOUS | ST_NOATIME | ST_NODIRATIME | ST_RELATIME));
}

static void try(const char *type, unsigned long flags, const char *options)
{
	int r = mount("source", "m", type, flags, options);

	printf("%s %lx %.60s: %s\n", type, flags, options ? options : "-", r < 0 ? strerror(errno) : "ok");
	if (r < 0)
		return;
	show("m");
	flags_of("m");
	if (umount("m") < 0)
		printf("  umount: %s\n", strerror(errno));
}

void part_options(void)
{
	static const char *const options[] = {
		"uid=5,gid=6,mode=1770", "uid=5", "gid=6", "uid=0,gid=0", "uid=abc", "uid=5,gid=abc", "uid=4294967295", "uid=4294967294", "gid=-1",
		"uid=4294967296", "uid=", "uid", "uid=5,uid=6", "uid=5,uid=0", "uid=0,uid=5", "uid=5,uid=x", "uid=0x10,gid=010", "uid=+5", "uid=08",
		"uid=5\n", " uid=5", "uid=5 ", "Uid=5", "uid=5,nosuch", "uid=5,nosuch=1", "uid=5,=1,,mode=700", "uid=5,size=1m,nr_inodes=10", "uid=5,size=x",
		"uid=5,mpol=local", "mpol=interleave:0,0,gid=7", "uid=5,ro", "uid=5,rw", "uid=5,mode=07777", "uid=5,mode=9",
	};
	static const unsigned long flags[] = {
		MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_SYNCHRONOUS, MS_DIRSYNC, MS_NOATIME, MS_NODIRATIME, MS_RELATIME, MS_STRICTATIME,
		MS_NOATIME | MS_STRICTATIME, MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, 0xc0ed0000 | MS_NOSUID, MS_SILENT, MS_LAZYTIME,
	};
	static char lengthy[8192];

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		try("tmpfs", 0, options[i]);
		try("devpts", 0, options[i]);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		try("tmpfs", flags[i], "uid=5,gid=6");
	try("tmpfs", 0, NULL);
	try("nosuchfs", 0, "uid=5");
	try("a type that is too long for any", 0, "uid=5");
	try("devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666,newinstance");
	try("devpts", 0, "uid=5,mode=620,ptmxmode=666");
	memset(lengthy, ',', sizeof(lengthy) - 1);
	memcpy(lengthy, "uid=5", 5);
	try("tmpfs", 0, lengthy);
	memset(lengthy + 5, 'x', sizeof(lengthy) - 6);
	try("tmpfs", 0, lengthy);
}

static void target(const char *path)
{
	int r = mount("none", path, "tmpfs", 0, "uid=5");

	printf("on %s: %s\n", path, r < 0 ? strerror(errno) : "ok");
	if (r == 0) {
		show(path);
		umount(path);
	}
}

/* Where, and what is there before and afterwards. */
void part_targets(void)
{
	static char lengthy[5000];

	close(open("file", O_CREAT | O_WRONLY, 0644));
	mkdir("d", 0700);
	result("symlink", symlink("m", "link"));
	result("symlink", symlink("nowhere", "dangling"));
	result("symlink", symlink("loop", "loop"));
	target("m");
	target("m/");
	target("link");
	target("./d/../m/.");
	target("file");
	target("file/x");
	target("nowhere");
	target("dangling");
	target("loop");
	target("");
	memset(lengthy, 'x', sizeof(lengthy) - 1);
	target(lengthy);
	result("mount NULL", mount("none", NULL, "tmpfs", 0, "uid=5"));
	result("mount bad data", mount("none", "m", "tmpfs", 0, (void *)-4096L));
	result("mount NULL source", mount(NULL, "m", "tmpfs", 0, "uid=7"));
	show("m");
	close(open("m/f", O_CREAT | O_WRONLY, 0644));
	show("m/f");
	result("chown", chown("m/f", 42, 43));
	result("chown", chown("m", 8, -1));
	show("m");
	/* one upon the other */
	result("mount on it", mount("none", "m", "tmpfs", 0, "gid=9,mode=711"));
	show("m");
	show("m/f");
	result("umount", umount("m"));
	show("m");
	show("m/f");
	result("umount", umount("m"));
	show("m");
	result("chdir", chdir("m"));
	target(".");
	target("../m");
	result("chdir", chdir(".."));
}

/* From other namespaces, roots, and with less. */
static void elsewhere(int how)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (how == 1)
			result("unshare", unshare(CLONE_NEWNS));
		if (how == 2 || how == 3)
			result("chroot", chroot("."));
		if (how == 3)
			result("unshare", unshare(CLONE_NEWNS));
		if (how == 4)
			result("setresuid", setresuid(1000, 1000, 1000));
		result("mount", mount("none", how == 2 || how == 3 ? "/m" : "m", "tmpfs", 0, "uid=5,gid=6"));
		show("m");
		/* of who has no capability, the kernel does not know here */
		if (how != 4)
			result("umount", umount("m"));
		show("m");
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("after %d: %d\n", how, status);
	show("m");
}

void part_elsewhere(void)
{
	for (int how = 0; how <= 4; how++)
		elsewhere(how);
	/* it stays in the other namespace */
	result("unshare", unshare(CLONE_NEWNS));
	result("mount", mount("none", "m", "tmpfs", 0, "uid=5,gid=6"));
	elsewhere(1);
	result("umount", umount("m"));
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } parts[] = {
		{ "options", part_options }, { "targets", part_targets }, { "elsewhere", part_elsewhere },
		{ "context", part_context }, { "terminal", part_terminal },
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	umask(022);
	if (mkdir("m", 0755) < 0 && errno != EEXIST)
		return 1;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && argc == 2; i++) {
		if (strcmp(parts[i].name, argv[1]) == 0) {
			parts[i].run();
			return 0;
		}
	}
	return 2;
}
