/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that the broker writes and every child of it can only read. */
#ifndef STORE_SHARED_H
#define STORE_SHARED_H

#include <stddef.h>

#include "base/hash.h"
#include "base/util.h"

struct shared {
	void *writable;       /* for this process only */
	const void *readable; /* for children too */
};

/* Makes it, all zero, size: its bytes. 0 or -errno. */
int shared_open(struct shared *s, const char *name, size_t size) MUST_CHECK;

/* What containers make records of, they choose: so that they cannot choose where these stand in a table. 0 or -errno. */
int shared_choose_key(struct hash_key *key) MUST_CHECK;

#endif
