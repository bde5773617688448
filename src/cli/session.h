/* SPDX-License-Identifier: Apache-2.0 */
/* What podman keeps between its commands, as they need it in a user namespace with one ID: the namespaces themselves, and the driver of the storage. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include "base/util.h"

/* Why this user needs no emulation, or NULL. */
const char *session_needless(void);

/* Says in the environment which driver the storage has: the one that it has, where there is one, and else overlay of the kernel or vfs. */
void session_choose_driver(void);

/*
 * Joins the namespaces of podman, which that program makes where there are none; without podman, or in such a namespace already, it makes
 * new ones, or none. Hides what crun refuses there. 0, or -errno with a logged line.
 */
int session_enter(const char *podman) MUST_CHECK;

/*
 * Attached: shows this process, and what it becomes, all group ids in /proc/self/gid_map. podman leaves out the groups of an image's user that are
 * not there, and warns; where 5 is there, it mounts /dev/pts with gid=5: so only where that can be mounted.
 */
void session_show_groups(void);

#endif
