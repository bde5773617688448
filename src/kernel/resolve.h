/* SPDX-License-Identifier: Apache-2.0 */
/* From a request's path to the object that the caller means. */
#ifndef KERNEL_RESOLVE_H
#define KERNEL_RESOLVE_H

#include <stdbool.h>

#include "base/util.h"

struct request;
struct task;
struct verdict;

/*
 * False: the object has no recorded owner, or the lookup fails, and v says that the kernel shall answer. True: look
 * closer, with resolve_open(). For calls that change nothing.
 */
bool resolve_probe(const struct task *t, const struct request *req, struct verdict *v) MUST_CHECK;

/*
 * An O_PATH descriptor of the object, found in the caller's own root, working directory and /proc, with the caller's
 * capabilities, while the call was pending. -1: v says what to answer.
 */
int resolve_open(const struct task *t, const struct request *req, struct verdict *v) MUST_CHECK;

#endif
