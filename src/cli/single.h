/* SPDX-License-Identifier: Apache-2.0 */
/* A user namespace in which our user and group are 0, and nothing else is mapped; user_namespaces(7). */
#ifndef CLI_SINGLE_H
#define CLI_SINGLE_H

#include "base/util.h"

/* Moves this process into a new one, and into new namespaces of the other kinds that flags (CLONE_NEW...) name. 0 or -errno. */
int single_unshare(int flags) MUST_CHECK;

/* In a new network namespace: 127.0.0.1 and ::1 can be reached then. 0 or -errno. */
int single_start_loopback(void) MUST_CHECK;

#endif
