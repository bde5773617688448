/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links PROC OUTSIDE [PID...]: paths through the magic links of the procfs at PROC, in many spellings, of this task and of PIDs.
 * The oracle is open(2) with O_PATH, which is not trapped: where that fails each call has to fail, and where it leads to an object a
 * call that succeeds has to mean this object. At TEST_SCALE=1 a tenth of the combinations, among which each two of their parts meet.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static unsigned long followed, refused, less, calls, hollow;
static uid_t next_id = 100000;

static bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/*
 * The worker can look up the entries of its own descriptors where the caller cannot, so it says that it has changed the link itself, on
 * which nothing can be changed: the caller learns that there is such a descriptor, and no more.
 */
static bool is_hollow(const char *path, long r)
{
	const char *at = strstr(path, "/fd/");

	return r == 0 && at && !strchr(at + 4, '/');
}

static void judge(const char *what, const char *path, int fd, long r)
{
	calls++;
	if (fd < 0 && r >= 0)
		wrong("%s %s: succeeds, but cannot be opened", what, path);
	else if (fd < 0)
		refused++;
	else if (r < 0)
		less++;
	else
		followed++;
}

static void change(const char *what, int dir, const char *path, int fd, int flags)
{
	uid_t id = next_id++;
	long r = flags || dir != AT_FDCWD ? sys_fchownat(dir, path, id, id, flags) : sys_chown(path, id, id);

	if (fd < 0 && flags && is_hollow(path, r))
		hollow++;
	else
		judge(what, path, fd, r);
	if (r == 0 && fd >= 0 && !is_procfs(fd) && owner_of(fd) != id)
		wrong("%s %s: another object was changed", what, path);
}

static void look(const char *what, const char *path, int fd, struct shown s)
{
	judge(what, path, fd, s.r);
	if (s.r == 0 && fd >= 0 && s.ino != inode_of(fd))
		wrong("%s %s: another object is shown", what, path);
	if (s.r == 0 && s.uid == 4242)
		wrong("%s %s: the owner of what is outside is shown", what, path);
}

static void read_xattrs(int dir, const char *path)
{
	char buffer[4096];
	ssize_t n;

	if (dir != AT_FDCWD)
		return;
	if (syscall(SYS_getxattr, path, OURS, buffer, sizeof(buffer)) >= 0 || syscall(SYS_lgetxattr, path, OURS, buffer, sizeof(buffer)) >= 0)
		wrong("getxattr %s: our xattr is read", path);
	for (int nofollow = 0; nofollow < 2; nofollow++) {
		n = syscall(nofollow ? SYS_llistxattr : SYS_listxattr, path, buffer, sizeof(buffer));
		calls++;
		if (n > 0 && (memmem(buffer, (size_t)n, OURS, sizeof(OURS)) || memmem(buffer, (size_t)n, "user.secret", 12)))
			wrong("listxattr %s: what is hidden or outside is listed", path);
	}
}

static void try(int dir, const char *path)
{
	for (int nofollow = 0; nofollow < 2; nofollow++) {
		int flags = nofollow ? AT_SYMLINK_NOFOLLOW : 0;
		int fd = openat(dir, path, O_PATH | O_CLOEXEC | (nofollow ? O_NOFOLLOW : 0));

		change(nofollow ? "fchownat, no link," : "chown", dir, path, fd, flags);
		if (nofollow && dir == AT_FDCWD) {
			long r = sys_lchown(path, next_id, next_id);

			if (fd < 0 && is_hollow(path, r))
				hollow++;
			else
				judge("lchown", path, fd, r);
		}
		look("fstatat", path, fd, sys_fstatat(dir, path, flags));
		look("statx", path, fd, sys_statx(dir, path, flags));
		if (dir == AT_FDCWD)
			look(nofollow ? "lstat" : "stat", path, fd, nofollow ? sys_lstat(path) : sys_stat(path));
		if (fd >= 0)
			close(fd);
	}
	read_xattrs(dir, path);
}

static char text[PATH_MAX];
static int procfs;

/* The path itself, by a symlink, relative to a directory in /proc, and relative to the working directory there. */
static void try_all(const char *prefix, const char *rest)
{
	check(snprintf(text, sizeof(text), "%s/%s", prefix, rest) < (int)sizeof(text), "a path is too long");
	try(AT_FDCWD, text);
	unlink("/tmp/link");
	if (symlink(text, "/tmp/link") == 0)
		try(AT_FDCWD, "/tmp/link");
	try(procfs, rest);
	check(fchdir(procfs) == 0, "fchdir");
	try(AT_FDCWD, rest);
	check(chdir("/tmp/dir") == 0, "chdir");
}

int main(int argc, char **argv)
{
	static const char *const links[] = { "cwd", "root", "exe", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7", "fd/8", "ns/mnt", "task/../cwd" };
	char prefixes[6][64], tasks[16][64], ends[6][1024];
	size_t n = 0, every;

	check(argc > 2 && argc < 12, "links PROC OUTSIDE [PID...]");
	snprintf(prefixes[0], 64, "%s", argv[1]);
	snprintf(prefixes[1], 64, "/%s", argv[1]);
	snprintf(prefixes[2], 64, "/.%s/.", argv[1]);
	snprintf(prefixes[3], 64, "%s/self/../.", argv[1]);
	snprintf(prefixes[4], 64, "/tmp/../tmp/to-proc");
	snprintf(prefixes[5], 64, "/tmp/dir/..///..%s/", argv[1]);
	snprintf(tasks[n++], 64, "self");
	snprintf(tasks[n++], 64, "thread-self");
	snprintf(tasks[n++], 64, "self/task/%d", getpid());
	snprintf(tasks[n++], 64, "%d", getpid());
	snprintf(tasks[n++], 64, "%d/task/%d", getpid(), getpid());
	snprintf(tasks[n++], 64, "%d", getppid());
	for (int i = 3; i < argc; i++)
		snprintf(tasks[n++], 64, "%s", argv[i]);
	snprintf(ends[0], 1024, "%s", "");
	snprintf(ends[1], 1024, "/");
	snprintf(ends[2], 1024, "/..");
	snprintf(ends[3], 1024, "/../../..");
	snprintf(ends[4], 1024, "%s/victim", argv[2]);
	snprintf(ends[5], 1024, "/../../../..%s/victim", argv[2]);
	check(mkdir("/tmp/dir", 0755) == 0 && symlink(argv[1], "/tmp/to-proc") == 0 && chdir("/tmp/dir") == 0, "/tmp/dir");
	procfs = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	check(procfs >= 0 && dup2(make_file("/tmp/file"), 7) == 7 && dup2(open(".", O_PATH), 8) == 8, "descriptors");
	every = 10 / (unsigned int)scaled(10);
	for (size_t p = 0; p < ARRAY_SIZE(prefixes); p++)
		for (size_t t = 0; t < n; t++)
			for (size_t l = 0; l < ARRAY_SIZE(links); l++)
				for (size_t e = 0; e < ARRAY_SIZE(ends); e++) {
					char rest[2048];

					if (every > 1 && (p + 2 * t + 3 * l + e) % every != 0)
						continue;
					check(snprintf(rest, sizeof(rest), "%s/%s%s", tasks[t], links[l], ends[e]) < 2048, "a path is too long");
					try_all(prefixes[p], rest);
				}
	printf("%lu calls; where the kernel leads to an object and we do not: %lu\n", calls, less);
	printf("links of the worker's own descriptors that are said to be changed: %lu\n", hollow);
	at_least("followed as the kernel does", followed, scaled(1000));
	at_least("refused as the kernel does", refused, scaled(1000));
	return verdict();
}
