/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's end of the socket to its broker. */
#ifndef KERNEL_ASK_H
#define KERNEL_ASK_H

#include "kernel/message.h"

void ask_init(int broker);

/* A question, and its answer; -EIO when the broker is gone. One thread at a time. */
int32_t ask(const struct message *message) MUST_CHECK;

/* Hands n descriptors to the broker. 0 or -errno. */
int ask_keep(enum message_kind kind, const int *fds, unsigned int n) MUST_CHECK;

#endif
