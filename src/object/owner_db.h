/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's end of the special store: reads the shared table, asks the broker to change it. */
#ifndef OBJECT_OWNER_DB_H
#define OBJECT_OWNER_DB_H

#include "rule/records.h"

#define SPECIAL_WAIT_MS 100

/* table: mapped read-only. */
void owner_db_init(const struct records *table);

/* False while no object of this user has a record. */
bool owner_db_in_use(void);

/* As records_may_know(). */
bool owner_db_may_know(uint64_t ino, uint64_t born);

/*
 * As records_find(). On a busy machine the broker may lose its processor amid a write, for longer than a reader tries: waits for it about
 * SPECIAL_WAIT_MS at most.
 */
int owner_db_find(const struct record_key *key, struct owner *owner) MUST_CHECK;

/* 0; -ENOSPC; -EIO when the broker is gone. */
int owner_db_set(const struct record_key *key, struct owner owner) MUST_CHECK;

#endif
