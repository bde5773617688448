/* SPDX-License-Identifier: Apache-2.0 */
/* What each container has in the tables that all share: its listeners count as one, and what it has is given back when it ends. */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/util.h"

struct container;
struct owner_entry; /* store/entries.h */

TAILQ_HEAD(owner_entries, owner_entry);

struct account {
	TAILQ_ENTRY(account) next;
	uint64_t userns[2], mntns[2]; /* device and number of each */
	uint32_t listeners;
	uint32_t records, credentials, xattr_files;
	struct owner_entries lasting;   /* its records, the oldest first: what outlasts it, */
	struct owner_entries passing;   /* what ends with it at the latest, and is watched, */
	struct owner_entries unwatched; /* and what is not */
};

/* That of a container, for one more listener of it; NULL without memory. */
struct account *account_join(const struct container *container) MUST_CHECK;

/* One listener less. True: it was the last one, and what the account has is to be given back before account_free(). */
bool account_leave(struct account *a);
void account_free(struct account *a);

/*
 * May somebody who has so many entries of a table take one more? total, limit: entries of all, and the most that there can be. A quarter of
 * what is free: who comes later finds room, however much the others have.
 */
bool account_may_take(uint32_t has, uint32_t total, uint32_t limit) MUST_CHECK;

#endif
