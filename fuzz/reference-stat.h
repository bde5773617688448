/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on struct stat in each ABI: a table of where which field goes, from bytes to bytes. */
#ifndef FUZZ_REFERENCE_STAT_H
#define FUZZ_REFERENCE_STAT_H

#include <stdint.h>

#include "decode/request.h"

/* sizeof(struct statx), in offsets of which the table speaks too */
#define REFERENCE_STATX 256

/* What the kernel would write for these statx bytes: the length, or -EOVERFLOW. What is no field is zero. */
int reference_stat(enum abi abi, unsigned int traits, const uint8_t statx[static REFERENCE_STATX],
		   uint8_t out[static REFERENCE_STATX]);

/* Makes the device numbers such as a kernel has them: 12 and 20 bits. */
void reference_limit_devices(uint8_t statx[static REFERENCE_STATX]);

#endif
