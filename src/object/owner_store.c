/* SPDX-License-Identifier: Apache-2.0 */
#include "object/owner_store.h"

#include <errno.h>
#include <time.h>

#include "ipc/broker_call.h"

#define STEP_US 100

static const struct records *shared;

void owner_store_init(const struct records *table)
{
	shared = table;
}

bool owner_store_in_use(void)
{
	return !records_are_empty(shared);
}

bool owner_store_may_know(uint64_t ino, uint64_t born)
{
	return !records_are_empty(shared) && records_may_know(shared, ino, born);
}

int owner_store_find(const struct record_key *key, struct owner *owner)
{
	const struct timespec step = { 0, STEP_US * 1000L };
	int r = records_find(shared, key, owner);

	for (int waited = 0; r == -EAGAIN && waited < OWNER_STORE_WAIT_MS * 1000; waited += STEP_US) {
		nanosleep(&step, NULL);
		r = records_find(shared, key, owner);
	}
	return r;
}

int owner_store_set(const struct record_key *key, struct owner owner)
{
	struct message message = { .kind = MESSAGE_RECORD, .record = { *key, owner } };

	return broker_call(&message);
}
