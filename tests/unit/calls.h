/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the table on every ABI, with a caller's memory: what test-decode and test-numbers share. */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "decode/request.h"
#include "fake-tmem.h"

#define X32_BIT 0x40000000
#define GARBAGE 0xdeadbeef00000000U /* in the upper half of what is an int to the kernel */

/* where the caller's memory is, within 32 bits so that every ABI reaches it */
#define T_PATH 0x10000U
#define T_NAME 0x20000U
#define T_CLONE 0x30000U
#define T_NOWHERE 0x40000U
#define T_BUF 0xabcdef0123456788U

/*
 * The calls as the manual pages and the kernel's sources have them, a letter for each argument: d directory, f file,
 * p path, u and g ids, U and G ids of 16 bits on i386, a flags, m mask, b buffer, s size, n xattr name, c clone flags,
 * C clone_args, - anything. l: as the last letter of a call that does not follow symlinks.
 */
struct signature {
	const char *name, *args;
	uint32_t at_flags;
};

extern const struct signature signatures[CALL_COUNT];
extern const uint32_t audit_arch[ABI_COUNT], scmp_arch[ABI_COUNT];

/* The caller's memory, and what the last run() decoded. */
extern char path[8192], name[64];
extern uint64_t clone_flags;
extern struct request req;

struct task caller(void);

/* cmocka setups: the numbers of the table, once; a relative path and our xattr's name in the caller's memory. */
int bind_numbers(void **state);
int usual_memory(void **state);

/* NULL for another call. */
const struct signature *signature_of(const char *call);

/* Does libseccomp know the call on this ABI? */
bool exists(enum abi abi, const char *call);

/* Does the call have an argument of this letter? */
bool has(const char *call, char letter);

/* A call whose arguments are all fine; what is an int to the kernel has garbage above. */
struct seccomp_data call_of(enum abi abi, const char *call);

void set_arg(struct seccomp_data *data, const char *call, char letter, uint64_t value);

/* Decodes into req. */
int run(const struct seccomp_data *data);

#define FOR_EACH_CALL(abi, call) \
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) \
		for (size_t index_ = 0; index_ < CALL_COUNT; index_++) \
			for (const char *call = signatures[index_].name; call && exists(abi, call); call = NULL)

#endif
