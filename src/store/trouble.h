/* SPDX-License-Identifier: Apache-2.0 */
/* What is logged when the file of the owner store cannot be used: one line until it can be again, which names the remedy. */
#ifndef STORE_TROUBLE_H
#define STORE_TROUBLE_H

#include <stdbool.h>
#include <time.h>

#include "base/util.h"

/* Seconds of CLOCK_BOOTTIME. */
time_t trouble_clock(void);

/* May this pass without anybody's doing anything to the file or its directory? */
bool trouble_may_pass(int r) MUST_CHECK;

/* Nothing is kept as long as this process runs. directory: "" where none is known. */
void trouble_for_good(const char *directory, int r);

/* A change has succeeded, or failed: then with this errno of chown(2). -EAGAIN: another process keeps a lock. */
int trouble_after(const char *path, int r) MUST_CHECK;

/* What that was the last time. */
int trouble_errno(void);

/* Has anything been wrong with the file since this process was started, so that the table may lack something? */
bool trouble_any(void) MUST_CHECK;

/* So many records cannot be read. */
void trouble_damaged(const char *path, unsigned long n);

#endif
