/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter of the table, for a process that no OCI runtime starts, and what this kernel offers for it. */
#ifndef KERNEL_FILTER_H
#define KERNEL_FILTER_H

#include "base/util.h"

/* Loads the filter into this process, which needs CAP_SYS_ADMIN in its user namespace. The listener, or -errno. */
int filter_load(void) MUST_CHECK;

/* Logs what this kernel lacks and what that costs. */
void filter_report_kernel(void);

#endif
