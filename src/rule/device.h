/* SPDX-License-Identifier: Apache-2.0 */
/* The device that a placeholder, an empty regular file, stands for. */
#ifndef RULE_DEVICE_H
#define RULE_DEVICE_H

#include <stdint.h>

struct device {
	uint32_t type; /* S_IFCHR or S_IFBLK; 0: none */
	uint32_t major, minor;
};

#endif
