/* SPDX-License-Identifier: Apache-2.0 */
/* The reasons of reason.def as an enum, with their texts. */
#ifndef BASE_REASON_H
#define BASE_REASON_H

#include <stdbool.h>

enum reason {
	REASON_NONE,
#define REASON(name, ...) REASON_##name,
#include "base/reason.def"
#undef REASON
	REASON_COUNT
};

enum reason_kind { REASON_KIND_answer, REASON_KIND_continue, REASON_KIND_errno };
enum reason_rate { REASON_RATE_expected, REASON_RATE_unexpected };

struct reason_info {
	const char *name;
	enum reason_kind kind;
	enum reason_rate rate;
	const char *text;
};

extern const struct reason_info reason_infos[REASON_COUNT];
extern const char *const reason_kinds[];

#endif
