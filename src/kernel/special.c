/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/special.h"

#include "kernel/ask.h"

static const struct records *shared;

void special_init(const struct records *table)
{
	shared = table;
}

bool special_in_use(void)
{
	return !records_are_empty(shared);
}

bool special_may_know(uint64_t ino, uint64_t born)
{
	return !records_are_empty(shared) && records_may_know(shared, ino, born);
}

int special_find(const struct record_key *key, struct owner *owner)
{
	return records_find(shared, key, owner);
}

int special_set(const struct record_key *key, struct owner owner)
{
	struct message message = { .kind = MESSAGE_RECORD, .record = { *key, owner } };

	return ask(&message);
}
