/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on system calls: their arguments as the manual pages list them, read byte by byte. */
#ifndef FUZZ_REFERENCE_DECODE_H
#define FUZZ_REFERENCE_DECODE_H

#include <limits.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/request.h"

/* The caller: some bytes of memory from base on, and nothing else. */
struct task {
	uint64_t base;
	const uint8_t *bytes;
	size_t length;
	size_t most;         /* bytes that one read yields; 0: any */
	int beyond;          /* what a read of other memory gives */
	unsigned int *reads; /* how many there were */
};

struct expectation {
	int outcome; /* of decode(); the rest holds with 0 only, but for these three */
	const char *name;
	enum abi abi;
	bool reads_bytes; /* and no string */
	int dirfd, socket;
	bool follow, empty_path, has_name, has_limit, has_source;
	uint32_t at_flags, mask, uid, gid, option, mode, version, length;
	unsigned int id_count, buf_count, value_count;
	uint32_t ids[3];
	int32_t count, pid;
	uint32_t socket_call;
	uint64_t clone_flags, mount_flags, open_flags, open_resolve, size, bufs[3], values[4], caps[3], limit[2];
	int memory_error;
	uint32_t groups[256];
	char xattr[256]; /* the name of one, or of an option of a file system */
	char fs_type[FS_TYPE_MAX];
	char path[PATH_MAX], target[PATH_MAX];
	uint8_t value[XATTR_SIZE_MAX];
};

void reference_decode(const struct seccomp_data *data, const struct task *t, struct expectation *e);

#endif
