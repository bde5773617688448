/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems that tasks make by fsopen(2), fsconfig(2), fsmount(2) and move_mount(2), and the ids that these were asked for. Each is known by a
 * duplicate of the task's descriptor, and then by its mount, which lasts until it is attached, or until there is no room for another one.
 */
#ifndef CREATE_FS_CONTEXT_H
#define CREATE_FS_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
#include "rule/owner.h"

/* Is it the descriptor of fsopen(2) or fspick(2)? Of another file the container may be the server. */
bool fs_context_is(int fd);

/*
 * Sets an option that is an id. Where the kernel refuses it, as one that it does not know, it gets the other text, an id that it knows; owner, which has
 * the id that was asked for, is noted. guest: of a container of an engine, which may not have all room. 0; -ENOMEM: there is none; or the kernel's -errno.
 */
int fs_context_set(int context, const char *key, const char *text, const char *mapped, struct owner owner, bool guest) MUST_CHECK;

/* What it has been asked for by now. False: nothing. */
bool fs_context_find(int context, struct owner *owner) MUST_CHECK;

/* Its mount, which is made by now, and stays in being while its descriptor is kept here, instead of the context's. */
void fs_context_mounted(int context, int mount);

/* A duplicate of the descriptor that is kept of the mount to which this one belongs; -ENOENT: none. */
int fs_context_dup_mount(int fd) MUST_CHECK;

/* Keeps it no longer: it is attached now, or of no use to anybody. */
void fs_context_forget_mount(int fd);

#endif
