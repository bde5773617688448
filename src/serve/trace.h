/* SPDX-License-Identifier: Apache-2.0 */
/* Traces of calls. */
#ifndef SERVE_TRACE_H
#define SERVE_TRACE_H

#include <linux/seccomp.h>

struct request;
struct task;
struct verdict;

/* One line on stderr as strace(1) would print it, with what was answered and why. req: NULL when it was not decoded. */
void trace_call(const struct seccomp_data *data, const struct task *t, const struct request *req, const struct verdict *v);

#endif
