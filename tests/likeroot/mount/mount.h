/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIKEROOT_MOUNT_H
#define LIKEROOT_MOUNT_H

/* What was tried, and "ok" or the error. */
void result(const char *what, long r);

/* The owner and mode of a path. */
void show(const char *path);

void part_options(void);
void part_targets(void);
void part_elsewhere(void);
void part_context(void);
void part_terminal(void);

#endif
