/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reason.h"

const struct reason_info reason_infos[REASON_COUNT] = {
	[REASON_NONE] = { "none", REASON_KIND_errno, REASON_RATE_unexpected, "" },
#define REASON(name, kind, rate, text) [REASON_##name] = { #name, REASON_KIND_##kind, REASON_RATE_##rate, text },
#include "base/reason.def"
#undef REASON
};

const char *const reason_kinds[] = { "answer", "continue", "errno" };
