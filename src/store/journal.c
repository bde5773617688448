/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

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

#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/sys.h"
#include "rule/journal.h"
#include "store/rewrite.h"

#define NAME "records"
#define BAD_NAME "records.bad"

/* Another broker holds a lock while it reads the file at its start, ... */
#define OPEN_TRIES 200
#define LOCK_STEP_MS 5

/* ... or for less than a millisecond. Who holds one longer shall not stall us. */
#define LOCK_TRIES 20

/* More changes than this, and twice as many as there are records, and the file is written anew: at the start of a daemon that is alone, ... */
#define SLACK 4096

/* ... or at any time. */
#define SLACK_RUNNING 65536

static struct {
	const struct records *table;
	journal_take *take;
	uint64_t boot;
	char path[PATH_MAX];
	int directory; /* an O_PATH descriptor */
	int fd;        /* -1: nothing is written */
	int inotify, watch;
	off_t next;    /* what is before was read */
	unsigned long changes, damaged;
	pid_t syncer;         /* a child of this process, or 0 */
	unsigned long begun;  /* after so many changes a new file was begun that has not taken the place of this one; 0: none was */
} j = { .directory = -1, .fd = -1, .inotify = -1, .watch = -1 };

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
			int r = journal_decode(bytes + at, j.boot, &record);

			j.changes++;
			j.damaged += r < 0 || (r > 0 && j.take(&record) < -1);
		}
	}
}

/* Has the file no name any more: another one has taken its place? */
static bool is_superseded(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || st.st_nlink == 0;
}

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

	for (uint32_t i = 0; all && i < records_slots(j.table) && n < j.table->count; i++)
		if (j.table->slots[i].flags & RECORD_SOLE)
			all[n++] = j.table->slots[i];
	if (n > 0)
		qsort(all, n, sizeof(*all), compare);
	for (size_t i = 1; i < n; i++) {
		all[i].owner = (struct owner){ OWNER_NONE, OWNER_NONE };
		if (all[i].key.fs == all[i - 1].key.fs && all[i].key.ino == all[i - 1].key.ino && j.take(&all[i]) < -1)
			break;
	}
	free(all);
}

static void watch(void)
{
	j.watch = j.inotify < 0 ? -1 : inotify_add_watch(j.inotify, j.path, IN_MODIFY | IN_ATTRIB);
	if (j.watch < 0)
		log_debug("changes of other daemons are seen late");
}

/* The new file takes the place of this one, which is locked. */
static void put_in_place(void)
{
	if (!rewrite_end(NAME, &j.fd, &j.next))
		return;
	j.changes = (unsigned long)(j.next / JOURNAL_ENTRY);
	j.begun = 0;
	watch();
}

static bool has_head(int fd)
{
	unsigned char head[JOURNAL_ENTRY];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n == sizeof(head) && memcmp(head, journal_head, sizeof(head)) == 0;
}

