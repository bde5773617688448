/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that talks to a seccomp listener: seccomp_unotify(2). */
#ifndef SECCOMP_NOTIF_H
#define SECCOMP_NOTIF_H

#include <linux/seccomp.h>
#include <stdbool.h>

#include "base/util.h"

/* 0, or -errno with a logged line when this kernel's structures do not fit ours. */
int notif_check_kernel(void) MUST_CHECK;

/* Is fd really a listener? A forged one could answer our ioctls. */
bool notif_is_listener(int fd);

/* Asks that caller and worker run on one CPU (Linux 6.6): a round trip then costs a tenth. -errno where unknown. */
int notif_sync_wake_up(int listener) MUST_CHECK;

/* Does RECV end when the last task has gone? Otherwise, as from the start, each RECV waits by poll(2) first. See features.h. */
void notif_receive_ends(bool ends);

/* Waits for a notification, which the kernel writes to *req. 0; -ENOENT: it was withdrawn; -ENOTCONN: the last task has gone. */
int notif_receive(int listener, struct seccomp_notif *req) MUST_CHECK;

/* 0, or -ENOENT when notification id is no longer pending. */
int notif_id_valid(int listener, __u64 id) MUST_CHECK;

/* 0, or -ENOENT when the caller is gone. */
int notif_send(int listener, const struct seccomp_notif_resp *resp) MUST_CHECK;

/*
 * Gives the caller a duplicate of fd and answers with its number, which is returned. -EMFILE: it can have no more, and is not answered; -ENOENT.
 * A caller whose call ends in between, or that is served again since we died then, keeps a descriptor that it does not know of.
 */
int notif_send_fd(int listener, __u64 id, int fd, bool cloexec) MUST_CHECK;

/* Gives the caller a duplicate of fd, whose number is that of a descriptor that it has. It is not answered. 0; -ENOENT. */
int notif_replace_fd(int listener, __u64 id, int t_fd, int fd, bool cloexec) MUST_CHECK;

/* Binds the rows of the table to this kernel's numbers on every ABI, as libseccomp knows them. 0, or -errno with a logged line. */
int notif_bind_numbers(void) MUST_CHECK;

#endif
