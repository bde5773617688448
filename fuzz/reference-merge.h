/* SPDX-License-Identifier: Apache-2.0 */
/* What runtimes do with a seccomp profile, read by the parser that crun uses: the answer to one call. */
#ifndef FUZZ_REFERENCE_MERGE_H
#define FUZZ_REFERENCE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yajl/yajl_tree.h>

struct reference_answer {
	const char *action; /* NULL: two rules contradict each other, or one is none that a runtime takes */
	const char *error;  /* errnoRet as it is written, or "" */
};

/* The tree of n bytes of JSON, or NULL. */
yajl_val reference_tree(const char *json, size_t n);

/*
 * As crun and runc feed libseccomp: a rule with the default action is left out, the first one without arguments counts, else those whose
 * arguments match, else the default. Which of the rules with conditions for the engine count is drawn by lot, with this seed.
 */
struct reference_answer reference_answer(yajl_val profile, const char *name, const uint64_t args[6], unsigned int seed);

/* The same values in the same order? */
bool reference_equal(yajl_val a, yajl_val b);

/* A member, or NULL. */
yajl_val reference_member(yajl_val object, const char *name);

/* Is a rule for this call? */
bool reference_names(yajl_val rule, const char *name);

#endif
