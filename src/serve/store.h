/* SPDX-License-Identifier: Apache-2.0 */
/* The broker's end of what all workers read and only it writes: the owner store and the table of credentials. */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H

#include "base/util.h"
#include "rule/creds.h"
#include "rule/records.h"

/* Makes the tables, with what earlier daemons have recorded: writable for this process only, read-only for every child. 0 or -errno. */
int store_open(void) MUST_CHECK;

/* The read-only mappings, which children inherit. */
const struct records *store_table(void);
const struct creds *store_credentials(void);

/* As records_set(), and written to the file: see serve/journal.h. */
int store_set(const struct record *record) MUST_CHECK;

/* As creds_add(). */
int32_t store_add_credentials(const struct cred *c) MUST_CHECK;

#endif
