/* SPDX-License-Identifier: Apache-2.0 */
#include "store/owners.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/entries.h"
#include "store/journal.h"
#include "store/memory_fs.h"
#include "store/shared.h"
#include "store/xattr_files.h"

static struct shared table;
static bool has_entries;           /* for what the file had, too */
static int watches = -1;

/* Of what was there when the daemon was started: not before somebody changes something. */
static void make_entries(void)
{
	const struct records *records = table.readable;

	if (has_entries)
		return;
	has_entries = true;
	for (uint32_t i = 0; i < records_slots(records); i++)
		if (records->slots[i].key.ino != 0 && !entry_find(&records->slots[i]) && !entry_add(NULL, &records->slots[i]))
			return;
}

/* Its object is gone. What cannot be written is read by the next daemon, which cannot find an object with it either. */
static void forget(struct owner_entry *e)
{
	struct record none = e->record;

	if (records_find(table.readable, &none.key, &none) == 1 && none.flags & RECORD_XATTRS)
		xattr_files_remove(&none.key);
	none.owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	entry_free(e);
	if (records_set(table.writable, &none) < 0 && journal_append(&none) < 0)
		log_debug("a record of an object that is gone stays in the file");
}

/* Another daemon has changed this. It may come amid each call of journal.h. */
static int take_over(const struct record *record)
{
	struct owner_entry *e = has_entries ? entry_find(record) : NULL;
	bool is_same = e && e->record.key.born == record->key.born, removes = owner_is_none(record->owner);
	struct record older = e ? e->record : *record;
	int r;

	older.owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	if (e && is_same == removes) {
		/* it is gone, or a younger object has its number */
		entry_free(e);
		r = records_set(table.writable, &older);
		e = NULL;
		if (r < -1 || removes)
			return r;
	}
	r = records_replay(table.writable, record);
	if (has_entries && !e && r >= 0 && !removes && !entry_add(NULL, record))
		log_debug("no memory for a record's entry");
	return r;
}

static void on_event(const struct inotify_event *event)
{
	struct owner_entry *e;

	if (journal_has_changed(event))
		return;
	e = entry_find_watch(event->wd);
	if (!e)
		return;
	if (event->mask & IN_DELETE_SELF || (event->mask & IN_UNMOUNT && (e->record.flags & RECORD_UNTIL_BOOT || record_is_passing(&e->record))))
		forget(e);
	else if (event->mask & (IN_UNMOUNT | IN_IGNORED))
		entry_unwatch(e, false);
}

/*
 * One read: whoever causes events faster than this can read them shall not keep the broker here. An overflow loses some: what is gone then is
 * as an object whose end was not watched.
 */
void owners_catch_up(void)
{
	char events[65536] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = watches < 0 ? 0 : read(watches, events, sizeof(events));

	for (ssize_t at = 0; at < n; at += (ssize_t)sizeof(struct inotify_event) + ((struct inotify_event *)(events + at))->len)
		on_event((struct inotify_event *)(events + at));
	journal_retry();
}

static bool may_take(const struct account *account)
{
	return account_may_take(account->records, ((const struct records *)table.readable)->count, RECORDS_MOST);
}

/* For one more record of the account, which loses the oldest of those whose end nothing tells: pipes, say. */
static bool make_room(struct account *account)
{
	if (!may_take(account))
		owners_catch_up();
	if (!may_take(account) && !TAILQ_EMPTY(&account->unwatched))
		forget(TAILQ_FIRST(&account->unwatched));
	return may_take(account);
}

/* In the table and in the file, or in neither. */
static int change(const struct record *record)
{
	struct record before = { .key = record->key, .owner = { OWNER_NONE, OWNER_NONE } };
	int r, written;

	if (records_find(table.readable, &record->key, &before) < 0)
		return -EIO;
	r = records_set(table.writable, record);
	if (r < -1)
		return r;
	/* nothing that the file has changes */
	if (owner_equal(before.owner, record->owner) && !(record->flags & ~before.flags & RECORD_XATTRS))
		return 0;
	written = journal_append(record);
	/* what another daemon has written just before has come into the table meanwhile, and is older */
	if (records_set(table.writable, written < 0 ? &before : record) < -1)
		log_warnx("could not set an owner record");
	return written;
}

