/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "rule/journal.h"
#include "store/journal_file.h"
#include "store/rewrite.h"
#include "store/sync_check.h"
#include "store/trouble.h"

#define NAME "records"

/*
 * Times that a lock is tried. Others have it for less than a millisecond, or where there are more of them than processors until they get one
 * again; at its start, while one reads the whole file. Who holds it longer shall not stall us.
 */
#define LOCK_TRIES 200

/* Times that a file is looked for that others keep replacing. */
#define REPLACED_MOST 20

/* Seconds after which a file that could not be opened is tried again. */
#define RETRY_S 1

/* More changes than this, and twice as many as there are records, and the file is written anew: at the start of a daemon, ... */
#define SLACK 4096

/* ... or at any time. */
#define SLACK_RUNNING 65536

static struct {
	const struct records *table;
	journal_take *take;
	uint64_t boot;
	char path[PATH_MAX];
	bool keeps;    /* there is a file, or may be one again */
	int directory; /* an O_PATH descriptor */
	int fd;        /* -1: none is open */
	bool doubtful; /* the disk may not have all of it */
	time_t tried;  /* when it could not be opened, by CLOCK_BOOTTIME */
	int inotify, watch;
	off_t next;    /* what is before was read */
	unsigned long changes, damaged;
	pid_t syncer;         /* a child of this process, or 0 */
	unsigned long begun;  /* after so many changes a new file was begun that has not taken the place of this one; 0: none was */
} j = { .directory = -1, .fd = -1, .inotify = -1, .watch = -1 };

/*
 * Reads on, up to the last change that is there as a whole, in a file that somebody may have made as large as can be. Without the lock, a
 * damaged one may be half of what another broker is writing, or of what has come from a server.
 */
static int read_on(bool locked)
{
	static unsigned char bytes[1024 * JOURNAL_ENTRY];
	struct record record;
	ssize_t n = 0;

	while (j.next / JOURNAL_ENTRY < LIMIT_JOURNAL && (n = pread(j.fd, bytes, sizeof(bytes), j.next)) >= JOURNAL_ENTRY) {
		for (ssize_t at = 0; at + JOURNAL_ENTRY <= n; at += JOURNAL_ENTRY, j.next += JOURNAL_ENTRY) {
			int r = journal_decode(bytes + at, j.boot, &record);

			if (r < 0 && !locked)
				return 0;
			j.changes++;
			j.damaged += r < 0 || (r > 0 && j.take(&record) < -1);
		}
	}
	return n < 0 ? -errno : 0;
}

static void watch(void)
{
	j.watch = j.inotify < 0 ? -1 : inotify_add_watch(j.inotify, j.path, IN_MODIFY | IN_ATTRIB);
	if (j.watch < 0)
		log_debug("changes of other daemons are seen late");
}

static enum journal_place place(void)
{
	return journal_file_place(j.directory, NAME, j.fd, j.next);
}

/* After this it is another one, or is as it was. It ends with the file's last descriptor too, if it does not end here. */
static void unlock(void)
{
	if (j.fd >= 0 && journal_file_unlock(j.fd) < 0)
		replace_fd(&j.fd, -1);
}

/* The new file takes the place of this one, which is locked, and is locked then. */
static int put_in_place(void)
{
	int r = rewrite_end(NAME, &j.fd, &j.next);

	if (r < 0)
		return r;
	j.changes = (unsigned long)(j.next / JOURNAL_ENTRY);
	j.begun = 0;
	watch();
	return 0;
}

/* The disk has the new file, and this one, if it is still in its place, is locked and read: it is replaced. */
static int end_rewrite(void)
{
	int r = journal_file_lock(j.fd, LOCK_TRIES);

	/* another daemon may have been quicker */
	if (r == 0 && place() == JOURNAL_REPLACED)
		r = -EAGAIN;
	if (r == 0)
		r = read_on(true);
	return r < 0 ? r : put_in_place();
}

/* Writes all that is known to a new file, in the place of this one, which is locked before and after. Others go on while the disk works. */
static int write_anew(void)
{
	int r = rewrite_begin(j.directory, j.table, j.boot, j.next);

	if (r < 0)
		return r;
	r = journal_file_unlock(j.fd);
	if (r == 0)
		r = rewrite_sync();
	if (r == 0)
		r = end_rewrite();
	rewrite_give_up();
	j.doubtful &= r < 0;
	return r;
}

