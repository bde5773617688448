/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that come with messages of a unix socket: SCM_RIGHTS, unix(7). */
#ifndef IPC_FDPASS_H
#define IPC_FDPASS_H

#include <string.h>
#include <sys/socket.h>

#include "base/util.h"

/* Room for exactly n of them: with more, a message is cut. */
#define FDPASS_CONTROL(n) union { char bytes[CMSG_LEN((n) * sizeof(int))]; struct cmsghdr align; }

/* Sends n descriptors with a message whose iov is set. control: an FDPASS_CONTROL() of n or more; flags: and MSG_NOSIGNAL. As sendmsg(2), or -errno. */
ssize_t fdpass_send(int socket, struct msghdr *msg, void *control, const int *fds, size_t n, int flags) MUST_CHECK;

/* Takes those of a received message: how many, max at most, further ones are closed. -EBADMSG: something else came too, or some were lost; all are closed. */
int fdpass_take(struct msghdr *msg, int *fds, int max) MUST_CHECK;

#endif
