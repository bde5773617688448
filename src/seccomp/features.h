/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel offers of what came with newer ones: found out by trying, since distributions add to older ones. */
#ifndef SECCOMP_FEATURES_H
#define SECCOMP_FEATURES_H

#include <stdbool.h>

/* Linux 5.19 */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

struct features {
	bool sync_wake_up;  /* Linux 6.6: caller and worker run on one CPU, and a call costs a tenth */
	bool receive_ends;  /* Linux 6.11: RECV fails with ENOENT when the last task has gone; before, it sleeps on */
	bool wait_killable; /* Linux 5.19: only deadly signals interrupt a call that is being answered */
	bool tmpfs_xattrs;  /* Linux 6.6: user xattrs on tmpfs */
	bool openat2;       /* Linux 5.6, where no filter around this process refuses it */
	bool xattr_at;      /* Linux 6.13: getxattrat(2) */
};

/* For all children. Without a try, and for the first two where no listener could be had for it: all are there but receive_ends. */
extern struct features features;
void features_try(void);

/* Of these, whether a filter can have this flag; with nothing but one call, which changes nothing. */
bool features_wait_killable(void);

/* Logs what is missing, and what that means. */
void features_report(void);

#endif
