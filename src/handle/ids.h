/* SPDX-License-Identifier: Apache-2.0 */
/* The IDs of a process: getresuid(2), setresuid(2), setgroups(2); and what all calls share that change credentials. */
#ifndef HANDLE_IDS_H
#define HANDLE_IDS_H

#include "cred/repeat.h"

struct verdict;

/* Lets the call change the credentials of the caller's process; v: its result, or that the kernel shall answer. */
void ids_change(struct task *t, const struct request *req, credentials_change *change, struct verdict *v);

#endif
