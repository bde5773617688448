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
#define T_GROUPS 0x50000U
#define T_HEADER 0x60000U
#define T_DATA 0x70000U
#define T_LENGTH 0x80000U
#define T_LIMIT 0x90000U
#define T_SOCKET 0xa0000U
#define T_HOW 0xb0000U
#define T_ADDRESS 0xc0000U
#define T_TARGET 0xd0000U
#define T_XATTR 0xe0000U
#define T_XATTR_ARGS 0x100000U
#define T_FS_TYPE 0x110000U
#define T_FS_KEY 0x120000U
#define T_OPTIONS 0x130000U
#define T_EMPTY 0x140000U

/* of struct open_how, and as good for a socket's address */
#define SIZE_OF_HOW 24

/* of an xattr that is set */
#define SIZE_OF_VALUE 5

/* the first of them; each other argument of that kind is 0x10 more than the one before */
#define T_BUF 0xabcdef0123456780U
#define T_ID 0x34500U
#define T_VALUE 0x7600000054U

/*
 * The calls as the manual pages and the kernel's sources have them, a letter for each argument: d directory, f file,
 * p path, u and g ids, U and G ids of 16 bits on i386, a flags, m mask, b buffer, s size, n xattr name, c clone flags,
 * C clone_args, i ids of set*id, I the same of 16 bits on i386, k count of groups, r groups, R groups of 16 bits on i386,
 * h header of capabilities, D their data, o option, v value, M mode, L address of a length, t address of limits of 64 bits,
 * T the same of 32 bits on i386, x socket, O flags of open, H open_how, A address of a socket, S size of H or A, y target of a symlink, V value of an xattr, e its size, z flags of setxattr, X xattr_args, Z their size, q which call socketcall(2) makes, Q address of its arguments, 1 source of mount(2),
 * 2 type of a file system, 3 MS_* flags, 4 options of mount(2), 5 an option of fsconfig(2), 6 its value, 7 what move_mount(2) moves, 8 how, 9 a number that has to be 0, ! what fsconfig(2) does, - anything. Behind them: l, does not follow symlinks; w, ids in the result are 16 bits on i386.
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
extern struct open_how how;
extern struct sockaddr_un address;
extern char target[8192];
extern char xattr_value[XATTR_SIZE_MAX + 1];
extern char fs_type[32], fs_key[300], options[8192];
extern struct xattr_args { uint64_t value; uint32_t size, flags; } xattr_args;
extern uint32_t groups[LIMIT_GROUPS], header[2], cap_data[6], length, limit[4], socket_args[5];
extern struct request req;

struct task caller(void);

/* cmocka setups: the numbers of the table, once; a relative path, our xattr's name and good values in the caller's memory. */
int bind_numbers(void **state);
int usual_memory(void **state);

/* NULL for another call. */
const struct signature *signature_of(const char *call);

/* The call, if this is the number, from 463 on, of one of those that have the same on every ABI and that an older libseccomp does not know. */
const char *newest_call(int nr);

/* Is there the call on this ABI? */
bool exists(enum abi abi, const char *call);

/* Does the call have an argument of this letter? */
bool has(const char *call, char letter);

/* A call whose arguments are all fine; what is an int to the kernel has garbage above. */
struct seccomp_data call_of(enum abi abi, const char *call);

/* The first of this letter. */
void set_arg(struct seccomp_data *data, const char *call, char letter, uint64_t value);

/* Does the call read what the kernel looks at only after other checks? */
bool reads_late(const char *call);

/* Decodes into req. */
int run(const struct seccomp_data *data);

#define FOR_EACH_CALL(abi, call) \
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) \
		for (size_t index_ = 0; index_ < CALL_COUNT; index_++) \
			for (const char *call = signatures[index_].name; call && exists(abi, call); call = NULL)

#endif
