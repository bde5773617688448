/* SPDX-License-Identifier: Apache-2.0 */
/* What the fakes of create/mount.h, create/fs_context.h and object/terminal.h, and the model agree on. */
#ifndef FUZZ_FAKE_MOUNT_H
#define FUZZ_FAKE_MOUNT_H

#include <stdbool.h>

#include "rule/owner.h"

/* The objects of the task's descriptors that are a file system which it makes, one that is made, and a new terminal's master. */
#define FAKE_CONTEXT 9
#define FAKE_MOUNT 3
#define FAKE_PTMX 10
#define FAKE_TERMINAL 4

/* What this call has mounted, and where: the object; 0 for none. */
extern unsigned int fake_mounts;
extern int fake_mounted_at;
extern struct owner fake_asked, fake_mount_owner;

/* What the file system was asked for that is being made. */
extern bool fake_context_noted;
extern struct owner fake_context_owner;

void fake_mounts_start(void);

#endif
