/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's end of the special store: reads the shared table, asks the broker to change it. */
#ifndef KERNEL_SPECIAL_H
#define KERNEL_SPECIAL_H

#include "kernel/message.h"
#include "rule/records.h"

/* table: mapped read-only; broker: a SOCK_SEQPACKET socket to its writer. */
void special_init(const struct records *table, int broker);

/* False while no object of this user has a record. */
bool special_in_use(void);

/* As records_find(). */
int special_find(const struct record_key *key, struct owner *owner) MUST_CHECK;

/* 0; -ENOSPC; -EIO when the broker is gone. */
int special_set(const struct record_key *key, struct owner owner) MUST_CHECK;

/* Hands n descriptors to the broker. 0 or -errno. */
int special_hand_over(enum message_kind kind, const int *fds, unsigned int n) MUST_CHECK;

#endif
