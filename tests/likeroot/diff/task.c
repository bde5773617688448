/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls: children, threads with descriptors or a directory of their own, a process without its leader, fewer capabilities. */
#include "diff.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CWD ((unsigned long)AT_FDCWD)

static const char *group;

/* What belongs to a zombie belongs to the host's root: task_dump_owner() in the kernel. */
static const char *of_zombie(const char *path)
{
	return strncmp(group, "no-leader", 9) == 0 && strcmp(path, "/proc/self/status") == 0 ? "@host" : "";
}

/* Every call, as often as there is a path or descriptor for it. */
static void calls_on(const char *const *paths, size_t count, unsigned long fd)
{
	for (size_t p = 0; p < count; p++)
		for (const struct call *c = calls; c < calls + call_count; c++) {
			struct args a = { .dirfd = c->traits & T_FD ? fd : CWD, .path = paths[p], .mask = 0x7ff, .size = 200 };
			long r;

			if ((c->layout == L_OLD) || (c->kind != OWNER && c->kind != STAT) || (c->traits & T_FD && p > 0))
				continue;
			if (!begin("task/%s/%s/%s%s", group, c->name, c->traits & T_FD ? "fd" : paths[p], of_zombie(paths[p])))
				continue;
			a.uid = 100 + p * 20 + (unsigned long)(c - calls);
			a.gid = 500 + p;
			if (c->kind == OWNER) {
				owner_case(c, &a);
				continue;
			}
			a.buf = buffer_at(P_GOOD, 256);
			r = call_run(c, &a);
			show_result(r);
			if (r == 0)
				show_stat(c->layout, a.buf);
			end();
		}
}

/* Runs in a child that the parent waits for. */
static void in_child(const char *name, void (*body)(void))
{
	int status;
	pid_t pid;

	group = name;
	tree_build(0);
	pid = fork();
	if (pid == 0) {
		body();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	if (begin("task/%s/end", name)) {
		out(" %x", status);
		tree_show_changes();
		end();
	}
	tree_remove();
}

static const char *const own_paths[] = {
	"/proc/self/fd/102", "/proc/thread-self/fd/102", "/proc/self/cwd/in", "/proc/thread-self/cwd/in", "in", "reg", "/proc/self/cwd/reg",
	"/proc/thread-self/cwd/reg", "/dev/fd/102", "/proc/self/status", "/proc/thread-self/status",
};

static void child(void)
{
	calls_on(own_paths, ARRAY_SIZE(own_paths), FD_REG);
}

static void child_with_own_files(void)
{
	put_fd(open("suid", O_RDWR), FD_REG);
	if (chdir("dir") < 0)
		die("dir");
	calls_on(own_paths, ARRAY_SIZE(own_paths), FD_REG);
}

/* /proc/self is the leader's, /proc/thread-self is ours, and so are descriptors and relative paths. */
static void *thread_with_own_files(void *none)
{
	if (unshare(CLONE_FILES) < 0 || unshare(CLONE_FS) < 0 || chdir("dir") < 0)
		die("unshare");
	put_fd(open("../one", O_RDWR), FD_REG);
	calls_on(own_paths, ARRAY_SIZE(own_paths), FD_REG);
	return none;
}

static void *thread_that_shares(void *none)
{
	calls_on(own_paths, ARRAY_SIZE(own_paths), FD_REG);
	return none;
}

static void run_thread(void *(*body)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, NULL) != 0 || pthread_join(thread, NULL) != 0)
		die("pthread");
}

static void own_files(void)
{
	run_thread(thread_with_own_files);
}

static void shared_files(void)
{
	run_thread(thread_that_shares);
}

/* Waits until the leader is a zombie. */
static void *thread_without_leader(void *own)
{
	char text[256] = "";

	for (;;) {
		int fd = open("/proc/self/stat", O_RDONLY);
		ssize_t n = read(fd, text, sizeof(text) - 1);

		close(fd);
		if (n > 0 && strstr(text, ") Z "))
			break;
		usleep(300);
	}
	if (own)
		thread_with_own_files(NULL);
	else
		thread_that_shares(NULL);
	_exit(0);
}

static void leave(void *own)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_without_leader, own) != 0)
		die("pthread");
	/* not pthread_exit(): nothing of this thread may be run down any more */
	syscall(SYS_exit, 0);
}

static void leader_gone(void)
{
	leave(NULL);
}

static void leader_gone_own_files(void)
{
	leave("");
}

static void drop(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		die("capget");
	data[0].effective &= ~(1U << capability);
	/* some containers have it beside CAP_DAC_OVERRIDE */
	data[0].effective &= ~(1U << CAP_DAC_READ_SEARCH);
	if (syscall(SYS_capset, &header, data) < 0)
		die("capset");
}

static void ids_without(const char *path)
{
	static const unsigned long ids[][2] = { { KEEP, KEEP }, { 0, 0 }, { KEEP, 0 }, { 0, KEEP }, { 42, KEEP }, { KEEP, 42 }, { 0, 42 } };

	for_each_call(c, OWNER)
		for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
			struct args a = { .dirfd = c->traits & T_FD ? FD_REG : CWD, .path = path, .uid = ids[i][0], .gid = ids[i][1] };

			if (begin("task/%s/%s/%s/%d:%d", group, c->name, path, (int)a.uid, (int)a.gid))
				owner_case(c, &a);
		}
}

static void without_chown(void)
{
	struct args a = { .dirfd = CWD, .path = "one", .uid = 42, .gid = 43 };

	call_run(&calls[0], &a);
	drop(CAP_CHOWN);
	ids_without("reg");
	ids_without("suid");
	ids_without("dir");
	ids_without("one");
}

static void without_dac_override(void)
{
	static const char *const paths[] = { "dir/in", "dir", "reg", "sticky", "sticky/in", "/proc/self/fd/101/in" };

	if (chmod("sticky", 0) < 0 || chmod("dir", 0600) < 0 || chmod("reg", 0) < 0)
		die("chmod");
	drop(CAP_DAC_OVERRIDE);
	calls_on(paths, ARRAY_SIZE(paths), FD_REG);
}

static void without_fsetid(void)
{
	drop(CAP_FSETID);
	ids_without("suid");
	ids_without("setgid");
}

static void without_fowner(void)
{
	drop(CAP_FOWNER);
	ids_without("suid");
	ids_without("sticky");
}

/* In a user namespace of its own that maps nothing, every id is shown as the overflow id and none can be set. */
static void nested(void)
{
	struct args a = { .dirfd = CWD, .path = "one", .uid = 42, .gid = 43 };
	static const char *const paths[] = { "reg", "one", "ln", "dir/in" };

	call_run(&calls[0], &a);
	if (unshare(CLONE_NEWUSER) < 0) {
		if (begin("task/%s/refused", group))
			end();
		return;
	}
	calls_on(paths, ARRAY_SIZE(paths), FD_REG);
}

void task_cases(void)
{
	in_child("child", child);
	in_child("child-own-files", child_with_own_files);
	in_child("thread", shared_files);
	in_child("thread-own-files", own_files);
	in_child("no-leader", leader_gone);
	in_child("no-leader-own-files", leader_gone_own_files);
	in_child("no-chown", without_chown);
	in_child("no-dac-override", without_dac_override);
	in_child("no-fsetid", without_fsetid);
	in_child("no-fowner", without_fowner);
	in_child("nested", nested);
}
