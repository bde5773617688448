/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/tables.h"

#include <stddef.h>

#include "cred/cookie.h"
#include "object/fsclock.h"
#include "object/lock.h"
#include "object/pending.h"
#include "object/setgroups.h"
#include "seccomp/sandbox.h"
#include "serve/counters.h"
#include "store/cred_store.h"
#include "store/owners.h"

int tables_open(void)
{
	static int (*const steps[])(void) = {
		counters_open, cookie_prepare, sandbox_prepare, lock_open, pending_open, fsclock_open, owners_open, cred_store_open,
		setgroups_open,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(steps); i++)
		r = steps[i]();
	return r;
}
