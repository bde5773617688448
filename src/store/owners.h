/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's end of the owner store: who may add to it, and when what it knows is gone. An object's end is told by an inotify watch, or by a
 * younger object with its number. What cannot be told so stays until somebody says it: see subuidless strip --gone.
 */
#ifndef STORE_OWNERS_H
#define STORE_OWNERS_H

#include "base/util.h"
#include "ipc/message.h"
#include "rule/records.h"
#include "store/account.h"

/* Makes the table, with what earlier daemons have recorded. 0 or -errno. */
int owners_open(void) MUST_CHECK;

/* The read-only mapping, and the inotify(7) descriptor or -1, which children inherit. */
const struct records *owners_table(void);
int owners_watches(void);

/* Sets, or with no owner removes; written to the file: see journal.h. 0; -ENOSPC: also when the container has its share; -EDQUOT; -EROFS; -EIO; -EINVAL. */
int owners_set(struct account *account, const struct watched_record *change) MUST_CHECK;

/* Milliseconds after which that is to be done at the latest; -1: never. */
int owners_retry_ms(void);

/* Takes what the watches, and other daemons, have told. Both may say nothing. A file that could not be used is tried again. */
void owners_catch_up(void);

/*
 * This process ends with its only container, as that of a command does: what is in file systems in memory that are not mounted here is gone
 * with the container's mount namespace, or will be.
 */
void owners_end_with_container(void);

/* A listener has ended: with the last one of its container, the account goes, and the records that end with it. */
void owners_leave(struct account *account);

#endif
