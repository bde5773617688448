/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The moment at which a new program has replaced the one that called execve(2), and has not begun yet. Only then is it known which
 * file is executed, and that the call did not fail; for it the calling thread is traced: ptrace(2). The only file that traces.
 */
#ifndef PROC_EXEC_TRACE_H
#define PROC_EXEC_TRACE_H

#include <stdbool.h>

#include "base/util.h"

struct cred;
struct task;

/*
 * Traces the calling thread from here on; exec_trace_watch() must follow, by the same thread of ours. 0; -EALREADY: another thread of
 * ours still watches an earlier exec of it, which has failed, and will see this one too; -EPERM: it cannot be traced.
 */
int exec_trace_open(const struct task *t) MUST_CHECK;

/*
 * Lets the kernel run the call and waits for its end. True: *program is the new program, which is held still until exec_trace_close().
 * False: the call has failed, or the process has ended; it is not traced any more.
 */
bool exec_trace_watch(const struct task *t, struct task *program) MUST_CHECK;

/* Tells the new program its ids, and whether it is to mistrust its environment, as the kernel would: getauxval(3). 0 or -errno. */
int exec_trace_show(const struct task *program, const struct cred *c, bool secure) MUST_CHECK;

/* The new program begins, or is killed. */
void exec_trace_close(const struct task *program, bool begins);

#endif
