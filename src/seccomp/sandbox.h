/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that each of our processes may make: seccomp(2) allow-lists, each within the one before. */
#ifndef SECCOMP_SANDBOX_H
#define SECCOMP_SANDBOX_H

#include "base/util.h"

enum sandbox {
	SANDBOX_BROKER,  /* no exec, no new socket, no new executable memory, no file opened for writing; else EPERM */
	SANDBOX_GREETER, /* and no process of its own; else the end of the process, as from here on */
	SANDBOX_WORKER,  /* and no memory, thread, namespace or socket: what answers calls of a container that was entered */
	SANDBOX_COUNT
};

/* Makes the lists, once, for all children. 0 or -errno. */
int sandbox_prepare(void) MUST_CHECK;

/* From here on, all threads of this process, and its children, are so limited. 0 or -errno. */
int sandbox_enter(enum sandbox sandbox) MUST_CHECK;

#endif