/* What there was in it is lost: somebody has cut or removed it, or the server that has it, but the table has it still. */
static int restore(void)
{
	struct stat st;

	if (!trouble_errno())
		log_warnx("%s %s: it is written anew", j.path, j.doubtful ? "could not be written to the disk as a whole, see dmesg(1)" : "was cut or removed");
	if (fstat(j.fd, &st) < 0)
		return -errno;
	if (st.st_size < j.next)
		j.next = st.st_size < JOURNAL_ENTRY ? JOURNAL_ENTRY : st.st_size - st.st_size % JOURNAL_ENTRY;
	return write_anew();
}

/* Makes of a file that is locked one that has a head: 0; -EAGAIN: it is another one now. */
static int prepare(int fd, bool *is_new)
{
	int kind = journal_file_kind(fd), r;

	*is_new = kind == JOURNAL_NEW;
	switch (kind) {
	case JOURNAL_NEW:
		return journal_file_begin(fd);
	case JOURNAL_CURRENT:
		return 0;
	case JOURNAL_OTHER:
		return -EPROTONOSUPPORT;
	case JOURNAL_FOREIGN:
		r = journal_file_put_aside(j.directory, NAME);
		return r < 0 ? r : -EAGAIN;
	default:
		return kind;
	}
}

/* Opens it, once, and reads it; it is locked then. -ESTALE: it was replaced meanwhile. */
static int open_once(int tries)
{
	auto_fd fd = journal_file_open(j.directory, NAME, true);
	bool is_new;
	int r = fd < 0 ? fd : journal_file_lock(fd, tries);

	if (r == 0 && journal_file_place(j.directory, NAME, fd, 0) == JOURNAL_REPLACED)
		return -ESTALE;
	if (r == 0)
		r = prepare(fd, &is_new);
	if (r < 0)
		return r == -EAGAIN && fd >= 0 && journal_file_place(j.directory, NAME, fd, 0) == JOURNAL_REPLACED ? -ESTALE : r;
	j.fd = steal_fd(&fd);
	j.next = JOURNAL_ENTRY;
	j.changes = j.begun = 0;
	r = read_on(true);
	if (r == 0 && is_new && j.table->count > 0)
		r = restore();
	if (r < 0)
		replace_fd(&j.fd, -1);
	return r;
}

/* The file that has the name; it is locked then. */
static int open_file(int tries)
{
	int r = -ESTALE;

	/* the lock of a new descriptor would end with an old one of the same file */
	replace_fd(&j.fd, -1);
	for (int n = 0; r == -ESTALE && n < REPLACED_MOST; n++)
		r = open_once(tries);
	if (r == 0)
		watch();
	return r;
}

/* On a file system that is read-only: what is there counts, and nothing is added. */
static void only_read(void)
{
	j.fd = journal_file_open(j.directory, NAME, false);
	j.next = JOURNAL_ENTRY;
	if (j.fd < 0 || journal_file_kind(j.fd) != JOURNAL_CURRENT || read_on(true) < 0)
		log_debug("no owner is read from the file of the owner store");
	replace_fd(&j.fd, -1);
}

void journal_open(const struct records *table, journal_take *take, int inotify)
{
	char path[PATH_MAX];
	int r = journal_file_directory(path);

	j.table = table;
	j.take = take;
	j.boot = journal_file_boot();
	j.directory = r;
	j.inotify = inotify;
	if (r >= 0)
		r = snprintf(j.path, sizeof(j.path), "%s/%s", path, NAME) < (int)sizeof(j.path) ? open_file(LOCK_TRIES) : -ENAMETOOLONG;
	j.keeps = r == 0 || (j.directory >= 0 && trouble_may_pass(r));
	if (r == -EROFS)
		only_read();
	if (!j.keeps)
		return trouble_for_good(path, r);
	trouble_damaged(j.path, j.damaged);
	if (r == 0 && (j.damaged > 0 || j.changes > 2UL * j.table->count + SLACK)) {
		rewrite_forget_gone(j.table, take);
		if (write_anew() < 0)
			log_debug("the file of the owner store stays as it is");
	}
	j.damaged = 0;
	unlock();
	(void)!trouble_after(j.path, r);
	j.tried = j.fd < 0 ? trouble_clock() : 0;
}

