/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a notification to a request. Every byte that a container controls is checked here. */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <linux/seccomp.h>
#include <stddef.h>

#include "base/util.h"
#include "decode/request.h"

struct task;

extern const struct syscall_row syscall_rows[CALL_COUNT];

extern const struct trap_condition trap_conditions[];
extern const size_t trap_condition_count;

/* Binds a number of an ABI to a call, at start. Numbers that are negative or 1024 and more are ignored. */
void decode_bind(enum abi abi, int nr, enum call call);

/* The ABI of a call, or -ENOSYS for one that we do not know. */
int decode_abi(const struct seccomp_data *data) MUST_CHECK;

/*
 * 0: req is filled in. -errno: that is the answer, -ENOSYS for a call without a row. A positive enum reason: the kernel
 * shall answer. t's memory may have changed, or t may be gone: confirm the notification before acting on req.
 */
int decode(const struct seccomp_data *data, const struct task *t, struct request *req) MUST_CHECK;

#endif
