/* SPDX-License-Identifier: Apache-2.0 */
/* What a forked child of the broker does: greets a connection, or goes on with the listener of a dead worker. */
#ifndef SERVE_CHILD_H
#define SERVE_CHILD_H

#include <stdbool.h>

#include "serve/slot.h"

struct child {
	int connection; /* to greet, or -1: worker.listener is known */
	int control;    /* to the broker */
	int host_proc;
	bool quiet;     /* enough was logged lately */
	struct worker worker;
};

void child_run(struct child *child) __attribute__((noreturn));

#endif
