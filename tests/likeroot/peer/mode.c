/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static unsigned int mode_of(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0 ? st.st_mode : 0;
}

static void try(const char *name, unsigned int mode)
{
	SAY(name, syscall(SYS_chmod, name, mode), " %o makes %o", mode, mode_of(name));
}

static int other, her, path, link_path; /* descriptors */

/* her own, her group's, another's; files and directories */
static const char *const paths[] = { "her", "group", "other", "hers/", "others/", "link", "her-fifo", "strange", "roots" };

static void make(void)
{
	need(mkdir("m", 0755) == 0 && chdir("m") == 0, "mkdir");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		size_t n = strlen(paths[i]);

		if (paths[i][n - 1] == '/')
			need(mkdir(paths[i], 0755) == 0, "mkdir");
		else if (strstr(paths[i], "link"))
			need(symlink("other", paths[i]) == 0, "symlink");
		else
			need(mknod(paths[i], (strstr(paths[i], "fifo") ? S_IFIFO : S_IFREG) | 0644, 0) == 0, "mknod");
	}
	need(chown("her", 42, 43) == 0 && chown("hers", 42, 43) == 0 && chown("others", 44, 43) == 0 && chown("her-fifo", 42, 43) == 0, "chown");
	other = open("other", O_RDONLY);
	her = open("her", O_RDONLY);
	path = open("her", O_PATH);
	link_path = open("link", O_PATH | O_NOFOLLOW);
	need(lchown("link", 44, 43) == 0, "lchown");
	need(chown("group", 42, 5) == 0 && chown("other", 44, 43) == 0 && chown("strange", 42, 99) == 0, "chown");
}

static void try_all(void)
{
	static const unsigned int modes[] = { 0600, 06755, 02755, 02644, 01777, 0107777, 0755 };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (size_t j = 0; j < sizeof(modes) / sizeof(modes[0]); j++)
			try(paths[i], modes[j]);
	try("missing", 0600);
	try("her/", 0600);
	try("", 0600);
	try("/proc/self/status", 0600);
	SAY("NULL", syscall(SYS_chmod, NULL, 0600), " ");
	SAY("fchmod her", syscall(SYS_fchmod, her, 02711), " %o", mode_of("her"));
	SAY("fchmod other", syscall(SYS_fchmod, other, 02711), " %o", mode_of("other"));
	SAY("fchmod O_PATH", syscall(SYS_fchmod, path, 0711), " ");
	SAY("fchmod none", syscall(SYS_fchmod, 99, 0711), " ");
	SAY("fchmod cwd", syscall(SYS_fchmod, AT_FDCWD, 0711), " ");
	SAY("fchmodat her", syscall(SYS_fchmodat, AT_FDCWD, "her", 0611, AT_SYMLINK_NOFOLLOW), " %o", mode_of("her"));
	SAY("fchmodat none", syscall(SYS_fchmodat, 99, "her", 0611), " ");
	SAY("fchmodat2 her", syscall(SYS_fchmodat2, AT_FDCWD, "her", 0604, AT_SYMLINK_NOFOLLOW), " %o", mode_of("her"));
	SAY("fchmodat2 link", syscall(SYS_fchmodat2, AT_FDCWD, "link", 0604, AT_SYMLINK_NOFOLLOW), " ");
	SAY("fchmodat2 O_PATH", syscall(SYS_fchmodat2, path, "", 0640, AT_EMPTY_PATH), " %o", mode_of("her"));
	SAY("fchmodat2 O_PATH of a link", syscall(SYS_fchmodat2, link_path, "", 0640, AT_EMPTY_PATH), " ");
	SAY("fchmodat2 empty", syscall(SYS_fchmodat2, path, "", 0640, 0), " ");
	SAY("fchmodat2 flags", syscall(SYS_fchmodat2, path, "", 0640, 0x8000), " ");
	SAY("fchmodat2 NULL", syscall(SYS_fchmodat2, path, NULL, 0640, AT_EMPTY_PATH), " ");
}

/* Files are touched as fsuid and fsgid. */
static void as_fsuid(void)
{
	setfsgid(99);
	setfsuid(44);
	try("other", 02755);
	try("her", 02755);
	try("strange", 02755);
	try("roots", 0600);
}

/* Root, but for some of its capabilities: that of one who has given up its uid, and got it back. */
static void as_lesser(void)
{
	need(setresuid(42, 42, 0) == 0, "setresuid");
	try("her", 06755);
	try("other", 06755);
	need(setresuid(42, 0, 0) == 0, "setresuid");
	try("her", 06711);
	try("other", 06711);
}

void test_mode(void)
{
	umask(022);
	make();
	try_all();
	in_child(1, try_all);
	in_child(0, as_fsuid);
	in_child(0, as_lesser);
	try_all();
}
