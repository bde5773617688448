/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second model of what src/rule/cred.c does, written from credentials(7), capabilities(7) and what the kernel was seen to do:
 * one capability after the other, groups counted instead of sorted.
 */
#ifndef FUZZ_REFERENCE_CRED_H
#define FUZZ_REFERENCE_CRED_H

#include "rule/cred.h"

#define REFERENCE_CAPS 41

enum reference_id { REAL, EFFECTIVE, SAVED, FS };

struct reference_cap {
	bool inheritable, permitted, effective, bounding, ambient;
};

struct reference {
	uint32_t id[2][4]; /* of the user, of the group; by enum reference_id */
	struct reference_cap cap[REFERENCE_CAPS];
	bool bit[12]; /* of the securebits */
	uint32_t group[LIMIT_GROUPS], n_groups; /* as they were set */
};

struct reference reference_root(uint64_t inheritable, uint64_t permitted, uint64_t effective, uint64_t bounding, uint64_t ambient);
/* width: of the call's name, 1 (setuid) to 3 (setresuid), 0: the fs id */
int64_t reference_set(struct reference *p, bool of_group, int width, const uint32_t want[3]);
int reference_setgroups(struct reference *p, const uint32_t *groups, size_t n);
int reference_capset(struct reference *p, uint64_t effective, uint64_t permitted, uint64_t inheritable);
int64_t reference_prctl(struct reference *p, int option, const uint64_t args[4]);
int reference_exec(struct reference *p, const struct cred_file *file);
struct cred reference_shown(const struct reference *p);
bool reference_is_valid(const struct cred *c);

#endif
