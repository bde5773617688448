/* SPDX-License-Identifier: Apache-2.0 */
/* Why this process cannot make a user namespace, and what can be done about it; user_namespaces(7). */
#ifndef BASE_USERNS_H
#define BASE_USERNS_H

#include "base/log.h"

/* After an attempt to make one, with other namespaces, has failed with r: logs each cause that can be found, with its remedy. */
void userns_explain(enum log_level level, int r);

/* Logs a warning where a setting forbids user namespaces to all users: no runtime can start a container then. */
void userns_report(void);

#endif
