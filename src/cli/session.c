/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/userns.h"
#include "cli/single.h"

/* The sum of the lengths in a map, and the first ids in it. */
static uint64_t read_map(const char *path, unsigned int *inside, unsigned int *outside)
{
	FILE *file = fopen(path, "re");
	unsigned int in, out, length;
	uint64_t sum = 0;

	while (file && fscanf(file, "%u %u %u", &in, &out, &length) == 3) {
		if (sum == 0) {
			*inside = in;
			*outside = out;
		}
		sum += length;
	}
	if (file)
		fclose(file);
	return sum;
}

/* Has a line of the file this first field? With NULL, this number in the third, and the first becomes name. */
static bool has_line(const char *path, const char *first, unsigned int number, char name[static NAME_MAX])
{
	FILE *file = fopen(path, "re");
	char line[NAME_MAX];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char *rest = strchr(line, ':'), *third = rest ? strchr(rest + 1, ':') : NULL;

		if (!third)
			continue;
		*rest = '\0';
		found = first ? strcmp(line, first) == 0 : strtoul(third + 1, NULL, 10) == number;
		if (found && !first)
			strcpy(name, line);
	}
	if (file)
		fclose(file);
	return found;
}

static bool is_given_ids(const char *path)
{
	char number[16], name[NAME_MAX];

	snprintf(number, sizeof(number), "%u", geteuid());
	return has_line(path, number, 0, name) ||
	       (has_line("/etc/passwd", NULL, geteuid(), name) && has_line(path, name, 0, name));
}

const char *session_needless(void)
{
	unsigned int inside, outside;
	uint64_t ids = read_map("/proc/self/uid_map", &inside, &outside);

	if (geteuid() == 0 && ids > 1)
		return ids > UINT_MAX - 1U ? "root has all IDs" : "this user namespace maps several IDs";
	if (geteuid() != 0 && is_given_ids("/etc/subuid") && is_given_ids("/etc/subgid"))
		return "you have subordinate IDs, in /etc/subuid and /etc/subgid";
	return NULL;
}

/* DIR/NAME, or HOME/OTHER/NAME where the variable is not set. False: neither. */
static bool find_home(const char *variable, const char *other, const char *name, char path[static PATH_MAX])
{
	const char *dir = getenv(variable), *home = getenv("HOME");

	if (dir && dir[0] == '/')
		return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX;
	return home && snprintf(path, PATH_MAX, "%s/%s/%s", home, other, name) < PATH_MAX;
}

/* The first word in DIR/NAME. False: there is none, or none so short. */
static bool read_word(const char *dir, const char *name, char *word, int size)
{
	char path[PATH_MAX];
	FILE *file = snprintf(path, sizeof(path), "%s/%s", dir, name) < PATH_MAX ? fopen(path, "re") : NULL;
	bool found = file && fgets(word, size, file);

	if (file)
		fclose(file);
	if (found)
		word[strcspn(word, " \n")] = '\0';
	return found && word[0] && strlen(word) < (size_t)size - 1;
}

static bool says(const char *dir, const char *name, const char *expected)
{
	char word[64];

	return read_word(dir, name, word, sizeof(word)) && strcmp(word, expected) == 0;
}

static bool exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, name) < PATH_MAX && access(path, F_OK) == 0;
}

/* Of files, such as the whiteout that overlay keeps for the next time. */
static void empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		(void)!unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

