/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture-walker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

#define UP "../../../../../../../../../../../../../../../../../../../../../../../../../../../../../../../.."
#define NOBODY 65534 /* where there is no such user, the task that is to be hidden gets undumpable instead */
#define FIRST_FD 100 /* of what the tasks have open: the root of the tree, and one more directory below it */

int walker_root = -1, walker_procfs = -1;
pid_t walker_caller, walker_hidden;

static struct made {
	char path[4096];
	char kind;
} made[WALKER_LINES];
static size_t count;
static int outside = -1; /* the working directory, which never changes for long */
static bool entered;

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Before main(), since what has threads may make no user namespace: all here happens in one where it is needed. */
__attribute__((constructor)) static void unshare_first(void)
{
	int fd = fsopen("tmpfs", FSOPEN_CLOEXEC), uid = (int)getuid(), gid = (int)getgid();
	char map[64];

	if (fd >= 0) {
		close(fd);
		return;
	}
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return;
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%d %d 1", uid, uid);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%d %d 1", gid, gid);
	put("/proc/self/gid_map", map);
}

static void use_capabilities(uint32_t which, bool use)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		abort();
	data[0].effective = use ? data[0].effective | (data[0].permitted & which) : data[0].effective & ~which;
	if (syscall(SYS_capset, &header, data) < 0)
		abort();
}

/* Without the capabilities that make permissions of directories void. */
static void bind_permissions(bool bind)
{
	use_capabilities(1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH, !bind);
}

void walker_look_into_tasks(bool may)
{
	use_capabilities(1U << CAP_SYS_PTRACE, may);
}

static pid_t idle(bool hidden)
{
	const pid_t parent = getpid();
	int ready[2];
	pid_t pid;
	char byte;

	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct none[2] = { 0 };

		if (fchdir(walker_root) < 0 || chroot(".") < 0 ||
		    dup2(walker_root, FIRST_FD) < 0 || dup2(walker_procfs < 0 ? walker_root : walker_procfs, FIRST_FD + 1) < 0 ||
		    prctl(PR_SET_DUMPABLE, !hidden || setresuid(NOBODY, NOBODY, NOBODY) == 0) < 0 ||
		    syscall(SYS_capset, &header, none) < 0 ||
		    /* last, since a change of user forgets it */
		    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || write(ready[1], "", 1) != 1)
			_exit(1);
		/* not the files, pipes and sockets of whoever runs this */
		for (int fd = 0; fd < FIRST_FD; fd++)
			close(fd);
		for (;;)
			pause();
	}
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

void walker_open(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), top;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ||
	    (top = fsmount(fs, FSMOUNT_CLOEXEC, 0)) < 0) {
		fprintf(stderr, "walker: neither a mount nor a user namespace is to be had here\n");
		exit(77);
	}
	close(fs);
	CHECK(mkdirat(top, "root", 0755) == 0);
	walker_root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	outside = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(walker_root >= 0 && outside >= 0);
	close(top);
	walker_procfs = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (walker_procfs < 0)
		walker_procfs = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (walker_procfs < 0)
		fprintf(stderr, "walker: no copy of /proc is to be had here, so no walk starts there\n");
	walker_caller = idle(false);
	walker_hidden = idle(true);
}

void walker_enter(void)
{
	if (fchdir(walker_root) < 0 || chroot(".") < 0 || fchdir(outside) < 0)
		abort();
	bind_permissions(true);
	entered = true;
}

void walker_leave(void)
{
	bind_permissions(false);
	if (chroot(UP) < 0)
		abort();
	entered = false;
}

/* Sanitizers call these before the fuzzer writes its input to a file, which must not be one of the tree. */
void __asan_on_error(void);
void __asan_on_error(void)
{
	if (entered)
		walker_leave();
}

void __ubsan_on_report(void);
void __ubsan_on_report(void)
{
	__asan_on_error();
}

void walker_build(const char *line)
{
	struct made *m = &made[count];
	size_t n = strcspn(line + 2, " ");
	const char *target = line + 2 + n + (line[2 + n] == ' ');
	int fd = -1, r;

	/* nothing of the tree is called "self", which leaves the word to procfs */
	if (count == WALKER_LINES || line[0] == '\0' || line[1] != ' ' || n >= sizeof(m->path) || strstr(line, "self"))
		return;
	memcpy(m->path, line + 2, n);
	m->path[n] = '\0';
	m->kind = line[0];
	/* from a relative start, as the working directory is outside */
	for (const char *p = m->path; *p == '/';)
		memmove(m->path, p + 1, strlen(p));
	if (m->kind == 'd')
		r = mkdirat(walker_root, m->path, 0755);
	else if (m->kind == 'f')
		r = fd = openat(walker_root, m->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	else if (m->kind == 'l')
		r = symlinkat(target, walker_root, m->path);
	else
		r = m->kind == 'm' ? fchmodat(walker_root, m->path, 0, 0) : -1;
	if (r >= 0)
		count++;
	if (fd >= 0)
		close(fd);
}

/* Backwards, when each name leads again to where it did when it was made. */
bool walker_raze(void)
{
	bool whole = true;

	bind_permissions(false);
	while (count > 0) {
		const struct made *m = &made[--count];

		if (m->kind == 'm')
			whole &= fchmodat(walker_root, m->path, 0755, 0) == 0;
		else
			whole &= unlinkat(walker_root, m->path, m->kind == 'd' ? AT_REMOVEDIR : 0) == 0;
	}
	return whole;
}
