/* SPDX-License-Identifier: Apache-2.0 */
/* The broker's end of the special store; see kernel/special.h. */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H

#include "base/util.h"
#include "rule/records.h"

/* Makes the table: writable for this process only, read-only for every child. 0 or -errno. */
int store_open(void) MUST_CHECK;

/* The read-only mapping, which children inherit. */
const struct records *store_table(void);

/* As records_set(). */
int store_set(const struct record *record) MUST_CHECK;

#endif
