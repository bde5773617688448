/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of calls that change credentials share. */
#ifndef HANDLE_CHANGE_H
#define HANDLE_CHANGE_H

#include "cred/repeat.h"

struct verdict;

/* Lets the call change the credentials of the caller's process; v: its result, or that the kernel shall answer. */
void change_credentials(struct task *t, const struct request *req, credentials_change *change, struct verdict *v);

#endif
