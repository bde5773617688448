/* SPDX-License-Identifier: Apache-2.0 */
#include "store/entries.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "base/limits.h"

static void *by_object, *by_watch; /* trees of struct owner_entry, by tsearch(3) */
static int watches = -1;
static uint32_t n_watches, most_watches;

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

void entries_open(int inotify)
{
	watches = inotify;
	most_watches = find_most_watches();
}

bool entries_may_watch(void)
{
	return n_watches < most_watches;
}

bool entries_are_watched(void)
{
	return n_watches > 0;
}

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

struct owner_entry *entry_find(const struct record *record)
{
	return find_in(&by_object, &(struct owner_entry){ .record = *record }, compare_objects);
}

struct owner_entry *entry_find_watch(int number)
{
	return find_in(&by_watch, &(struct owner_entry){ .watch = number }, compare_watches);
}

static struct owner_entries *list_of(struct owner_entry *e)
{
	return !record_is_passing(&e->record) ? &e->account->lasting : e->watch < 0 ? &e->account->unwatched : &e->account->passing;
}

static void set_watch(struct owner_entry *e, int number)
{
	if (e->account)
		TAILQ_REMOVE(list_of(e), e, next);
	e->watch = number;
	if (e->account)
		TAILQ_INSERT_TAIL(list_of(e), e, next);
}

void entry_unwatch(struct owner_entry *e, bool remove)
{
	if (e->watch < 0)
		return;
	tdelete(e, &by_watch, compare_watches);
	if (remove)
		inotify_rm_watch(watches, e->watch);
	set_watch(e, -1);
	n_watches--;
}

static void join_account(struct owner_entry *e, struct account *account)
{
	e->account = account;
	if (!account)
		return;
	account->records++;
	TAILQ_INSERT_TAIL(list_of(e), e, next);
}

void entry_take_xattr_file(struct owner_entry *e, struct account *account)
{
	if (e->xattr_file)
		return;
	if (!e->account)
		join_account(e, account);
	e->xattr_file = true;
	e->account->xattr_files++;
}

struct owner_entry *entry_add(struct account *account, const struct record *record)
{
	struct owner_entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	*e = (struct owner_entry){ .record = *record, .watch = -1 };
	if (!tsearch(e, &by_object, compare_objects)) {
		free(e);
		return NULL;
	}
	join_account(e, account);
	return e;
}

void entry_leave_account(struct owner_entry *e)
{
	if (!e->account)
		return;
	e->account->records--;
	e->account->xattr_files -= e->xattr_file;
	e->xattr_file = false;
	TAILQ_REMOVE(list_of(e), e, next);
	e->account = NULL;
}

void entry_free(struct owner_entry *e)
{
	if (!e)
		return;
	entry_unwatch(e, true);
	entry_leave_account(e);
	tdelete(e, &by_object, compare_objects);
	free(e);
}

void entry_watch(struct owner_entry *e, int number)
{
	struct owner_entry *other = entry_find_watch(number);

	if (e->watch == number)
		return;
	entry_unwatch(e, true);
	/* the root of a file system has one watch for what is recorded of both, and loses it with the file system */
	if (other && other->record.key.ino == RECORD_OF_FILE_SYSTEM && other->record.key.fs == e->record.key.fs)
		return;
	set_watch(e, number);
	/* a worker that lies, or a number that is used again */
	if (other)
		entry_unwatch(other, false);
	n_watches++;
	if (!tsearch(e, &by_watch, compare_watches) || n_watches > most_watches)
		entry_unwatch(e, true);
}
