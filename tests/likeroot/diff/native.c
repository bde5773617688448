/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native [-P] [-x] [-a] [-b DIR] ROOT CMD...: CMD as real root with the mounts, devices and capabilities that a container of
 * tests/config.json has, but without an emulated id. Nothing of the host is in sight but, with -P, its /proc; -b mounts
 * that one on DIR, too. -x: programs can be executed in /dev/shm. -a: CAP_SYS_ADMIN is not dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(x) do { \
	if ((x) < 0) { \
		fprintf(stderr, "native: %s: %s\n", #x, strerror(errno)); \
		_exit(1); \
	} \
} while (0)

/* as in config.json */
#define CAPABILITIES (1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER | 1U << CAP_FSETID | \
	1U << CAP_KILL | 1U << CAP_SETGID | 1U << CAP_SETUID | 1U << CAP_SETPCAP | 1U << CAP_NET_BIND_SERVICE | \
	1U << CAP_SYS_CHROOT | 1U << CAP_MKNOD | 1U << CAP_AUDIT_WRITE | 1U << CAP_SETFCAP)

static void mount_dev(unsigned long shm_flags)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" }, { "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" },
	};

	CHECK(mkdir("nodes", 0700));
	CHECK(mount("tmpfs", "nodes", "tmpfs", 0, "mode=700"));
	CHECK(mknod("nodes/null", S_IFCHR | 0666, makedev(1, 3)));
	CHECK(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"));
	CHECK(close(open("dev/null", O_CREAT | O_WRONLY, 0666)));
	/* on a file system of its own, as the host's device is in a container */
	CHECK(mount("nodes/null", "dev/null", NULL, MS_BIND, NULL));
	CHECK(umount2("nodes", MNT_DETACH));
	CHECK(rmdir("nodes"));
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		CHECK(symlink(links[i][0], links[i][1]));
	CHECK(mkdir("dev/shm", 01777));
	CHECK(chmod("dev/shm", 01777));
	CHECK(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | shm_flags, "mode=1777,size=65536k"));
}

static void drop_capabilities(uint32_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = keep, .permitted = keep } };

	for (int c = 0; prctl(PR_CAPBSET_READ, c) >= 0; c++)
		if (c >= 32 || !(keep & 1U << c))
			CHECK(prctl(PR_CAPBSET_DROP, c));
	CHECK(syscall(SYS_capset, &header, data));
}

static void run(const char *root, bool host_proc, unsigned long shm_flags, uint32_t capabilities, const char *bound, char **argv)
{
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(mount(root, root, NULL, MS_BIND, NULL));
	CHECK(chdir(root));
	umask(0);
	if (bound)
		CHECK(mount("/proc", bound, NULL, MS_BIND | MS_REC, NULL));
	CHECK(host_proc ? mount("/proc", "proc", NULL, MS_BIND | MS_REC, NULL) : mount("proc", "proc", "proc", 0, NULL));
	mount_dev(shm_flags);
	CHECK((int)syscall(SYS_pivot_root, ".", "."));
	CHECK(umount2(".", MNT_DETACH));
	CHECK(chdir("/"));
	umask(022);
	drop_capabilities(capabilities);
	CHECK(execv(argv[0], argv));
}

int main(int argc, char **argv)
{
	bool host_proc = false;
	unsigned long shm_flags = MS_NOEXEC;
	uint32_t capabilities = CAPABILITIES;
	const char *bound = NULL;
	int c, status;
	pid_t pid;

	while ((c = getopt(argc, argv, "+Pxab:")) != -1) {
		if (c == 'P')
			host_proc = true;
		else if (c == 'x')
			shm_flags = 0;
		else if (c == 'a')
			capabilities |= 1U << CAP_SYS_ADMIN;
		else if (c == 'b')
			bound = optarg;
		else
			return 2;
	}
	if (argc - optind < 2)
		return 2;
	CHECK(unshare(CLONE_NEWNS | CLONE_NEWIPC | (host_proc ? 0 : CLONE_NEWPID)));
	pid = fork();
	CHECK(pid);
	if (pid == 0)
		run(argv[optind], host_proc, shm_flags, capabilities, bound, argv + optind + 1);
	CHECK(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
