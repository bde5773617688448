/* SPDX-License-Identifier: Apache-2.0 */
/* From a verdict to the bytes of a response. */
#ifndef REPLY_REPLY_H
#define REPLY_REPLY_H

#include <linux/seccomp.h>

struct verdict;

/* The response to notification id that carries out v; seccomp_unotify(2). */
void reply_encode(const struct verdict *v, __u64 id, struct seccomp_notif_resp *resp);

#endif
