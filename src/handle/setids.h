/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of the IDs of a process: setresuid(2), setgroups(2); and what all calls share that change credentials. */
#ifndef HANDLE_SETIDS_H
#define HANDLE_SETIDS_H

#include "cred/repeat.h"

struct verdict;

/* Lets the call change the credentials of the caller's process; v: its result, or that the kernel shall answer. */
void setids_change(struct task *t, const struct request *req, credentials_change *change, struct verdict *v);

#endif
