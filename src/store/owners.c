/* SPDX-License-Identifier: Apache-2.0 */
#include "store/owners.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/journal.h"
#include "store/memory_fs.h"
#include "store/shared.h"

/* What this process alone knows of a record. */
struct owner_entry {
	struct record record; /* its owner is in the table */
	struct account *account; /* of the container that made it, while that runs */
	int watch;               /* -1: there is none */
	TAILQ_ENTRY(owner_entry) next; /* of the account */
};

static struct shared table;
static void *by_object, *by_watch; /* trees of struct owner_entry, by tsearch(3) */
static bool has_entries;           /* for what the file had, too */
static int watches = -1;
static uint32_t n_watches, most_watches;

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Two objects with the same sole number are the same, or one is gone. */
static int compare_objects(const void *left, const void *right)
{
	const struct record *a = &((const struct owner_entry *)left)->record, *b = &((const struct owner_entry *)right)->record;
	int r = by_number(a->key.fs, b->key.fs);

	if (r == 0)
		r = by_number(a->key.ino, b->key.ino);
	return r ? r : by_number(a->flags & RECORD_SOLE ? 0 : a->key.born, b->flags & RECORD_SOLE ? 0 : b->key.born);
}

static int compare_watches(const void *left, const void *right)
{
	return by_number((uint64_t)((const struct owner_entry *)left)->watch, (uint64_t)((const struct owner_entry *)right)->watch);
}

static struct owner_entry *find_in(void *const *tree, const struct owner_entry *entry, int (*compare)(const void *, const void *))
{
	void *node = tfind(entry, tree, compare);

	return node ? *(struct owner_entry **)node : NULL;
}

static bool is_of_file_system(const struct record *record)
{
	return record->key.ino == RECORD_OF_FILE_SYSTEM;
}

static struct owner_entry *find_object(const struct record *record)
{
	return find_in(&by_object, &(struct owner_entry){ .record = *record }, compare_objects);
}

static bool is_passing(const struct record_key *key)
{
	return key->born == 0;
}

static struct owner_entries *list_of(struct owner_entry *e)
{
	return !is_passing(&e->record.key) ? &e->account->lasting : e->watch < 0 ? &e->account->unwatched : &e->account->passing;
}

static void set_watch(struct owner_entry *e, int number)
{
	if (e->account)
		TAILQ_REMOVE(list_of(e), e, next);
	e->watch = number;
	if (e->account)
		TAILQ_INSERT_TAIL(list_of(e), e, next);
}

/* The watch is gone, or is to go. */
static void unwatch(struct owner_entry *e, bool remove)
{
	if (e->watch < 0)
		return;
	tdelete(e, &by_watch, compare_watches);
	if (remove)
		inotify_rm_watch(watches, e->watch);
	set_watch(e, -1);
	n_watches--;
}

/* Without memory for it the record is as one of an earlier daemon. */
static struct owner_entry *add_entry(struct account *account, const struct record *record)
{
	struct owner_entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	*e = (struct owner_entry){ .record = *record, .account = account, .watch = -1 };
	if (!tsearch(e, &by_object, compare_objects)) {
		free(e);
		return NULL;
	}
	if (account) {
		account->records++;
		TAILQ_INSERT_TAIL(list_of(e), e, next);
	}
	return e;
}

static void leave_account(struct owner_entry *e)
{
	if (!e->account)
		return;
	e->account->records--;
	TAILQ_REMOVE(list_of(e), e, next);
	e->account = NULL;
}

static void free_entry(struct owner_entry *e)
{
	if (!e)
		return;
	unwatch(e, true);
	leave_account(e);
	tdelete(e, &by_object, compare_objects);
	free(e);
}

/* Of what was there when the daemon was started: not before somebody changes something. */
static void make_entries(void)
{
	const struct records *records = table.readable;

	if (has_entries)
		return;
	has_entries = true;
	for (uint32_t i = 0; i < records_slots(records); i++)
		if (records->slots[i].key.ino != 0 && !find_object(&records->slots[i]) && !add_entry(NULL, &records->slots[i]))
			return;
}

/* Its object is gone. What cannot be written is read by the next daemon, which cannot find an object with it either. */
static void forget(struct owner_entry *e)
{
	struct record none = e->record;

	none.owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	free_entry(e);
	if (records_set(table.writable, &none) < 0 && journal_append(&none) < 0)
		log_debug("a record of an object that is gone stays in the file");
}

