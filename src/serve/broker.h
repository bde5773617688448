/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that outlives containers: accepts, forks, reaps and restarts, and writes the owner store. It reads no
 * byte that a runtime or a container wrote, only fixed-size messages of its own workers.
 */
#ifndef SERVE_BROKER_H
#define SERVE_BROKER_H

#include "base/util.h"

struct broker_options {
	int listen;     /* listening socket, or -1 */
	int idle;       /* it ends so many seconds after the last listener, or never with -1 ... */
	const char *path; /* ... where its socket is removed first */
	int connection; /* a connection to begin with, or -1: with no listen, the broker ends with its container */
};

/* Signals, limits and shared memory; to be called first. 0, or -errno with a logged line. */
int broker_set_up(void) MUST_CHECK;

/* Serves until SIGTERM, SIGINT or SIGHUP, or as above. 0, or -errno with a logged line. Takes the descriptors. */
int broker_run(const struct broker_options *options) MUST_CHECK;

#endif
