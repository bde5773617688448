/* SPDX-License-Identifier: Apache-2.0 */
/* A trapped system call as a typed value: what decode() makes of a notification and what handlers see. */
#ifndef DECODE_REQUEST_H
#define DECODE_REQUEST_H

#include <linux/capability.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"

/* What tells O_TMPFILE from O_DIRECTORY, on every ABI. */
#define OPEN_TMPFILE 020000000U

/* Longer types of file systems are of no interest. */
#define FS_TYPE_MAX 16

enum abi {
#define ABI(name, ...) ABI_##name,
#include "decode/abis.def"
#undef ABI
	ABI_COUNT
};

/* The calls of syscalls.def, in its order. */
enum call {
#define SYSCALL(name, ...) CALL_##name,
#include "decode/syscalls.def"
#undef SYSCALL
	CALL_COUNT
};

enum handler {
#define HANDLER(name, ...) HANDLE_##name,
#include "decode/handlers.def"
#undef HANDLER
	HANDLE_COUNT
};

/* What a name says that its arguments do not. */
enum trait {
	MAY_CONTINUE = 1 << 0, /* with arguments that it refuses, the kernel may give the answer itself */
	NOFOLLOW = 1 << 1,  /* a symlink as last component is the object */
	OPEN_FILE = 1 << 2, /* a descriptor opened with O_PATH is EBADF */
	STAT = 1 << 3,      /* the buffer is the ABI's struct stat ... */
	STAT64 = 1 << 4,    /* ... struct stat64 ... */
	OLDSTAT = 1 << 5,   /* ... struct __old_kernel_stat ... */
	STATX = 1 << 6,     /* ... or struct statx */
	CHANGES = 1 << 7,   /* the object is changed by us, if at all */
	CONFINES = 1 << 8,  /* the task has less access from now on, not another root */
	NARROW_IDS = 1 << 9, /* ids are 16 bits wide on the ABIs that have the next call of the table too ... */
	TWIN = 1 << 12,      /* ... which differs in nothing else */
	LIMIT64 = 1 << 10,  /* limits are 64 bits wide on every ABI */
	CREAT = 1 << 11,    /* the flags are those of creat(2) */
};

enum arg {
	END,
#define ARG(name, ...) name,
#include "decode/args.def"
	ARG_COUNT
};

enum trap {
#define TRAP(name, ...) name,
#include "decode/traps.def"
	TRAP_COUNT
};

/* Of an argument: (argument & mask) == value. */
struct condition {
	unsigned long long index;
	uint64_t mask, value;
};

/* A call for which one of several holds is sent; see traps.def. */
struct trap_condition {
	enum trap trap;
	struct condition by;
};

struct syscall_row {
	const char *name;
	enum handler handler;
	enum trap trap;
	unsigned int traits;
	uint32_t at_flags; /* the AT_* bits that the kernel takes */
	uint8_t args[6];   /* enum arg */
};

/* Has it words of 32 bits, and older calls with ids of 16? */
static inline bool abi_is_narrow(enum abi abi)
{
	static const bool narrow[ABI_COUNT] = {
#define ABI(name, audit, scmp, is_narrow) is_narrow,
#include "decode/abis.def"
#undef ABI
	};

	return narrow[abi];
}

static inline bool row_has_arg(const struct syscall_row *row, enum arg arg)
{
	return memchr(row->args, arg, sizeof(row->args)) != NULL;
}

struct request {
	enum call call;
	enum abi abi;
	const struct syscall_row *row;
	int t_dirfd;         /* AT_FDCWD or a descriptor of the task; for FD the object, with path "" */
	bool follow;         /* a symlink as last component */
	bool empty_path;     /* an empty path means t_dirfd itself */
	uint32_t at_flags;
	uint32_t mask;
	uint32_t cuid, cgid; /* 0xFFFFFFFF: keep */
	uint32_t ids[3];
	int32_t count;
	uint32_t option;
	uint32_t socket_call;
	int t_socket;        /* or another descriptor beside t_dirfd */
	uint32_t mode;
	uint64_t open_flags; /* those that the kernel knows, or struct open_how's */
	uint64_t open_resolve;
	uint64_t values[4];
	uint64_t clone_flags;
	uint64_t mount_flags;
	uint64_t t_buf[3];   /* 0 behind the last */
	uint64_t t_length;   /* of a LENGTH, for the length of the result */
	uint64_t size;
	int memory_error;    /* of what is listed below: 0, or -EFAULT or -EINVAL, which the kernel finds only after other checks */
	bool has_limit;      /* LIMIT is not NULL */
	bool has_source;     /* nor is SOURCE, which is in target */
	char fs_type[FS_TYPE_MAX];
	struct { uint32_t version; int32_t number; } cap; /* struct __user_cap_header_struct */
	uint32_t length;
	uint64_t limit[2];   /* soft, hard */
	uint64_t caps[3];    /* effective, permitted, inheritable */
	uint32_t groups[LIMIT_GROUPS]; /* count of them, when there is room */
	char name[XATTR_NAME_MAX + 1]; /* of an xattr, or of an option of a file system */
	char path[PATH_MAX]; /* "" while it was not read; of a socket too */
	char target[PATH_MAX]; /* of a symlink; of mount(2), its source */
	unsigned char value[XATTR_SIZE_MAX]; /* of an xattr that is set: the first size bytes; of mount(2) and fsconfig(2) a string */
};

static inline bool request_has_narrow_ids(const struct request *req)
{
	return req->row->traits & NARROW_IDS && abi_is_narrow(req->abi);
}

/* The call, or that before it of which it is the twin. */
static inline enum call request_first_twin(const struct request *req)
{
	return req->row->traits & TWIN ? req->call - 1 : req->call;
}

/* Words of 32 bits in which such a version of capget(2) and capset(2) has each set; 0: there is none. */
static inline size_t request_cap_words(const struct request *req)
{
	switch (req->cap.version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return 1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return 2;
	default:
		return 0;
	}
}

#endif
