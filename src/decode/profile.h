/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a seccomp profile, read from the JSON of an engine (podman, docker) or of a runtime's linux.seccomp. Only what decides
 * about a call is looked at, and that strictly: engines are written in Go, which takes names of members in any case and the last of
 * two, and a profile that two readers understand differently is refused.
 */
#ifndef DECODE_PROFILE_H
#define DECODE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
#include "decode/json.h"
#include "decode/merge.h"
#include "decode/request.h"
#include "decode/text.h"

struct profile {
	struct json json;
	struct merge_problem *problem;
};

enum action {
	ACTION_PERMIT, /* the kernel does what the call asks for */
	ACTION_DENY,   /* ... does not, or asks somebody else */
	ACTION_NOTIFY,
};

struct rule {
	int at;             /* its token */
	int names, n_names; /* the first of its names, which are strings and stand one behind the other */
	int args, n_args;   /* the array's token, or -1 */
	enum action action;
	bool depends;       /* on capabilities, the machine, the kernel: the engine decides whether it counts */
};

/* Part of what a rule is for: its arguments, one of them replaced or one more. */
struct split {
	int replaced; /* its token, or 0 */
	struct condition by;
};

/* What is said about a profile, at a token of it. Returns -EINVAL. */
int profile_fail(const struct profile *p, int at, const char *problem);

/* Checks that the bytes are one JSON object, and splits them. 0, or -errno with the problem. */
int profile_scan(struct profile *p, const char *text, size_t n) MUST_CHECK;

/* Has the object names that are read one way by us and another way by others? 0, or -EINVAL with the problem. */
int profile_check_members(const struct profile *p, int object) MUST_CHECK;

/* The value of a member; 0: there is none, or null. -EINVAL with the problem: another type, or two of them. */
int profile_member(const struct profile *p, int object, const char *name, jsmntype_t type) MUST_CHECK;

/* What a member says, as enum action, or -EINVAL with the problem. */
int profile_action(const struct profile *p, int object, const char *name) MUST_CHECK;

/* The rule at a token. 0, or -EINVAL with the problem. */
int profile_rule(const struct profile *p, int at, struct rule *rule) MUST_CHECK;

/* The call of the table that a name is, or -1. */
int profile_call(const struct profile *p, int name);

/* The condition that holds when none of a trap's does; its mask is 0 where one rule cannot say that. */
struct condition profile_rest(enum trap trap);

/* Can the rule be split at the conditions of this trap? */
bool profile_splits(const struct profile *p, const struct rule *rule, enum trap trap);

/* The part of a rule that can be split which is for this condition. false: there is none. */
bool profile_split(const struct profile *p, const struct rule *rule, const struct condition *condition, struct split *split);

/* Copies the value at a token. */
void profile_put(const struct profile *p, struct text *out, int at);

/* Copies the members of an object but those named, with what stands in front of the first and of each other one. */
void profile_put_members(const struct profile *p, struct text *out, int object, const char *const *but, const char *first, const char *next);

/* The member "args" of a part. */
void profile_put_split(const struct profile *p, struct text *out, const struct rule *rule, const struct split *split);
void profile_put_condition(struct text *out, const struct condition *c);

#endif
