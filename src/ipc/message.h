/* SPDX-License-Identifier: Apache-2.0 */
/* What workers and broker say to one another over a SOCK_SEQPACKET socket: messages of one size, with descriptors. */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include "rule/cred.h"
#include "rule/records.h"

#define MESSAGE_FDS 3

enum message_kind {
	MESSAGE_LISTENER = 1,  /* with 1 descriptor: the listener that was received */
	MESSAGE_CONTAINER = 2, /* with 3 descriptors: struct container */
	MESSAGE_RECORD = 3,    /* answered with an int32_t: 0 or -errno */
	MESSAGE_CREDENTIALS = 4, /* answered with an int32_t: their number or -errno */
	MESSAGE_XATTRS = 5, /* answered with an int32_t: 0, with a descriptor, or -errno */
};

/*
 * A change of the owner store. watch: a number of the daemon's inotify instance, which tells when the object is gone; -1: none. fs_type: of the
 * object, where the record ends before that, as statfs(2) has it; else 0.
 */
struct watched_record {
	struct record record;
	int32_t watch;
	uint32_t fs_type;
};

struct message {
	uint32_t kind;
	uint32_t reserved;
	union {
		struct watched_record record;
		struct cred cred;
	};
};

/* Sends a message with n descriptors, MESSAGE_FDS at most. 0 or -errno. */
int message_send(int socket, const struct message *message, const int *fds, unsigned int n) MUST_CHECK;

/* The broker's answer to one, with a descriptor unless that is -1. It waits for no worker. 0 or -errno. */
int message_answer(int socket, int32_t answer, int fd) MUST_CHECK;

/*
 * Receives one without waiting: how many descriptors came with it; -EAGAIN; or -errno when the sender must not be heard
 * again, and then no descriptor is left open.
 */
int message_receive(int socket, struct message *message, int fds[static MESSAGE_FDS]) MUST_CHECK;

#endif
