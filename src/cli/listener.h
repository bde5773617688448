/* SPDX-License-Identifier: Apache-2.0 */
/* The filter of this process, whose listener a daemon gets as it would from a runtime. */
#ifndef CLI_LISTENER_H
#define CLI_LISTENER_H

#include "base/util.h"

/* A connection to the daemon that listens at path, or -errno. */
int listener_connect(const char *path) MUST_CHECK;

/* Makes sure that a daemon listens at path, an absolute one: starts one that ends when it is idle. 0, or -errno with a logged line. */
int listener_start_daemon(const char *path) MUST_CHECK;

/* Loads the filter and sends its listener with this listenerMetadata. 0, or -errno with a logged line. */
int listener_hand_over(int connection, const char *metadata) MUST_CHECK;

#endif
