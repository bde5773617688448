/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a container: two, whose threads all have the same kernel credentials. */
#ifndef FUZZ_FAKE_PROCESS_H
#define FUZZ_FAKE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "cred/repeat.h"

#define FAKE_TIDS 1000 /* the first of 256 */
#define FAKE_PROCESSES 2

/* what a task calls itself, and one of the other process */
#define FAKE_OWN_PID 7
#define FAKE_OTHER_PID 8

/* what it has a socket of that was connected by the other, and by one that has ended; any other was by its own */
#define FAKE_OTHER_SOCKET 3
#define FAKE_ENDED_SOCKET 4

/* Forgets everything. The first carrier of credentials has no room, or none has. */
void fake_processes_start(bool limited, bool all_limited, struct repeats *memory);

bool fake_has_room(void);

/* That a change was made is remembered no more. */
void fake_forget_changes(void);

/* Which of the two a task belongs to. */
int fake_process(pid_t pid);

/* What the kernel knows of the calling task. */
struct cred fake_first_credentials(void);

#endif
