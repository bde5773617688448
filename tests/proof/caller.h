/* SPDX-License-Identifier: Apache-2.0 */
/* A caller for the decoder's proof: any arguments, and memory of which a read may give anything, but has to be one that the call asks for. */
#ifndef TESTS_PROOF_CALLER_H
#define TESTS_PROOF_CALLER_H

#include <linux/seccomp.h>

#include "proof.h"

#include "decode/request.h"

struct caller {
	struct seccomp_data data;
	enum abi abi;
	const struct syscall_row *row;
	/* what its memory gave */
	int refused;             /* a read failed with this, so that there is no request */
	int late_error;          /* the same of what the kernel reads late, which is noted only */
	int late_reads;
	unsigned char given[24]; /* by the last of them */
	uint64_t grown[3];       /* a structure that may be longer */
	bool other_name;
	bool socket_read;
	uint32_t socket_args[5];
	size_t address_size;     /* of a socket, 0: none was read; and one byte of its path, any one ... */
	size_t at;
	char byte;               /* ... which is this */
};

extern struct caller caller;
extern struct request req;

/* A value as wide as the ABI has it. */
uint64_t cut(uint64_t value);

/* The place of an argument of this kind, or -1; of the one that stands behind n others of it. */
int place(enum arg arg);
int place_of(enum arg arg, int n);

/* The argument of this kind, 0 if there is none. */
uint64_t argument(enum arg arg);

bool has_groups(void);
bool has_narrow_groups(void);
bool has_narrow_limit(void);

/* socketcall(2) that is bind(2) */
bool is_socket_bind(void);

#endif