/* Another daemon has changed this. It may come amid each call of journal.h. */
static int take_over(const struct record *record)
{
	struct owner_entry *e = has_entries ? find_object(record) : NULL;
	bool is_same = e && e->record.key.born == record->key.born, removes = owner_is_none(record->owner);
	struct record older = e ? e->record : *record;
	int r;

	older.owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	if (e && is_same == removes) {
		/* it is gone, or a younger object has its number */
		free_entry(e);
		r = records_set(table.writable, &older);
		e = NULL;
		if (r < -1 || removes)
			return r;
	}
	r = records_set(table.writable, record);
	if (has_entries && !e && r >= 0 && !removes && !add_entry(NULL, record))
		log_debug("no memory for a record's entry");
	return r;
}

static void watch(struct owner_entry *e, int number)
{
	struct owner_entry *other = find_in(&by_watch, &(struct owner_entry){ .watch = number }, compare_watches);

	if (e->watch == number)
		return;
	unwatch(e, true);
	/* the root of a file system has one watch for what is recorded of both, and loses it with the file system */
	if (other && is_of_file_system(&other->record) && other->record.key.fs == e->record.key.fs)
		return;
	set_watch(e, number);
	/* a worker that lies, or a number that is used again */
	if (other)
		unwatch(other, false);
	n_watches++;
	if (!tsearch(e, &by_watch, compare_watches) || n_watches > most_watches)
		unwatch(e, true);
}

static void on_event(const struct inotify_event *event)
{
	struct owner_entry *e;

	if (journal_has_changed(event))
		return;
	e = find_in(&by_watch, &(struct owner_entry){ .watch = event->wd }, compare_watches);
	if (!e)
		return;
	if (event->mask & IN_DELETE_SELF || (event->mask & IN_UNMOUNT && (e->record.flags & RECORD_UNTIL_BOOT || is_passing(&e->record.key))))
		forget(e);
	else if (event->mask & (IN_UNMOUNT | IN_IGNORED))
		unwatch(e, false);
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
	if (owner_equal(before.owner, record->owner))
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

static int set(struct account *account, const struct watched_record *w)
{
	struct owner_entry *e = find_object(&w->record);
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
	if (w->watch < 0 || n_watches >= most_watches)
		record.flags &= ~RECORD_WATCHED;
	r = change(&record);
	if (r < 0)
		return r;
	e = find_object(&record);
	e = e ? e : add_entry(account, &record);
	if (e && w->watch >= 0)
		watch(e, w->watch);
	return 0;
}

int owners_set(struct account *account, const struct watched_record *w)
{
	int r;

	make_entries();
	if (!owner_is_none(w->record.owner))
		return set(account, w);
	/* who forgets something may want to know what else is gone: owner_store_find_of_file_system() */
	owners_catch_up();
	r = change(&w->record);
	if (r == 0)
		free_entry(find_object(&w->record));
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
		leave_account(e);
	account_free(account);
}

void owners_end_with_container(void)
{
	uint64_t systems[MEMORY_FS_MAX];
	const struct records *records = table.readable;
	size_t n;

	owners_catch_up();
	if (n_watches == 0 || !memory_fs_find(systems, &n))
		return;
	for (uint32_t i = 0; i < records_slots(records); i++) {
		const struct record *record = &records->slots[i];
		struct owner_entry *e = record->flags & RECORD_UNTIL_BOOT && record->flags & RECORD_WATCHED ? find_object(record) : NULL;
		bool is_here = false;

		for (size_t k = 0; k < n; k++)
			is_here |= systems[k] == record->key.fs;
		if (e && e->watch >= 0 && !is_here)
			forget(e);
	}
}

/* Half of what the user may have. 0: there are none. */
static uint32_t find_most_watches(void)
{
	FILE *file = fopen("/proc/sys/fs/inotify/max_user_watches", "re");
	unsigned int most = 0;

	if (file && fscanf(file, "%u", &most) != 1)
		most = 0;
	if (file)
		fclose(file);
	return most / 2 < LIMIT_WATCHES ? most / 2 : LIMIT_WATCHES;
}

int owners_open(void)
{
	int r = shared_open(&table, "subuidless-records", sizeof(struct records));

	if (r == 0)
		r = shared_choose_key(&((struct records *)table.writable)->key);
	if (r < 0)
		return r;
	most_watches = find_most_watches();
	watches = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watches < 0)
		log_debug("no inotify instance: records of objects that are gone stay for longer");
	journal_open(table.readable, take_over, watches);
	return 0;
}

const struct records *owners_table(void)
{
	return table.readable;
}

int owners_watches(void)
{
	return watches;
}
