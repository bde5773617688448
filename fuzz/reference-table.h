/* SPDX-License-Identifier: Apache-2.0 */
/* The calls, with their arguments as the manual pages list them. */
#ifndef FUZZ_REFERENCE_TABLE_H
#define FUZZ_REFERENCE_TABLE_H

#include <stdint.h>

#include "decode/request.h"

/*
 * p path, P path whose last symlink is not followed, d directory, f file, u g ids, a AT_* flags, m mask, b buffer,
 * s its size, n name of an xattr, V its value, y struct xattr_args, c flags of clone, C struct clone_args, i ids to set, k a number of groups, G these,
 * h header of capabilities, D these, o option, v value, M mode, l address of a length, r of two limits, S of the arguments of a socket call,
 * w which of these, x socket, O flags of open, H struct open_how, z its size or that of A, the address of a socket, t target of a symlink, Q what mount(2) calls the device, T its
 * type, E MS_* flags, B options, K key and L value of fsconfig(2), N path of what move_mount(2) moves, - not looked at
 */
struct signature {
	const char *name, *args;
	uint32_t at_flags;
};

/* The number, on every ABI, of one of those that an older libseccomp does not know; -1: another call. Binds them for decode(). */
int reference_newest(const char *name);
void reference_bind_newest(void);

/* NULL: no such call. */
const struct signature *reference_signature(enum abi abi, int nr);

#endif
