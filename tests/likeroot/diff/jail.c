/* SPDX-License-Identifier: Apache-2.0 */
/* A child with another root directory, which keeps descriptors of what is outside of it. */
#include "diff.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CWD ((unsigned long)AT_FDCWD)

static const struct path {
	const char *id, *text;
	unsigned long dirfd;
} paths[] = {
	{ "file", "/file", CWD }, { "in", "/sub/in", CWD }, { "above", "/../../file", CWD }, { "rel", "file", CWD }, { "up", "../file", CWD },
	{ "labs", "/labs", CWD }, { "lup", "/lup", CWD }, { "lout", "/lout", CWD }, { "outside", "/reg", CWD }, { "root", "/", CWD },
	{ "lsub", "/lsub/in", CWD }, { "sub-up", "/sub/../../file", CWD }, { "slash", "/file/", CWD }, { "dang", "/dang", CWD },
	{ "proc", "/proc/self/fd/102", CWD }, { "no-proc", "/dev/fd/102", CWD }, { "fifo", "/fifo", CWD },
	{ "fd-out", "reg", FD_TREE }, { "fd-out-in", "dir/in", FD_TREE }, { "fd-out-up", "../reg", FD_DIR }, { "fd-out-above", "../tree/reg", FD_TREE },
	{ "fd-out-labs", "labs", FD_TREE }, { "fd-out-lfile", "lfile", FD_TREE }, { "fd-out-jail", "jail/file", FD_TREE },
	{ "fd-out-jail-up", "jail/../reg", FD_TREE }, { "fd-out-jail-lup", "jail/lup", FD_TREE }, { "fd-out-abs", "/file", FD_TREE },
	{ "fd-out-root", "../../../../../../../../proc/self/fd/102", FD_TREE },
	{ "proc-fd", "self/fd/102", FD_PROC }, { "proc-root", "self/root/file", FD_PROC }, { "proc-root-up", "self/root/../file", FD_PROC },
	{ "proc-cwd", "self/cwd/file", FD_PROC }, { "proc-cwd-up", "self/cwd/../file", FD_PROC }, { "proc-fd-dir", "self/fd/101/../reg", FD_PROC },
	{ "proc-fd-dir-above", "self/fd/100/../tree/reg", FD_PROC }, { "proc-thread", "thread-self/fd/102", FD_PROC },
	{ "proc-root-labs", "self/root/labs", FD_PROC }, { "proc-fd-jail-labs", "self/fd/100/jail/labs", FD_PROC },
};

static const struct call *narrow(const struct call *c)
{
	return c->layout == L_OLD || c->kind == SET || c->kind == REMOVE ? NULL : c;
}

static void in_jail(const char *name)
{
	for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
		for (const struct call *c = calls; c < calls + call_count; c++) {
			struct args a = { .dirfd = paths[p].dirfd, .path = paths[p].text, .mask = 0x7ff, .size = 200, .name = "user.rootlesscontainers" };
			long r;

			if (!narrow(c) || c->traits & T_FD || (paths[p].dirfd != CWD && !(c->traits & T_AT)))
				continue;
			if (!begin("jail/%s/%s/%s", name, c->name, paths[p].id))
				continue;
			a.uid = 100 + p;
			a.gid = 300 + (unsigned long)(c - calls);
			if (c->kind == OWNER) {
				owner_case(c, &a);
				continue;
			}
			a.buf = buffer_at(P_GOOD, 256);
			r = call_run(c, &a);
			show_result(r);
			if (c->kind == STAT && r == 0)
				show_stat(c->layout, a.buf);
			end();
		}
}

/* With files of the same names inside and outside. */
static void make_jail(void)
{
	struct stat st;
	char text[512];

	if (mkdir("jail", 0755) < 0 || mkdir("jail/sub", 0755) < 0 || symlink("/file", "jail/labs") < 0 ||
	    symlink("../../../file", "jail/lup") < 0 || symlink("/sub", "jail/lsub") < 0 || symlink("/none", "jail/dang") < 0 ||
	    symlink("/file", "lfile") < 0 || mkfifo("jail/fifo", 0600) < 0)
		die("jail");
	snprintf(text, sizeof(text), "%s/reg", tree_path);
	if (symlink(text, "labs") < 0 || symlink(text, "jail/lout") < 0)
		die("labs");
	close(open("jail/file", O_CREAT | O_WRONLY, 0644));
	close(open("jail/sub/in", O_CREAT | O_WRONLY, 0644));
	if (fstatat(FD_TREE, "jail/file", &st, 0) < 0)
		die("jail/file");
	object_add("jail", -1);
	object_add("jail/file", -1);
	object_add("jail/sub", -1);
	object_add("jail/sub/in", -1);
	object_add("jail/lup", -1);
	object_add("jail/dang", -1);
	object_add("jail/fifo", -1);
	object_add("labs", -1);
}

static void leave_to(const char *cwd)
{
	if (chroot("jail") < 0 || chdir(cwd) < 0)
		die("chroot");
}

static void inside(void)
{
	leave_to("/");
	in_jail("inside");
}

/* The root is elsewhere, the working directory stays outside: ".." does not stop at the root. */
static void outside(void)
{
	if (chroot("jail") < 0)
		die("chroot");
	in_jail("outside");
}

static void below(void)
{
	leave_to("/sub");
	in_jail("below");
}

static void *thread(void *none)
{
	if (unshare(CLONE_FS) < 0)
		die("unshare");
	leave_to("/");
	in_jail("thread");
	return none;
}

/* Only one thread has the other root: /proc/self/root is the leader's. */
static void in_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, thread, NULL) != 0 || pthread_join(t, NULL) != 0)
		die("pthread");
	in_jail("leader");
}

static void run(void (*body)(void))
{
	int status;
	pid_t pid;

	tree_build(0);
	make_jail();
	pid = fork();
	if (pid == 0) {
		body();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("fork");
	tree_remove();
}

void jail_cases(void)
{
	run(inside);
	run(outside);
	run(below);
	run(in_thread);
}
