/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_WHY_H
#define BASE_WHY_H

#include <stdbool.h>

enum why {
	WHY_NONE,
#define WHY(name, ...) WHY_##name,
#include "base/why.def"
#undef WHY
	WHY_COUNT
};

enum why_kind { WHY_KIND_answer, WHY_KIND_continue, WHY_KIND_errno };
enum why_rate { WHY_RATE_expected, WHY_RATE_unexpected };

struct why_info {
	const char *name;
	enum why_kind kind;
	enum why_rate rate;
	const char *text;
};

extern const struct why_info why_infos[WHY_COUNT];
extern const char *const why_kinds[];

#endif
