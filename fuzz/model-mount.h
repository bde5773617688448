/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on calls that mount file systems, and on new terminals. */
#ifndef FUZZ_MODEL_MOUNT_H
#define FUZZ_MODEL_MOUNT_H

#include "model-cred.h"
#include "reference-decode.h"

/* Before a call is served. */
void model_mount_begin(void);

/* Is it one that mounts, or makes what is mounted? */
bool model_mount_is(const struct expectation *e);

/* When nothing fails, and decode() has taken it. object: where the path leads, or -errno. */
struct answer model_mount_predict(const struct expectation *e, int object, bool confined, bool nested);

/* A success that the caller was told of. */
void model_mount_check(const struct expectation *e, int object);

/* The owner that a terminal must have after a call that has recorded one. */
struct owner model_mount_terminal(const struct expectation *e, bool nested);

#endif
