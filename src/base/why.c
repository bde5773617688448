/* SPDX-License-Identifier: Apache-2.0 */
#include "base/why.h"

const struct why_info why_infos[WHY_COUNT] = {
	[WHY_NONE] = { "none", WHY_KIND_errno, WHY_RATE_unexpected, "" },
#define WHY(name, kind, rate, text) [WHY_##name] = { #name, WHY_KIND_##kind, WHY_RATE_##rate, text },
#include "base/why.def"
#undef WHY
};

const char *const why_kinds[] = { "answer", "continue", "errno" };
