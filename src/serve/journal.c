/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/sys.h"
#include "rule/journal.h"

#define NAME "records"
#define NEW_NAME "records.new"
#define BAD_NAME "records.bad"

/* Another broker holds a lock while it reads the file at its start, ... */
#define OPEN_TRIES 200
#define LOCK_STEP_MS 5

/* ... or for less than a millisecond. Who holds one longer shall not stall us. */
#define LOCK_TRIES 10

/* More changes than this, and twice as many as there are records, and the file is written anew. */
#define SLACK 4096

static struct {
	struct records *table;
	int fd;        /* -1: nothing is written */
	int watch;
	off_t next;    /* what is before was read */
	unsigned long changes, damaged;
} j = { .fd = -1, .watch = -1 };

static void pause_shortly(void)
{
	const struct timespec step = { 0, LOCK_STEP_MS * 1000000L };

	nanosleep(&step, NULL);
}

/* Makes each directory of a path that is not there. */
static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
}

/* An O_PATH descriptor of the directory, whose path is written as far as it is known, or -errno. */
static int open_directory(char path[static PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct stat st;
	auto_fd fd = -1;
	int n;

	path[0] = '\0';
	if (state && state[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/subuidless", state);
	else if (home && home[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/.local/state/subuidless", home);
	else
		return -ENOENT;
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	make_directories(path);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)) ? steal_fd(&fd) : -EPERM;
}

/* Reads on, up to the last change that is there as a whole, in a file that somebody may have made as large as can be. */
static void read_on(void)
{
	static unsigned char bytes[1024 * JOURNAL_ENTRY];
	struct record record;
	ssize_t n;

	while (j.next / JOURNAL_ENTRY < LIMIT_JOURNAL && (n = pread(j.fd, bytes, sizeof(bytes), j.next)) >= JOURNAL_ENTRY) {
		for (ssize_t at = 0; at + JOURNAL_ENTRY <= n; at += JOURNAL_ENTRY, j.next += JOURNAL_ENTRY) {
			j.changes++;
			if (journal_decode(bytes + at, &record) < 0 || records_set(j.table, &record.key, record.owner) < -1)
				j.damaged++;
		}
	}
}

static bool write_whole(int fd, const void *bytes, off_t at)
{
	return pwrite(fd, bytes, JOURNAL_ENTRY, at) == JOURNAL_ENTRY;
}

/* By object, the youngest first. */
static int compare(const void *left, const void *right)
{
	const struct record_key *a = &((const struct record *)left)->key, *b = &((const struct record *)right)->key;

	if (a->fs != b->fs)
		return a->fs < b->fs ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return a->born > b->born ? -1 : a->born < b->born;
}

/* Forgets records of objects that are gone, as is known when their number is a younger one's. Without memory for it, later. */
static void forget_gone(void)
{
	struct record *all = calloc(j.table->count + 1UL, sizeof(*all));
	size_t n = 0;

	for (uint32_t i = 0; all && i < LIMIT_RECORDS && n < j.table->count; i++)
		if (j.table->slots[i].key.ino != 0)
			all[n++] = j.table->slots[i];
	if (n > 0)
		qsort(all, n, sizeof(*all), compare);
	for (size_t i = 1; i < n; i++)
		if (all[i].key.fs == all[i - 1].key.fs && all[i].key.ino == all[i - 1].key.ino &&
		    records_set(j.table, &all[i].key, (struct owner){ OWNER_NONE, OWNER_NONE }) < -1)
			break;
	free(all);
}

/* The records alone, in a file that takes the place of the old one. With that locked, and nobody else has it. */
static void write_anew(int directory)
{
	auto_fd fd = openat(directory, NEW_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	unsigned char bytes[JOURNAL_ENTRY];
	off_t at = JOURNAL_ENTRY;
	bool good = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0 && write_whole(fd, journal_head, 0);

	for (uint32_t i = 0; good && i < LIMIT_RECORDS; i++) {
		if (j.table->slots[i].key.ino == 0)
			continue;
		journal_encode(&j.table->slots[i], bytes);
		good = write_whole(fd, bytes, at);
		at += JOURNAL_ENTRY;
	}
	if (!good || renameat(directory, NEW_NAME, directory, NAME) < 0) {
		unlinkat(directory, NEW_NAME, 0);
		return;
	}
	replace_fd(&j.fd, steal_fd(&fd));
	j.next = at;
}

static bool has_head(int fd)
{
	unsigned char head[JOURNAL_ENTRY];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n == sizeof(head) && memcmp(head, journal_head, sizeof(head)) == 0;
}

/* The one that we locked is still the one of this name. */
static bool is_current(int directory, int fd)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && fstatat(directory, NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 && stat_same(&ours, &named);
}

/* Opens it, once: 0; -EAGAIN: again; -errno. A broker holds a lock on it as long as it lives, alone only at its start. */
static int open_once(int directory)
{
	auto_fd fd = openat(directory, NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;
	bool alone;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return -EPERM;
	alone = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if ((!alone && flock(fd, LOCK_SH | LOCK_NB) < 0) || !is_current(directory, fd))
		return -EAGAIN;
	if (alone && st.st_size == 0 && !write_whole(fd, journal_head, 0))
		return -ENOSPC;
	if (!has_head(fd)) {
		if (!alone)
			return -EPERM;
		log_warnx("%s is no file of ours: it is now called %s", NAME, BAD_NAME);
		return renameat(directory, NAME, directory, BAD_NAME) < 0 ? -errno : -EAGAIN;
	}
	j.fd = steal_fd(&fd);
	j.next = JOURNAL_ENTRY;
	read_on();
	if (alone && (j.damaged > 0 || j.changes > 2UL * j.table->count + SLACK || j.table->count > LIMIT_RECORDS / 2)) {
		forget_gone();
		write_anew(directory);
	}
	if (alone && flock(j.fd, LOCK_SH | LOCK_NB) < 0)
		return -errno;
	return 0;
}

/* That, and what can be done about it. */
static void say_volatile(const char *directory, int r)
{
	static const char lost[] = "owners of symlinks, fifos and sockets last as long as this process";

	if (!directory[0])
		log_warnx("%s: neither XDG_STATE_HOME nor HOME is set to an absolute path", lost);
	else if (r == -EPERM)
		log_warnx("%s: %s and its file %s must be yours, and nobody else may be able to write them: see chmod(1)", lost, directory, NAME);
	else
		log_warn(r, "%s: set XDG_STATE_HOME to a directory of yours, for %s/%s cannot be used", lost, directory, NAME);
}

void journal_open(struct records *table)
{
	char path[PATH_MAX + sizeof(NAME)];
	auto_fd directory = open_directory(path);
	int r = directory < 0 ? directory : -EAGAIN;

	j.table = table;
	for (int tries = 0; r == -EAGAIN && tries < OPEN_TRIES; tries++) {
		if (tries > 0)
			pause_shortly();
		r = open_once(directory);
	}
	if (r < 0) {
		say_volatile(path, r);
		return replace_fd(&j.fd, -1);
	}
	if (j.damaged > 0)
		log_warnx("%lu damaged records of owners of symlinks, fifos and sockets are lost", j.damaged);
	j.watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	strcat(path, "/" NAME);
	if (j.watch >= 0 && inotify_add_watch(j.watch, path, IN_MODIFY) < 0)
		replace_fd(&j.watch, -1);
}

int journal_watch(void)
{
	return j.watch;
}

void journal_catch_up(void)
{
	char events[4096];

	while (read(j.watch, events, sizeof(events)) > 0)
		;
	if (j.fd >= 0)
		read_on();
}

/* Among brokers; it ends with its holder. */
static bool lock(short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (fcntl(j.fd, F_SETLK, &whole) == 0)
			return true;
		pause_shortly();
	}
	return false;
}

int journal_append(const struct record *record)
{
	unsigned char bytes[JOURNAL_ENTRY];
	int r = 0;

	/* what has no time of birth does not outlast its last descriptor */
	if (j.fd < 0 || record->key.born == 0)
		return 0;
	journal_encode(record, bytes);
	if (!lock(F_WRLCK)) {
		log_warnx("somebody keeps a lock on %s: owners of symlinks, fifos and sockets last only as long as this daemon from now on", NAME);
		replace_fd(&j.fd, -1);
		return 0;
	}
	read_on();
	if (j.next / JOURNAL_ENTRY >= LIMIT_JOURNAL) {
		r = -ENOSPC;
	} else if (write_whole(j.fd, bytes, j.next)) {
		j.next += JOURNAL_ENTRY;
	} else {
		/* a part of it is written over by the next one */
		r = -ENOSPC;
	}
	if (!lock(F_UNLCK))
		r = -EIO;
	return r;
}