/* Locks the file that has the name, once. 0; 1: it is another one by now, or is again what it was; -errno, and then it is not locked. */
static int lock_once(int tries)
{
	int r = j.fd < 0 ? open_file(tries) : journal_file_lock(j.fd, tries);
	enum journal_place where;

	if (r < 0)
		return r;
	r = read_on(true);
	where = place();
	if (r == 0 && where == JOURNAL_IN_PLACE && !j.doubtful)
		return 0;
	if (r == 0 && where != JOURNAL_REPLACED)
		r = restore();
	unlock();
	/* what is new in the old file was read */
	if (where == JOURNAL_REPLACED)
		replace_fd(&j.fd, -1);
	return r < 0 ? r : 1;
}

/* Locks the file that has the name, and takes what others have written. 0; or -errno, and then it is not locked. */
static int lock_current(void)
{
	/* a broker that waits has every container wait: no longer than once */
	int tries = trouble_errno() ? 1 : LOCK_TRIES, r = 1;

	if (j.fd < 0 && trouble_errno() && trouble_clock() < j.tried + RETRY_S)
		return trouble_errno();
	for (int n = 0; r > 0 && n < REPLACED_MOST; n++)
		r = lock_once(tries);
	trouble_damaged(j.path, j.damaged);
	j.damaged = 0;
	j.tried = j.fd < 0 ? trouble_clock() : 0;
	return r > 0 ? -ESTALE : r;
}

void journal_catch_up(void)
{
	if (j.fd < 0 || (place() == JOURNAL_IN_PLACE && read_on(false) == 0))
		return;
	if (lock_current() == 0)
		unlock();
}

bool journal_has_changed(const struct inotify_event *event)
{
	bool has = event->wd == j.watch && j.fd >= 0;

	if (has)
		journal_catch_up();
	return has;
}

int journal_directory(void)
{
	return j.keeps ? j.directory : -1;
}

int journal_retry_ms(void)
{
	return j.keeps && (j.fd < 0 || j.doubtful) ? RETRY_S * 1000 : sync_check_ms();
}

void journal_retry(void)
{
	int r;

	sync_check_if_due(j.fd);
	if (!j.keeps || (j.fd >= 0 && !j.doubtful))
		return;
	r = lock_current();
	if (r == 0)
		unlock();
	(void)!trouble_after(j.path, r);
}

/* Begins a new file where it is due. The disk's work is a child's, which is waited for by nobody. */
static void rewrite_if_due(void)
{
	if (j.changes <= 2UL * j.table->count + SLACK_RUNNING || (j.begun && j.changes <= j.begun + SLACK_RUNNING))
		return;
	j.begun = j.changes;
	if (rewrite_begin(j.directory, j.table, j.boot, j.next) < 0)
		return;
	j.syncer = fork();
	if (j.syncer == 0)
		_exit(rewrite_sync() < 0);
	if (j.syncer < 0)
		rewrite_give_up();
}

bool journal_reap(pid_t pid, int status)
{
	int r = sync_check_reap(pid, status);

	/* what is known is written elsewhere */
	if (r < 0) {
		j.doubtful = true;
		journal_retry();
	}
	if (r != 0)
		return true;
	if (j.syncer <= 0 || pid != j.syncer)
		return false;
	j.syncer = 0;
	if (status == 0 && j.fd >= 0 && end_rewrite() < 0)
		log_debug("the file of the owner store stays as it is");
	rewrite_give_up();
	unlock();
	return true;
}

/* The file is locked. What fails may leave a part, which the next one is written over. */
static int append(const struct record *record)
{
	unsigned char bytes[JOURNAL_ENTRY];
	int r;

	if (j.next / JOURNAL_ENTRY >= LIMIT_JOURNAL)
		return -EFBIG;
	journal_encode(record, j.boot, bytes);
	r = journal_file_write(j.fd, bytes, sizeof(bytes), j.next);
	if (r < 0)
		return r;
	j.next += JOURNAL_ENTRY;
	j.changes++;
	return 0;
}

int journal_append(const struct record *record)
{
	int r;

	if (!j.keeps || record_is_passing(record))
		return 0;
	r = lock_current();
	if (r == 0) {
		r = append(record);
		unlock();
	}
	r = trouble_after(j.path, r);
	if (r < 0)
		return r;
	sync_check_written();
	sync_check_if_due(j.fd);
	rewrite_if_due();
	return 0;
}