/* Opens it, once: 0; -EAGAIN: again; -errno. A broker holds a lock on it as long as it lives, alone only at its start. */
static int open_once(bool starts)
{
	auto_fd fd = openat(j.directory, NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;
	bool alone;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return -EPERM;
	alone = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if ((!alone && flock(fd, LOCK_SH | LOCK_NB) < 0) || !rewrite_is_current(j.directory, fd, NAME))
		return -EAGAIN;
	if (alone && st.st_size == 0 && pwrite(fd, journal_head, JOURNAL_ENTRY, 0) != JOURNAL_ENTRY)
		return -ENOSPC;
	if (!has_head(fd)) {
		if (!alone)
			return -EPERM;
		log_warnx("%s is no file of ours: it is now called %s", NAME, BAD_NAME);
		return renameat(j.directory, NAME, j.directory, BAD_NAME) < 0 ? -errno : -EAGAIN;
	}
	replace_fd(&j.fd, steal_fd(&fd));
	j.next = JOURNAL_ENTRY;
	j.changes = j.damaged = j.begun = 0;
	read_on();
	if (starts && alone && (j.damaged > 0 || j.changes > 2UL * j.table->count + SLACK)) {
		forget_gone();
		if (rewrite_begin(j.directory, j.table, j.boot, j.next) && rewrite_sync() == 0)
			put_in_place();
		rewrite_give_up();
	}
	if (alone && flock(j.fd, LOCK_SH | LOCK_NB) < 0)
		return -errno;
	return 0;
}

static int open_file(bool starts)
{
	int r = -EAGAIN;

	for (int tries = 0; r == -EAGAIN && tries < (starts ? OPEN_TRIES : LOCK_TRIES); tries++) {
		if (tries > 0)
			pause_shortly();
		r = open_once(starts);
	}
	if (r == 0)
		watch();
	return r;
}

/* Of this start of the machine; without one, some number of no other start. */
static uint64_t find_boot(void)
{
	auto_fd fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	uint64_t words[8] = { 0 }, hash = 0;

	if (fd < 0 || read(fd, words, sizeof(words)) < 36)
		words[0] = (uint64_t)time(NULL) << 20 | (uint64_t)getpid();
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		hash = hash_add(hash, words[i]);
	return hash | 1;
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

void journal_open(const struct records *table, journal_take *take, int inotify)
{
	char path[PATH_MAX];
	int r = open_directory(path);

	j.table = table;
	j.take = take;
	j.boot = find_boot();
	j.directory = r;
	j.inotify = inotify;
	if (r >= 0)
		r = snprintf(j.path, sizeof(j.path), "%s/%s", path, NAME) < (int)sizeof(j.path) ? open_file(true) : -ENAMETOOLONG;
	if (r < 0) {
		say_volatile(path, r);
		return replace_fd(&j.fd, -1);
	}
	if (j.damaged > 0)
		log_warnx("%lu damaged records of owners of symlinks, fifos and sockets are lost", j.damaged);
}

/* What is left in the old file, and all of the new one, which has nothing else that is new but later changes. */
static bool follow(void)
{
	read_on();
	return open_file(false) == 0;
}

void journal_catch_up(void)
{
	if (j.fd >= 0 && is_superseded(j.fd))
		(void)!follow();
	else if (j.fd >= 0)
		read_on();
}

bool journal_has_changed(const struct inotify_event *event)
{
	if (event->wd != j.watch || j.fd < 0)
		return false;
	journal_catch_up();
	return true;
}

int journal_directory(void)
{
	return j.fd >= 0 ? j.directory : -1;
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

/* Locks the file that has the name. */
static bool lock_current(void)
{
	for (int tries = 0; tries < LOCK_TRIES && lock(F_WRLCK); tries++) {
		if (!is_superseded(j.fd)) {
			read_on();
			return true;
		}
		if (!follow())
			return false;
	}
	return false;
}

/* Begins a new file where it is due. The disk's work is a child's, which is waited for by nobody. */
static void rewrite_if_due(void)
{
	if (j.changes <= 2UL * j.table->count + SLACK_RUNNING || (j.begun && j.changes <= j.begun + SLACK_RUNNING))
		return;
	j.begun = j.changes;
	if (!rewrite_begin(j.directory, j.table, j.boot, j.next))
		return;
	j.syncer = fork();
	if (j.syncer == 0)
		_exit(rewrite_sync() < 0);
	if (j.syncer < 0)
		rewrite_give_up();
}

bool journal_reap(pid_t pid, int status)
{
	if (j.syncer <= 0 || pid != j.syncer)
		return false;
	j.syncer = 0;
	/* another daemon may have been quicker */
	if (status == 0 && j.fd >= 0 && lock(F_WRLCK) && !is_superseded(j.fd)) {
		read_on();
		put_in_place();
	}
	rewrite_give_up();
	/* or it has gone with the old file */
	if (j.fd >= 0 && !lock(F_UNLCK))
		log_debug("a lock is left");
	return true;
}

int journal_append(const struct record *record)
{
	unsigned char bytes[JOURNAL_ENTRY];
	int r = 0;

	if (j.fd < 0 || record_is_passing(record))
		return 0;
	journal_encode(record, j.boot, bytes);
	if (!lock_current()) {
		log_warnx("somebody keeps a lock on %s: owners of symlinks, fifos and sockets last only as long as this daemon from now on", NAME);
		replace_fd(&j.fd, -1);
		return 0;
	}
	if (j.next / JOURNAL_ENTRY >= LIMIT_JOURNAL || pwrite(j.fd, bytes, JOURNAL_ENTRY, j.next) != JOURNAL_ENTRY) {
		/* a part of it is written over by the next one */
		r = -ENOSPC;
	} else {
		j.next += JOURNAL_ENTRY;
		j.changes++;
	}
	if (!lock(F_UNLCK))
		r = -EIO;
	rewrite_if_due();
	return r;
}
