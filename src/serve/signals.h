/* SPDX-License-Identifier: Apache-2.0 */
/* What the broker inherits from whoever started it, and what it makes of that. */
#ifndef SERVE_SIGNALS_H
#define SERVE_SIGNALS_H

#include "base/util.h"

/*
 * Blocks the signals that the broker handles, sets the others so that none ends it, raises the limit of descriptors, and lets go
 * of stdin and stdout. A descriptor of signalfd(2), or -errno.
 */
int signals_open(void) MUST_CHECK;

#endif
