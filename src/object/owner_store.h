/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's end of the owner store: reads the shared table, asks the broker to change it. */
#ifndef OBJECT_OWNER_STORE_H
#define OBJECT_OWNER_STORE_H

#include "rule/records.h"

#define OWNER_STORE_WAIT_MS 1000

/* table: mapped read-only; inotify: the daemon's instance, or -1. */
void owner_store_init(const struct records *table, int inotify);

/* False while no object of this user has a record. */
bool owner_store_in_use(void);

/* False while no object of this user has xattrs in a file of the daemon's. */
bool owner_store_has_xattrs(void);

/* As records_may_know(). */
bool owner_store_may_know(uint64_t ino, uint64_t born);

/*
 * As records_find(), or else records_find_anywhere(), of the object behind this O_PATH descriptor. On a busy machine the broker may lose its processor amid a write, for longer
 * than a reader tries: waits for it about OWNER_STORE_WAIT_MS at most.
 */
int owner_store_find(int fd, const struct record_key *key, struct owner *owner) MUST_CHECK;

/* As xattr_files_find(): of that object. */
int owner_store_open_xattrs(int fd, const struct record *record) MUST_CHECK;

/*
 * Of a whole file system, with RECORD_OF_FILE_SYSTEM: which has no descriptor here that could be watched, and whose number may be another one's by now.
 * So the broker learns first what has ended. 1: found; 0; -EIO.
 */
int owner_store_find_of_file_system(const struct record_key *key, struct owner *owner) MUST_CHECK;

/* Of that object, too. 0; -ENOSPC; -EIO when the broker is gone. */
int owner_store_set(int fd, const struct record *record) MUST_CHECK;

#endif
