/* SPDX-License-Identifier: Apache-2.0 */
/* What the proofs share: values that CBMC takes for any of their type. */
#ifndef TESTS_PROOF_H
#define TESTS_PROOF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

bool nondet_bool(void);
char nondet_char(void);
int nondet_int(void);
ssize_t nondet_ssize(void);
size_t nondet_size(void);
uint32_t nondet_u32(void);
uint64_t nondet_u64(void);

void __CPROVER_assume(_Bool condition);
void __CPROVER_assert(_Bool condition, const char *text);

#define ASSUME(condition) __CPROVER_assume(condition)
#define PROVE(condition, text) __CPROVER_assert(condition, text)

#endif
