/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "exec.h"

int must(int r, const char *what)
{
	if (r < 0) {
		perror(what);
		exit(2);
	}
	return r;
}

/* Owner and mode, in the order in which chown(2) does not clear the bits. */
static void give(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	char path[256];

	snprintf(path, sizeof(path), TREE "/%s", name);
	must(chown(path, uid, gid), path);
	must(chmod(path, mode), path);
}

static void write_file(const char *name, const void *bytes, size_t n)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), TREE "/%s", name);
	fd = must(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700), path);
	if (write(fd, bytes, n) != (ssize_t)n)
		must(-1, path);
	close(fd);
}

/* This program under another name. */
static void copy(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	static char bytes[4 << 20];
	static ssize_t n;

	if (n == 0) {
		int fd = must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "/proc/self/exe");

		n = read(fd, bytes, sizeof(bytes));
		close(fd);
	}
	if (n <= 0 || n == sizeof(bytes))
		must(-1, "/proc/self/exe");
	write_file(name, bytes, (size_t)n);
	give(name, uid, gid, mode);
}

static void text(const char *name, const char *content, uid_t uid, gid_t gid, mode_t mode)
{
	write_file(name, content, strlen(content));
	give(name, uid, gid, mode);
}

static void capabilities(const char *name, uint32_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct vfs_cap_data data = { .magic_etc = VFS_CAP_REVISION_2 | effective };
	char path[256];

	for (int i = 0; i < 2; i++) {
		data.data[i].permitted = (uint32_t)(permitted >> 32 * i);
		data.data[i].inheritable = (uint32_t)(inheritable >> 32 * i);
	}
	snprintf(path, sizeof(path), TREE "/%s", name);
	must(setxattr(path, "security.capability", &data, sizeof(data), 0), path);
}

static void make_programs(void)
{
	copy("plain", 0, 0, 0755);
	copy("owned", 1000, 1000, 0755);
	copy("suid0", 0, 0, 04755);
	copy("suid1000", 1000, 0, 04755);
	copy("suid2000", 2000, 0, 04755);
	copy("sgid0", 0, 0, 02755);
	copy("sgid5", 0, 5, 02755);
	copy("sgid-no-x", 0, 6, 02745);
	copy("both", 2000, 5, 06755);
	copy("nosuid/both", 2000, 5, 06755);
	copy("deny/suid2000", 2000, 0, 04644);
	copy("cap", 0, 0, 0755);
	capabilities("cap", VFS_CAP_FLAGS_EFFECTIVE, 1 << CAP_NET_BIND_SERVICE, 0);
	copy("cap-inheritable", 0, 0, 0755);
	capabilities("cap-inheritable", 0, 0, 1 << CAP_NET_BIND_SERVICE | 1 << CAP_KILL);
	copy("cap-too-much", 0, 0, 0755);
	capabilities("cap-too-much", VFS_CAP_FLAGS_EFFECTIVE, 1 << CAP_SYS_ADMIN, 0);
	copy("cap-suid2000", 2000, 5, 06755);
	capabilities("cap-suid2000", VFS_CAP_FLAGS_EFFECTIVE, 1 << CAP_CHOWN, 0);
}

void make_tree(void)
{
	static const char *const directories[] = { TREE "/empty", TREE "/deny", TREE "/nosuid" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if (mkdir(directories[i], 0755) < 0 && errno != EEXIST)
			must(-1, directories[i]);
	make_programs();
	text("script", "#!" TREE "/plain show\n", 2000, 5, 06755);
	text("script-missing", "#!" TREE "/missing\n", 2000, 5, 06755);
	text("garbage", "\1\2\3\4 no program\n", 2000, 5, 06755);
	text("no-x", "#!" TREE "/plain show\n", 2000, 5, 04644);
	must(symlink("suid2000", TREE "/link"), "link");
	must(symlink("dangling", TREE "/dangling"), "dangling");
}
