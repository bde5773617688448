/* SPDX-License-Identifier: Apache-2.0 */
#include "base/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Not a flag of unshare(2), which fails with EINVAL before it looks at any permission; a filter that forbids CLONE_NEWUSER fails it before that. */
#define NO_FLAG 1

/* what an administrator may set a limit to; the kernel's defaults grow with the memory */
#define SUGGESTED "10000"

/* Text of a small file, "" without it. */
static void read_text(const char *path, char *text, size_t size)
{
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
}

/* The value of a sysctl, -1 where this kernel has none of this name. */
static long read_sysctl(const char *path)
{
	char text[32], *end;
	long value;

	read_text(path, text, sizeof(text));
	value = strtol(text, &end, 10);
	return end == text ? -1 : value;
}

/* Root of the machine, whom the settings for unprivileged users do not restrict. */
static bool is_real_root(void)
{
	unsigned int inside, outside, length;
	char map[64];

	read_text("/proc/self/uid_map", map, sizeof(map));
	return geteuid() == 0 && sscanf(map, "%u %u %u", &inside, &outside, &length) == 3 && length == UINT_MAX;
}

static bool is_off_for_users(void)
{
	return read_sysctl("/proc/sys/kernel/unprivileged_userns_clone") == 0 && !is_real_root();
}

static bool is_filtered(void)
{
	return unshare(CLONE_NEWUSER | NO_FLAG) < 0 && errno != EINVAL;
}

/* The root directory is not the root of a mount. Also false after a chroot(2) to a directory that is one. */
static bool is_chrooted(void)
{
	struct statx stx;

	return statx(AT_FDCWD, "/", 0, 0, &stx) == 0 && stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT &&
	       !(stx.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static void explain_limit(enum log_level level)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "ipc", "uts", "net" };
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kinds[i]);
		if (read_sysctl(path) != 0)
			continue;
		log_line(level, "user.max_%s_namespaces is 0: an administrator can allow them with \"sysctl -w user.max_%s_namespaces=" SUGGESTED
			 "\", and for good in /etc/sysctl.d", kinds[i], kinds[i]);
		found = true;
	}
	if (!found)
		log_line(level, "as many as user.max_user_namespaces allows, here (%ld) or outside of this user namespace, are in use, "
			 "or 32 of them are nested: an administrator can raise it with sysctl(8)",
			 read_sysctl("/proc/sys/user/max_user_namespaces"));
}

/* True if a setting forbids it. */
static bool explain_settings(enum log_level level)
{
	bool off = is_off_for_users();
	char exe[PATH_MAX];
	ssize_t n;

	if (off)
		log_line(level, "kernel.unprivileged_userns_clone is 0: an administrator can allow user namespaces with "
			 "\"sysctl -w kernel.unprivileged_userns_clone=1\", and for good in /etc/sysctl.d");
	if (read_sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") != 1 || is_real_root())
		return off;
	n = readlink("/proc/self/exe", exe, sizeof(exe));
	log_line(level, "kernel.apparmor_restrict_unprivileged_userns is 1: an administrator can allow user namespaces to %.*s with an AppArmor "
		 "profile that has the rule \"userns,\", as subuidless(1) shows, or to all programs with "
		 "\"sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\"", n > 0 ? (int)n : 0, exe);
	return true;
}

static void explain_denial(enum log_level level)
{
	bool filtered = is_filtered(), chrooted = is_chrooted();

	if (filtered)
		log_line(level, "a seccomp filter around this process forbids user namespaces: start its container with "
			 "--security-opt seccomp=unconfined, or its systemd unit without RestrictNamespaces=, or go outside of it");
	if (chrooted)
		log_line(level, "this process is in a chroot(2), where the kernel allows no user namespace: run it outside, or enter the "
			 "directory with a mount namespace and pivot_root(2), as \"systemd-nspawn -D\" does");
	if (!explain_settings(level) && !filtered && !chrooted)
		log_line(level, "no setting says why: this process may be in a chroot(2), its user may have no ID in this user namespace, or a "
			 "security module forbids it: an administrator can look for a denial in \"journalctl -k\"");
}

void userns_explain(enum log_level level, int r)
{
	if (access("/proc/self/setgroups", F_OK) < 0 && access("/proc/self/ns/user", F_OK) < 0)
		log_line(level, access("/proc/self/stat", F_OK) < 0 ? "/proc is needed: an administrator has to mount a procfs there" :
			 "this kernel has no user namespaces: it has to be built with CONFIG_USER_NS");
	else if (r == -ENOSPC || r == -EUSERS)
		explain_limit(level);
	else if (r == -EPERM || r == -EACCES || r == -ENOSYS)
		explain_denial(level);
}

void userns_report(void)
{
	static const char consequence[] = "no rootless container can be started";

	if (read_sysctl("/proc/sys/user/max_user_namespaces") == 0)
		log_warnx("user.max_user_namespaces is 0: %s", consequence);
	else if (is_off_for_users())
		log_warnx("kernel.unprivileged_userns_clone is 0: %s", consequence);
}
