/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of the host, for those in a container that open a placeholder of the same number: null, zero, full, random and urandom, which
 * everybody may open everywhere; null(4), full(4), random(4).
 */
#ifndef CREATE_HOST_DEVICE_H
#define CREATE_HOST_DEVICE_H

#include <stdbool.h>

#include "base/util.h"

struct request;
struct task;
struct verdict;

/* Keeps O_PATH descriptors of those that there are. While /dev is still that of outside. */
void host_device_keep(void);

/*
 * Of an open(2) that might make a file and not O_EXCL: false, there is nothing by that name. True: v says what to answer, or the caller has
 * got the host's device. Other devices than these five are not there: -ENXIO, as for one without a driver.
 */
bool host_device_open_existing(const struct task *t, const struct request *req, struct verdict *v) MUST_CHECK;

#endif
