/* SPDX-License-Identifier: Apache-2.0 */
/* The broker's end of the table of credentials: what processes carry stays, and what none carries any more makes room for others. */
#ifndef STORE_CRED_STORE_H
#define STORE_CRED_STORE_H

#include "base/util.h"
#include "rule/creds.h"
#include "store/account.h"

/* Listeners are numbered from 1. */
#define CRED_STORE_LISTENERS (LIMIT_LISTENERS + LIMIT_SILENT)

/* Makes the table. 0 or -errno. */
int cred_store_open(void) MUST_CHECK;

/* The read-only mapping, which children inherit. */
const struct creds *cred_store_table(void);

/* As creds_add(); -ENOSPC too when the container has its share. */
int32_t cred_store_add(uint16_t listener, const struct cred *c) MUST_CHECK;

/* From here on the listener counts with others of its container, whose account this is; NULL without memory. */
struct account *cred_store_join(uint16_t listener, const struct container *container);

/* A listener has lost its last task, and its number will be another one's. Its account is to be left, too. */
void cred_store_leave(uint16_t listener);

#endif
