/* SPDX-License-Identifier: Apache-2.0 */
/* One connection of a runtime: takes the listener from it. Runs in a process of its own, before that becomes a worker. */
#ifndef SERVE_GREETER_H
#define SERVE_GREETER_H

#include "base/util.h"
#include "decode/metadata.h"

/*
 * Receives the payload, as it arrives, and returns the listener. Two protocols: the OCI runtime specification's
 * ContainerProcessState, whose first byte is '{' and whose "fds" says which descriptor is "seccompFd"; or that of the
 * first receivers, any other byte and exactly one descriptor. There is no EOF to wait for.
 * user: what its metadata says of the container's first user. -EINVAL: one that cannot be understood, with a logged line.
 * attached: it says METADATA_ATTACHED.
 * -ENODATA: closed before a whole payload; -EBADMSG, -E2BIG: garbage; -EBADF: not a listener. Closes all other descriptors.
 */
int greeter_receive(int connection, struct first_user *user, bool *attached) MUST_CHECK;

#endif
