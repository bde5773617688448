/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the file of the owner store anew, without what does not count any more, beside the old one, which is used and added to meanwhile; its
 * place is taken when the disk has the new one, so that no stop of the machine loses both. One at a time, among all daemons.
 */
#ifndef STORE_REWRITE_H
#define STORE_REWRITE_H

#include <sys/types.h>

#include "base/util.h"
#include "rule/records.h"
#include "store/journal.h"

/* Forgets records of objects that are gone, as is known when their number is a younger one's. Without memory for it, later. */
void rewrite_forget_gone(const struct records *table, journal_take *take);

/*
 * Writes the records of the table to a new file in the directory, which is an O_PATH descriptor. boot: see rule/journal.h; covered: offset in the
 * old file, up to which the table has its changes. 0; -EAGAIN: another broker does it, or this one; -errno.
 */
int rewrite_begin(int directory, const struct records *table, uint64_t boot, off_t covered) MUST_CHECK;

/* Waits until the disk has it. 0 or -errno. */
int rewrite_sync(void) MUST_CHECK;

/*
 * Adds what has come to the old file *fd, up to *next, and gives the new one its name; the old one is to be locked. *fd and *next are the new
 * one's then, which is locked, too. 0 or -errno.
 */
int rewrite_end(const char *name, int *fd, off_t *next) MUST_CHECK;

/* Removes it, if there is one that has not got the name. */
void rewrite_give_up(void);

#endif
