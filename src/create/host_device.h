/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of the host, for those in a container that open a placeholder of the same number. They are null, zero, full, random and urandom, which
 * everybody may open everywhere; null(4), full(4), random(4).
 */
#ifndef CREATE_HOST_DEVICE_H
#define CREATE_HOST_DEVICE_H

#include <stdint.h>

#include "base/util.h"

struct device;

/* Opens O_PATH descriptors of those that there are. While /dev is still that of outside. */
void host_device_init(void);

/* Opens the one of this number with the flags of an open(2) that count for a device: a descriptor; -ENXIO, as for a device without a driver; -errno. */
int host_device_open(const struct device *device, uint64_t flags) MUST_CHECK;

#endif
