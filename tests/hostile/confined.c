/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confined: what a task that has confined itself by Landlock to /tmp/allowed can do outside of that: one line each. Landlock restricts
 * opening and changing of directories and files, and the use of other tasks' /proc, but neither stat(2) nor chown(2); see the
 * kernel's userspace-api/landlock. The same program without the daemon is the oracle.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void confine(void)
{
	/* all rights of the first version */
	struct landlock_ruleset_attr attr = { .handled_access_fs = (1ULL << 13) - 1 };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	struct landlock_path_beneath_attr rule = { .allowed_access = attr.handled_access_fs };

	check(ruleset >= 0, "landlock_create_ruleset");
	rule.parent_fd = open("/tmp/allowed", O_PATH | O_CLOEXEC);
	check(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0, "landlock_add_rule");
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0, "landlock_restrict_self");
}

static void probe(const char *path, const char *name)
{
	char list[1000];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	printf("%s: open %d", name, fd < 0 ? -errno : 0);
	fd = open(path, O_PATH | O_CLOEXEC);
	printf(", O_PATH %d", fd < 0 ? -errno : 0);
	printf(", stat %ld, statx %ld, chown %ld, lchown %ld, fchownat %ld", sys_stat(path).r, sys_statx(AT_FDCWD, path, 0).r,
	       sys_chown(path, 0, 0), sys_lchown(path, 0, 0), sys_fchownat(AT_FDCWD, path, 0, 0, 0));
	printf(", getxattr %d", syscall(SYS_getxattr, path, OURS, list, sizeof(list)) < 0 ? -errno : 0);
	printf(", listxattr %d\n", syscall(SYS_listxattr, path, list, sizeof(list)) < 0 ? -errno : 0);
}

int main(void)
{
	char path[100];
	pid_t parent = getpid(), pid;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 4096);
	mkdir("/tmp/allowed", 0755);
	mkdir("/tmp/denied", 0755);
	check(dup2(make_file("/tmp/denied/f"), 60) == 60, "dup2");
	make_file("/tmp/allowed/f");
	check(chdir("/tmp/denied") == 0, "chdir");
	/* an owner of ours, so that answers are ours too; without a daemon it cannot be set */
	if (sys_chown("/tmp/denied/f", 42, 42) == 0)
		sys_chown("/tmp/allowed/f", 42, 42);
	pid = fork();
	if (pid == 0) {
		close(60);
		confine();
		probe("/tmp/allowed/f", "allowed");
		probe("/tmp/denied/f", "denied");
		probe("/proc/self/cwd/f", "denied, by an own link");
		snprintf(path, sizeof(path), "/proc/%d/cwd/f", parent);
		probe(path, "denied, by the parent's working directory");
		snprintf(path, sizeof(path), "/proc/%d/root/tmp/denied/f", parent);
		probe(path, "denied, by the parent's root directory");
		snprintf(path, sizeof(path), "/proc/%d/fd/60", parent);
		probe(path, "denied, by the parent's descriptor");
		_exit(verdict());
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		wrong("the confined process ends with %x", status);
	return verdict();
}
