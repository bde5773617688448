/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminals of devpts file systems, and the ids with which such a file system was mounted: those of new terminals. They are in the owner store, for as
 * long as the file system is, under a number that no object has.
 */
#ifndef OBJECT_TERMINAL_H
#define OBJECT_TERMINAL_H

#include "base/util.h"
#include "rule/owner.h"

/* On the mount of a devpts that nobody uses yet: the ids of its terminals, OWNER_NONE for those of whoever opens one. 0 or -errno. */
int terminal_defaults_set(int root, struct owner owner) MUST_CHECK;

/*
 * By a descriptor of the ptmx end, while the other end cannot be opened yet: an O_PATH descriptor of that one. -ENOTTY where it is no ptmx, and
 * -EBUSY where others may have had the terminal by now.
 */
int terminal_open_new(int ptmx) MUST_CHECK;

/* Of a terminal: the ids with which its file system was mounted, OWNER_NONE for none. 0 or -errno. */
int terminal_defaults_get(int terminal, struct owner *owner) MUST_CHECK;

#endif
