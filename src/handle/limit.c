/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/request.h"
#include "handle/handle.h"
#include "reply/verdict.h"

void handle_limit(struct task *t, const struct request *req, struct verdict *v)
{
	(void)t;
	(void)req;
	verdict_continue(v, WHY_other_option);
}
