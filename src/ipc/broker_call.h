/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's end of the socket to its broker. */
#ifndef IPC_BROKER_CALL_H
#define IPC_BROKER_CALL_H

#include "ipc/message.h"

void broker_call_init(int broker);

/* A question, and its answer; -EIO when the broker is gone. One thread at a time. */
int32_t broker_call(const struct message *message) MUST_CHECK;

/* The same, answered with a descriptor: that, or -errno. */
int broker_call_for_file(const struct message *message) MUST_CHECK;

/* Hands n descriptors to the broker. 0 or -errno. */
int broker_call_give(enum message_kind kind, const int *fds, unsigned int n) MUST_CHECK;

#endif
