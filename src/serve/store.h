/* SPDX-License-Identifier: Apache-2.0 */
/* The broker's end of the special store; see kernel/special.h. */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H

#include "base/util.h"
#include "kernel/special.h"

/* Makes the table: writable for this process only, read-only for every child. 0 or -errno. */
int store_open(void) MUST_CHECK;

/* The read-only mapping, which children inherit. */
const struct records *store_table(void);

/* As records_set(). */
int store_set(const struct record *record) MUST_CHECK;

/* One message of a worker: how many descriptors came with it; -EAGAIN; or -errno when the worker must not be heard again. */
int store_receive(int control, struct special_message *message, int fds[static 3]) MUST_CHECK;

#endif
