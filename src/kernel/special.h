/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's end of the special store: reads the shared table, asks the broker to change it. */
#ifndef KERNEL_SPECIAL_H
#define KERNEL_SPECIAL_H

#include "rule/records.h"

/* What a worker sends to the broker, always one whole message. */
enum special_message_kind {
	MESSAGE_LISTENER = 1,  /* with 1 descriptor: the listener that was received */
	MESSAGE_CONTAINER = 2, /* with 3 descriptors: struct container */
	MESSAGE_RECORD = 3,    /* answered with an int32_t: 0 or -errno */
};

struct special_message {
	uint32_t kind;
	uint32_t reserved;
	struct record record;
};

/* table: mapped read-only; broker: a SOCK_SEQPACKET socket to its writer. */
void special_init(const struct records *table, int broker);

/* False while no object of this user has a record. */
bool special_in_use(void);

/* As records_find(). */
int special_find(const struct record_key *key, struct owner *owner) MUST_CHECK;

/* 0; -ENOSPC; -EIO when the broker is gone. */
int special_set(const struct record_key *key, struct owner owner) MUST_CHECK;

/* Hands descriptors to the broker. */
int special_send(enum special_message_kind kind, const int *fds, unsigned int n) MUST_CHECK;

#endif
