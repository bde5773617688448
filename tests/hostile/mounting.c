/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounting CASE: what a container might get by mounts that are made for it, and by descriptors that are asked what terminal they are.
 * plain: a task without the capability; foreign: targets in other mount namespaces; confined: by Landlock; nested: in a user namespace of its own;
 * fill N: so many file systems that are being made, N of which have to find room; forged: a file that answers ioctl(2) as it likes; one: a file
 * system that finds room.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fuse.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIR "/tmp/m"

static void must_fail(const char *what, long r, int error)
{
	if (r >= 0)
		wrong("%s succeeded", what);
	else if (errno != error)
		wrong("%s: %s", what, strerror(errno));
	else
		printf("%s: %s\n", what, strerror(error));
}

static int mount_owned(const char *target)
{
	return mount("none", target, "tmpfs", 0, "uid=5,gid=6");
}

static bool is_mounted(void)
{
	struct stat st, up;

	check(stat(DIR, &st) == 0 && stat(DIR "/..", &up) == 0, "stat");
	return st.st_dev != up.st_dev;
}

static void plain(void)
{
	must_fail("mount", mount_owned(DIR), EPERM);
	must_fail("fsopen", fsopen("tmpfs", 0), EPERM);
	if (is_mounted())
		wrong("it is there");
}

/* Without a capability that the container has. */
static void drop(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	check(syscall(SYS_capget, &header, data) == 0, "capget");
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	check(syscall(SYS_capset, &header, data) == 0, "capset");
}

static int configured(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);

	check(fs >= 0 && fsconfig(fs, FSCONFIG_SET_STRING, "uid", "5", 0) == 0 && fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0, "fsopen");
	return fs;
}

static void dropped(void)
{
	int fs = configured(), other = configured(), fd = fsmount(other, 0, 0);

	check(fd >= 0, "fsmount");
	drop();
	must_fail("mount", mount_owned(DIR), EPERM);
	must_fail("fsmount", fsmount(fs, 0, 0), EPERM);
	must_fail("move_mount", move_mount(fd, "", AT_FDCWD, DIR, MOVE_MOUNT_F_EMPTY_PATH), EPERM);
	if (is_mounted())
		wrong("it is there");
}

static void away(void)
{
	int dir = open(DIR, O_PATH | O_DIRECTORY), fs = configured(), fd;
	struct stat before, after;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	check(fstat(dir, &before) == 0 && unshare(CLONE_NEWNS) == 0, "unshare");
	must_fail("mount on a directory of another namespace", mount_owned(path), EINVAL);
	fd = fsmount(fs, 0, 0);
	check(fd >= 0, "fsmount");
	must_fail("move_mount to it", move_mount(fd, "", dir, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), EINVAL);
	check(fstat(dir, &after) == 0 && before.st_dev == after.st_dev, "fstat");
	/* nothing of it went to where the others are: process 1 is there */
	check(stat("/proc/1/root" DIR, &after) == 0, "stat");
	if (after.st_dev != before.st_dev)
		wrong("it is mounted in another namespace");
	check(mount_owned(DIR) == 0 && stat("/proc/1/root" DIR, &after) == 0, "mount");
	if (after.st_dev != before.st_dev || !is_mounted())
		wrong("a mount went astray");
}

/* A directory of a namespace that is left, in which process 1 stays. */
static void foreign(void)
{
	pid_t pid = fork();
	int status;

	if (pid != 0) {
		check(waitpid(pid, &status, 0) == pid, "waitpid");
		if (status != 0)
			wrong("status %x", (unsigned int)status);
		return;
	}
	away();
	fflush(stdout);
	_exit(verdict());
}

static void confined(void)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = 1 };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0), fs = configured(), fd = fsmount(fs, 0, 0);

	check(ruleset >= 0 && fd >= 0, "landlock_create_ruleset");
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0, "landlock_restrict_self");
	must_fail("mount", mount_owned(DIR), EPERM);
	must_fail("move_mount", move_mount(fd, "", AT_FDCWD, DIR, MOVE_MOUNT_F_EMPTY_PATH), EPERM);
	if (is_mounted())
		wrong("it is there");
}

static void nested(void)
{
	check(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "unshare");
	must_fail("mount", mount_owned(DIR), EINVAL);
}