/* In a child: exits with 0 if files on overlay in a user namespace can be made and changed. */
static void try_overlay(const char *dir)
{
	static const char *const names[] = { "lower", "upper", "work", "merged" };
	bool works = single_unshare(CLONE_NEWNS) == 0 && chdir(dir) == 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		works = works && mkdir(names[i], 0700) == 0;
	works = works && close(open("lower/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == 0 &&
		mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work,userxattr") == 0;
	/* a copy-up, and a whiteout */
	works = works && chmod("merged/file", 0640) == 0 && unlink("merged/file") == 0;
	umount2("merged", MNT_DETACH);
	/* with the capabilities that are had here, for work/work has no permissions */
	unlink("lower/file");
	unlink("upper/file");
	empty("work/work");
	rmdir("work/work");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		rmdir(names[i]);
	_exit(!works);
}

/* On the file system of that directory, which is made if need be with those above it. */
static bool overlay_works(const char *storage)
{
	char path[PATH_MAX], *slash = path;
	int status = 1;
	pid_t pid;

	if (snprintf(path, sizeof(path), "%s/overlay.XXXXXX", storage) >= PATH_MAX)
		return false;
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		(void)!mkdir(path, 0700);
		*slash = '/';
	}
	if (!mkdtemp(path))
		return false;
	pid = fork();
	if (pid == 0)
		try_overlay(path);
	if (pid > 0)
		waitpid(pid, &status, 0);
	rmdir(path);
	return status == 0;
}

void session_choose_driver(void)
{
	char storage[PATH_MAX], conf[PATH_MAX];

	if (getenv("STORAGE_DRIVER") || getenv("CONTAINERS_STORAGE_CONF") || !find_home("XDG_DATA_HOME", ".local/share", "containers/storage", storage))
		return;
	if (find_home("XDG_CONFIG_HOME", ".config", "containers/storage.conf", conf) && access(conf, F_OK) == 0)
		return;
	/* fuse-overlayfs has been used there: its files are no other driver's */
	if (says(storage, "overlay/.has-mount-program", "true"))
		return;
	if (exists(storage, "overlay-images") || exists(storage, "vfs-images"))
		setenv("STORAGE_DRIVER", exists(storage, "overlay-images") ? "overlay" : "vfs", 0);
	else
		setenv("STORAGE_DRIVER", overlay_works(storage) ? "overlay" : "vfs", 0);
}

/* The pidfd of the process that keeps podman's namespaces, if they are as we need them; or -errno. */
static int open_pause(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned int inside, outside;
	char path[PATH_MAX], number[16];
	auto_fd pidfd = -1;

	if (!runtime || !read_word(runtime, "libpod/tmp/pause.pid", number, sizeof(number)))
		return -ENOENT;
	if (strspn(number, "0123456789") != strlen(number) || atoi(number) <= 0)
		return -EINVAL;
	pidfd = (int)syscall(SYS_pidfd_open, atoi(number), 0);
	if (pidfd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/%s/uid_map", number);
	if (read_map(path, &inside, &outside) != 1 || inside != 0 || outside != geteuid())
		return -EINVAL;
	/* its number may be another process's by now, which is in such a namespace, too */
	snprintf(path, sizeof(path), "/proc/%s", number);
	return says(path, "comm", "podman") || says(path, "comm", "catatonit") ? steal_fd(&pidfd) : -ESRCH;
}

/* Has podman make its namespaces, as any command of it does. */
static void start_pause(const char *podman)
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl(podman, "podman", "unshare", "true", (char *)NULL);
		_exit(EXIT_FAILURE);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* crun refuses hybrid hierarchies of cgroups; where it finds no controllers, it takes them for those of version 1, which it lets be. */
static void hide_cgroups(void)
{
	static const char controllers[] = "/sys/fs/cgroup/unified/cgroup.controllers";
	struct statfs fs;
	struct stat st;

	if (statfs("/sys/fs/cgroup", &fs) < 0 || fs.f_type == CGROUP2_SUPER_MAGIC || stat(controllers, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (mount("/dev/null", controllers, NULL, MS_BIND, NULL) < 0)
		log_errno(LOG_LEVEL_WARNING, -errno, "cannot hide the hybrid cgroups of this system, with which crun fails");
}

/* Joined or made. The working directory is the one that it was. */
static int enter(const char *podman)
{
	char cwd[PATH_MAX];
	auto_fd pause = podman ? open_pause() : -ENOENT;

	if (pause < 0 && podman) {
		start_pause(podman);
		pause = open_pause();
	}
	if (pause < 0)
		return single_unshare(CLONE_NEWNS);
	if (!getcwd(cwd, sizeof(cwd)))
		strcpy(cwd, "/");
	if (setns(pause, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	return chdir(cwd) < 0 && chdir("/") < 0 ? -errno : 0;
}

int session_enter(const char *podman)
{
	char uid[16], gid[16];
	int r;

	snprintf(uid, sizeof(uid), "%u", geteuid());
	snprintf(gid, sizeof(gid), "%u", getegid());
	/* in "podman unshare" it is said already */
	if (geteuid() != 0) {
		r = enter(podman);
		if (r < 0) {
			log_errno(LOG_LEVEL_ERROR, r, "cannot make a user namespace");
			userns_explain(LOG_LEVEL_ERROR, r);
			return r;
		}
		setenv("_CONTAINERS_USERNS_CONFIGURED", "done", 1);
		setenv("_CONTAINERS_ROOTLESS_UID", uid, 1);
		setenv("_CONTAINERS_ROOTLESS_GID", gid, 1);
	}
	hide_cgroups();
	return 0;
}

/* In a child, for its mount is not to stay. */
static bool can_mount_terminals(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWNS) < 0 || mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620,gid=5") < 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

void session_show_groups(void)
{
	static const char map[] = "         0          0 4294967295\n";
	char path[PATH_MAX];
	auto_fd fd = -1;

	if (!find_home("XDG_RUNTIME_DIR", ".", "gid_map.XXXXXX", path) || !can_mount_terminals())
		return;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return;
	/* the mount goes with this process, the file with the mount */
	if (write(fd, map, sizeof(map) - 1) != sizeof(map) - 1 || mount(path, "/proc/self/gid_map", NULL, MS_BIND, NULL) < 0)
		log_errno(LOG_LEVEL_WARNING, -errno, "cannot show all groups to the engine, which leaves out those of an image's user");
	unlink(path);
}
