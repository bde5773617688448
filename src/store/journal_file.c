/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/sys.h"
#include "rule/journal.h"

#define LOCK_STEP_MS 5

/* Files that are put aside, so that nobody can fill the disk with them. */
#define BAD_MOST 9

/* Makes each directory of a path that is not there. 0, or why the first one could not be made. */
static int make_directories(char *path)
{
	int r = 0;

	for (char *slash = path; slash; ) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST && r == 0)
			r = -errno;
		if (slash)
			*slash = '/';
	}
	return r;
}

int journal_file_directory(char path[static PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct stat st;
	auto_fd fd = -1;
	int n, r;

	path[0] = '\0';
	if (state && state[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/subuidless", state);
	else if (home && home[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/.local/state/subuidless", home);
	else
		return -ENOENT;
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	r = make_directories(path);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return r < 0 ? r : -errno;
	return st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)) ? steal_fd(&fd) : -EPERM;
}

int journal_file_open(int directory, const char *name, bool writable)
{
	auto_fd fd = openat(directory, name, (writable ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077) ? steal_fd(&fd) : -EPERM;
}

uint64_t journal_file_boot(void)
{
	auto_fd fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	uint64_t words[8] = { 0 }, hash = 0;

	if (fd < 0 || read(fd, words, sizeof(words)) < 36)
		words[0] = (uint64_t)time(NULL) << 20 | (uint64_t)getpid();
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		hash = hash_add(hash, words[i]);
	return hash | 1;
}

static int set_lock(int fd, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	if (fcntl(fd, F_SETLK, &whole) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

int journal_file_lock(int fd, int tries)
{
	const struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	int r = set_lock(fd, F_WRLCK);

	while (r == -EAGAIN && --tries > 0) {
		nanosleep(&step, NULL);
		r = set_lock(fd, F_WRLCK);
	}
	return r;
}

int journal_file_unlock(int fd)
{
	return set_lock(fd, F_UNLCK);
}

int journal_file_kind(int fd)
{
	unsigned char head[JOURNAL_ENTRY];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	struct stat st;

	if (n < 0 || fstat(fd, &st) < 0)
		return -errno;
	return n < st.st_size && n < (ssize_t)sizeof(head) ? -EIO : (int)journal_kind_of(head, (size_t)n);
}

int journal_file_begin(int fd)
{
	return ftruncate(fd, 0) < 0 ? -errno : journal_file_write(fd, journal_head, JOURNAL_ENTRY, 0);
}

int journal_file_put_aside(int directory, const char *name)
{
	struct stat st;
	char bad[32];
	int r = -EEXIST;

	for (int i = 1; r == -EEXIST && i <= BAD_MOST; i++) {
		if (i == 1)
			snprintf(bad, sizeof(bad), "%s.bad", name);
		else
			snprintf(bad, sizeof(bad), "%s.bad.%d", name, i);
		r = renameat2(directory, name, directory, bad, RENAME_NOREPLACE) < 0 ? -errno : 0;
		/* NFS cannot do that at once; who else would put one there has locked the file that is */
		if (r == -EINVAL)
			r = fstatat(directory, bad, &st, AT_SYMLINK_NOFOLLOW) == 0 ? -EEXIST : renameat(directory, name, directory, bad) < 0 ? -errno : 0;
	}
	if (r == 0)
		log_warnx("%s is no file of ours: it is now called %s", name, bad);
	return r;
}

int journal_file_write(int fd, const void *bytes, size_t size, off_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pwrite(fd, (const char *)bytes + done, size - done, at + (off_t)done);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

enum journal_place journal_file_place(int directory, const char *name, int fd, off_t size)
{
	struct stat ours, named;

	/* NFS gives the file that was replaced another name, as long as it is open */
	if (fstat(fd, &ours) < 0 || ours.st_nlink == 0 || fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) < 0 || !stat_same(&ours, &named))
		return JOURNAL_REPLACED;
	return ours.st_size < size ? JOURNAL_CUT : JOURNAL_IN_PLACE;
}
