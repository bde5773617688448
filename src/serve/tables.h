/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_TABLES_H
#define SERVE_TABLES_H

#include "base/util.h"

/* Makes what all workers share, which they inherit, before there is any. 0 or -errno. */
int tables_open(void) MUST_CHECK;

#endif