/* Once: containers can cause it at will. */
static void say_full(void)
{
	static bool said;

	if (!said)
		log_warnx("a container has recorded as many owners of symlinks, fifos and sockets as it may: more fail with ENOSPC until it removes "
			  "some, or \"subuidless strip --gone\" has forgotten those of files that are gone");
	said = true;
}

/* Each type once, and not more of them than a worker that lies shall be able to fill a log with. */
static void say_passing(uint32_t type)
{
	static uint32_t said[8];

	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		if (said[i] == type)
			return;
		if (said[i] != 0)
			continue;
		said[i] = type;
		log_warnx("owners on a file system of type 0x%x%s last only as long as their container: it has neither xattrs of users nor times of "
			  "birth nor handles that last (see docs/limits.md)", type, type == FUSE_SUPER_MAGIC ? ", FUSE," : "");
		return;
	}
}

static int set(struct account *account, const struct watched_record *w)
{
	struct owner_entry *e = entry_find(&w->record);
	struct record record = w->record, before;
	int r;

	if (e && e->record.key.born != record.key.born) {
		/* the object that had this number before */
		forget(e);
		e = NULL;
	}
	r = records_find(table.readable, &record.key, &before);
	if (r < 0)
		return -EIO;
	if (r == 0 && !make_room(account)) {
		say_full();
		return -ENOSPC;
	}
	if (w->watch < 0 || !entries_may_watch())
		record.flags &= ~RECORD_WATCHED;
	if (r == 1)
		record.flags |= before.flags & RECORD_XATTRS;
	r = change(&record);
	if (r < 0)
		return r;
	if (w->fs_type && record_is_passing(&record))
		say_passing(w->fs_type);
	e = entry_find(&record);
	e = e ? e : entry_add(account, &record);
	if (e && w->watch >= 0)
		entry_watch(e, w->watch);
	return 0;
}

int owners_set(struct account *account, const struct watched_record *w)
{
	struct record before;
	int r;

	make_entries();
	if (!owner_is_none(w->record.owner))
		return set(account, w);
	/* what has xattrs keeps its record */
	if (records_find(table.readable, &w->record.key, &before) == 1 && before.flags & RECORD_XATTRS) {
		struct watched_record roots = *w;

		roots.record.owner = (struct owner){ 0, 0 };
		return set(account, &roots);
	}
	/* who forgets something may want to know what else is gone: owner_store_find_of_file_system() */
	owners_catch_up();
	r = change(&w->record);
	if (r == 0)
		entry_free(entry_find(&w->record));
	return r;
}

void owners_leave(struct account *account)
{
	struct owner_entry *e;

	if (!account_leave(account))
		return;
	while ((e = TAILQ_FIRST(&account->passing)) || (e = TAILQ_FIRST(&account->unwatched)))
		forget(e);
	while ((e = TAILQ_FIRST(&account->lasting)))
		entry_leave_account(e);
	account_free(account);
}

void owners_end_with_container(void)
{
	uint64_t systems[MEMORY_FS_MAX];
	const struct records *records = table.readable;
	size_t n;

	owners_catch_up();
	if (!entries_are_watched() || !memory_fs_find(systems, &n))
		return;
	for (uint32_t i = 0; i < records_slots(records); i++) {
		const struct record *record = &records->slots[i];
		struct owner_entry *e = record->flags & RECORD_UNTIL_BOOT && record->flags & RECORD_WATCHED ? entry_find(record) : NULL;
		bool is_here = false;

		for (size_t k = 0; k < n; k++)
			is_here |= systems[k] == record->key.fs;
		if (e && e->watch >= 0 && !is_here)
			forget(e);
	}
}

int owners_open(void)
{
	int r = shared_open(&table, "subuidless-records", sizeof(struct records));

	if (r == 0)
		r = shared_choose_key(&((struct records *)table.writable)->key);
	if (r < 0)
		return r;
	watches = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watches < 0)
		log_debug("no inotify instance: records of objects that are gone stay for longer");
	entries_open(watches);
	journal_open(table.readable, take_over, watches);
	xattr_files_open();
	return 0;
}

const struct records *owners_table(void)
{
	return table.readable;
}

int owners_retry_ms(void)
{
	return journal_retry_ms();
}

int owners_watches(void)
{
	return watches;
}
