/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of `subuidless run`. */
#ifndef CLI_MOUNTS_H
#define CLI_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

struct mounts {
	const char *root; /* the new root directory, or NULL: stay in this one */
	bool host_pid;    /* no pid namespace of its own: /proc stays that of outside */
	bool own_net;     /* a network namespace of its own */
	size_t n;
	struct {
		const char *source, *target;
	} binds[64];
};

/* Adds "SRC" or "SRC:DST": 0; -E2BIG. Splits the text in place. */
int mounts_add(struct mounts *m, char *bind) MUST_CHECK;

/*
 * Sets them up in this process's own mount namespace and makes the new root everybody's in it. To be called by the first
 * process of the new pid namespace, for the fresh /proc. 0, or -errno with a logged line.
 */
int mounts_set_up(const struct mounts *m) MUST_CHECK;

#endif
