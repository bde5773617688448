/* SPDX-License-Identifier: Apache-2.0 */
/* What the broker alone knows of each record: who made it, and what tells that its object is gone. */
#ifndef STORE_ENTRIES_H
#define STORE_ENTRIES_H

#include "rule/records.h"
#include "store/account.h"

struct owner_entry {
	struct record record;    /* its owner is in the table */
	struct account *account; /* of the container that made it, while that runs */
	int watch;               /* of the inotify instance; -1: there is none */
	bool xattr_file;         /* the account has it for its xattrs, too */
	TAILQ_ENTRY(owner_entry) next; /* of the account */
};

/* inotify: the instance, or -1. */
void entries_open(int inotify);

/* Is there room for one more watch? Is there any? */
bool entries_may_watch(void);
bool entries_are_watched(void);

/* That of the object: of sole numbers, that of an older one with the same. NULL: there is none. */
struct owner_entry *entry_find(const struct record *record);
struct owner_entry *entry_find_watch(int number);

/* NULL without memory for it: then the record is as one of an earlier daemon. */
struct owner_entry *entry_add(struct account *account, const struct record *record);

/* Takes the watch over; where that was another one's, it has been used again. */
void entry_watch(struct owner_entry *e, int number);

/* The watch is gone, or is to go. */
void entry_unwatch(struct owner_entry *e, bool remove);

/* The account has a file for the xattrs of its object; a record of nobody who runs becomes its own. */
void entry_take_xattr_file(struct owner_entry *e, struct account *account);

void entry_leave_account(struct owner_entry *e);

/* NULL is none. */
void entry_free(struct owner_entry *e);

#endif
