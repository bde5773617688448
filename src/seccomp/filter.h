/* SPDX-License-Identifier: Apache-2.0 */
/* Seccomp filters of our own: that of syscalls.def for `subuidless run`, where no runtime loads it, and those of the sandbox. */
#ifndef SECCOMP_FILTER_H
#define SECCOMP_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct sock_filter;

/* Loads the filter into this process, which needs CAP_SYS_ADMIN in its user namespace. The listener, or -errno. */
int filter_load(void) MUST_CHECK;

/* After filter_load() has failed with r: logs what can be done about it, where that is known. */
void filter_explain(int r);

/* Makes the program of a libseccomp filter, to which add() gives rules; otherwise: what happens without one. How many instructions, or -errno. */
int filter_compile(uint32_t otherwise, int (*add)(void *filter, int which), int which, struct sock_filter *code, size_t size) MUST_CHECK;

#endif
