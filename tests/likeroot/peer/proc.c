/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *proc = "/proc";

static const char *const entries[] = {
	"", "/", "/status", "/fd", "/fd/0", "/fd/9", "/fdinfo", "/task", "/task/%d", "/task/%d/status", "/task/%d/fd/0", "/ns",
	"/ns/pid", "/exe", "/cwd", "/root", "/net", "/attr", "/attr/current", "/maps", "/map_files", "/limits", "/oom_score_adj",
};

static void say_stat(const char *name, const char *path, int follow)
{
	struct stat st;
	struct statx stx;
	int r = follow ? stat(path, &st) : lstat(path, &st);

	say(name, r, " %d:%d %o", r ? 0 : (int)st.st_uid, r ? 0 : (int)st.st_gid, r ? 0 : S_ISLNK(st.st_mode) ? S_IFLNK : st.st_mode);
	r = statx(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stx);
	say(name, r, " %d:%d statx", r ? 0 : (int)stx.stx_uid, r ? 0 : (int)stx.stx_gid);
}

static void say_directory(const char *whose, const char *path, pid_t pid)
{
	char name[300], full[300], entry[64];

	/* the link "self" itself belongs to nobody here */
	for (size_t i = path[0] < 'a' ? 0 : 1; i < sizeof(entries) / sizeof(entries[0]); i++) {
		snprintf(entry, sizeof(entry), entries[i], pid);
		snprintf(full, sizeof(full), "%s/%s%s", proc, path, entry);
		snprintf(name, sizeof(name), "%s%s", whose, entries[i]);
		say_stat(name, full, 0);
	}
}

static void say_open(const char *whose, const char *path)
{
	char full[300];
	struct stat st;
	int dir, fd;

	snprintf(full, sizeof(full), "%s/%s", proc, path);
	dir = open(full, O_RDONLY | O_DIRECTORY);
	need(dir >= 0, full);
	SAY(whose, fstat(dir, &st), " %d:%d open", (int)st.st_uid, (int)st.st_gid);
	SAY(whose, fstatat(dir, "status", &st, 0), " %d:%d status in it", (int)st.st_uid, (int)st.st_gid);
	SAY(whose, fstatat(dir, "exe", &st, AT_SYMLINK_NOFOLLOW), " %d:%d exe in it", (int)st.st_uid, (int)st.st_gid);
	SAY(whose, fstatat(dir, "", &st, AT_EMPTY_PATH), " %d:%d empty", (int)st.st_uid, (int)st.st_gid);
	fd = openat(dir, "status", O_RDONLY);
	need(fd >= 0, "status");
	SAY(whose, fstat(fd, &st), " %d:%d open status", (int)st.st_uid, (int)st.st_gid);
	close(fd);
	close(dir);
	fd = open(full, O_PATH);
	SAY(whose, fstat(fd, &st), " %d:%d O_PATH", (int)st.st_uid, (int)st.st_gid);
	close(fd);
	need(chdir(full) == 0, "chdir");
	say_stat("relative .", ".", 1);
	say_stat("relative fd", "fd", 1);
	say_stat("relative exe", "exe", 0);
	need(chdir("/") == 0, "chdir");
}

static pid_t sleeper, parent;

static void say_sleeper(void)
{
	char path[32];

	snprintf(path, sizeof(path), "%d", sleeper);
	say_directory("hers", path, sleeper);
	say_open("hers", path);
	snprintf(path, sizeof(path), "%d/task/%d", sleeper, sleeper);
	say_open("her thread's", path);
	snprintf(path, sizeof(path), "%d", parent);
	say_directory("its parent's", path, parent);
	say_open("its parent's", path);
	say_stat("self", "/proc/self", 1);
	say_stat("thread-self", "/proc/thread-self", 1);
}

/* What is nobody's in a container: of the host's root, or of who owns the network namespace. */
void test_nobodys(void)
{
	static const char *const paths[] = {
		"/proc", "/proc/self", "/proc/uptime", "/proc/sys", "/proc/sys/kernel/hostname", "/proc/%d/net/dev", "/proc/%d/net/stat",
	};
	char path[64];

	sleeper = start_sleeper();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		snprintf(path, sizeof(path), paths[i], sleeper);
		say_stat(paths[i], path, 0);
	}
	end_sleeper(sleeper);
}

/* What the caller finds in its own directory. */
void test_own(void)
{
	if (getenv("PROC"))
		proc = getenv("PROC");
	say_directory("own", "self", getpid());
	say_open("own", "self");
	say_directory("own thread", "thread-self", getpid());
}

/* A process that has changed its ids has files of root in /proc until it executes a program. */
static void execute_own(void)
{
	execl(self, self, "own", NULL);
	need(0, "exec");
}

void test_alice_own(void)
{
	in_child(1, execute_own);
}

static void look_at_parent(void)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", parent);
	say_stat("who dropped its ids", path, 1);
}

static void dropped(void)
{
	parent = getpid();
	say_stat("self", "/proc/self", 1);
	say_stat("thread-self", "/proc/thread-self", 1);
	say_stat("own", "/proc/self/task", 1);
	in_child(0, look_at_parent);
}

/* what its directory shows is its effective id */
static void effective(void)
{
	need(setresgid(7, 44, 8) == 0 && setresuid(7, 43, 8) == 0, "setresuid");
	say_stat("effective", "/proc/self", 1);
}

void test_proc(void)
{
	if (getenv("PROC"))
		proc = getenv("PROC");
	parent = getpid();
	say_stat("before", "/proc/self", 1);
	sleeper = start_sleeper();
	say_sleeper();
	end_sleeper(sleeper);
	in_child(1, execute_own);
	in_child(1, dropped);
	in_child(0, effective);
}
