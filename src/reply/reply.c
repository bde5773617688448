/* SPDX-License-Identifier: Apache-2.0 */
#include "reply/reply.h"

#include <string.h>

#include "reply/verdict.h"

void reply_encode(const struct verdict *v, __u64 id, struct seccomp_notif_resp *resp)
{
	memset(resp, 0, sizeof(*resp));
	resp->id = id;
	if (v->kernel) {
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		return;
	}
	resp->error = -v->error;
	if (v->error == 0)
		resp->val = v->value;
}