static void fill(unsigned int room)
{
	unsigned int n = 0;

	for (int i = 0; i < 40; i++) {
		int fs = fsopen("tmpfs", 0);

		check(fs >= 0, "fsopen");
		if (fsconfig(fs, FSCONFIG_SET_STRING, "uid", "5", 0) == 0)
			n++;
		else if (errno != ENOMEM)
			wrong("fsconfig: %s", strerror(errno));
	}
	printf("%u of 40 have room\n", n);
	if (n != room)
		wrong("and not %u", room);
}

static void one(void)
{
	int fs = configured();

	check(fsmount(fs, 0, 0) >= 0, "fsmount");
	printf("one has room\n");
}

/* A file system with a file "f" whose ioctl(2) says 3, with whatever bytes a caller takes. */
static void serve(int fuse)
{
	struct { struct fuse_in_header in; char body[1 << 16]; } request;

	for (;;) {
		struct { struct fuse_out_header out; char body[256]; } reply = { .out.len = sizeof(reply.out) };
		struct fuse_attr attr = { .nlink = 1, .mode = S_IFREG | 0666, .ino = 2 };
		ssize_t n = read(fuse, &request, sizeof(request));

		if (n < (ssize_t)sizeof(request.in))
			_exit(0);
		attr.mode = request.in.nodeid == 1 ? S_IFDIR | 0755 : attr.mode;
		reply.out.unique = request.in.unique;
		switch (request.in.opcode) {
		case FUSE_INIT:
			*(struct fuse_init_out *)reply.body = (struct fuse_init_out){ .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096 };
			reply.out.len += sizeof(struct fuse_init_out);
			break;
		case FUSE_LOOKUP:
			attr.mode = S_IFREG | 0666;
			*(struct fuse_entry_out *)reply.body = (struct fuse_entry_out){ .nodeid = 2, .attr = attr };
			reply.out.len += sizeof(struct fuse_entry_out);
			break;
		case FUSE_GETATTR:
			*(struct fuse_attr_out *)reply.body = (struct fuse_attr_out){ .attr = attr };
			reply.out.len += sizeof(struct fuse_attr_out);
			break;
		case FUSE_OPEN:
			reply.out.len += sizeof(struct fuse_open_out);
			break;
		case FUSE_IOCTL: {
			struct fuse_ioctl_in *in = (struct fuse_ioctl_in *)request.body;

			((struct fuse_ioctl_out *)reply.body)->result = 3;
			memset(reply.body + sizeof(struct fuse_ioctl_out), 1, sizeof(int));
			reply.out.len += sizeof(struct fuse_ioctl_out) + (in->out_size ? sizeof(int) : 0);
			break;
		}
		case FUSE_FORGET: case FUSE_INTERRUPT: case FUSE_BATCH_FORGET:
			continue;
		case FUSE_RELEASE: case FUSE_FLUSH: case FUSE_ACCESS:
			break;
		default:
			reply.out.error = -ENOSYS;
		}
		if (write(fuse, &reply, reply.out.len) < 0 && errno != ENOENT)
			_exit(1);
	}
}

static void forged(void)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC), fd, n = 0;
	char options[100];
	pid_t pid;

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	check(fuse >= 0 && mount("f", DIR, "fuse", MS_NOSUID | MS_NODEV, options) == 0, "mount of FUSE");
	pid = fork();
	if (pid == 0)
		serve(fuse);
	close(fuse);
	fd = open(DIR "/f", O_RDWR);
	check(fd >= 0, "open");
	/* credentials are recorded from now on, so that it may matter whose a terminal is */
	check(setresuid(0, 1000, 0) == 0 && setresuid(0, 0, 0) == 0, "setresuid");
	for (int i = 0; i < 100; i++) {
		struct stat st;

		if (ioctl(fd, TIOCGPTN, &n) != 3)
			wrong("the file was not asked");
		if (stat("/", &st) < 0 || chown("/tmp", (uid_t)i, 7) < 0 || stat("/tmp", &st) < 0 || st.st_uid != (uid_t)i)
			wrong("call %d: %s", i, strerror(errno));
	}
	printf("asked 100 times\n");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } cases[] = {
		{ "plain", plain }, { "dropped", dropped }, { "foreign", foreign }, { "confined", confined }, { "nested", nested }, { "one", one },
		{ "forged", forged },
	};

	if (mkdir(DIR, 0755) < 0 && errno != EEXIST)
		die("mkdir");
	if (argc == 3 && strcmp(argv[1], "fill") == 0) {
		fill((unsigned int)atoi(argv[2]));
		return verdict();
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (argc == 2 && strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			return verdict();
		}
	}
	die("what?");
}
