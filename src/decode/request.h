/* SPDX-License-Identifier: Apache-2.0 */
/* A trapped system call as a typed value: what decode() makes of a notification and what handlers see. */
#ifndef DECODE_REQUEST_H
#define DECODE_REQUEST_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stdint.h>

/* The xattr that holds owners, shared with umoci, the rootless-containers fork of PRoot and Apptainer; see proto/. */
#define OWNER_XATTR "user.rootlesscontainers"

enum abi { ABI_X86_64, ABI_I386, ABI_X32, ABI_AARCH64, ABI_COUNT };

/* The calls of syscalls.def, in its order. */
enum call {
#define SYSCALL(name, ...) CALL_##name,
#include "decode/syscalls.def"
#undef SYSCALL
	CALL_COUNT
};

enum handler {
	HANDLE_chown,
	HANDLE_stat,
	HANDLE_xattr_name, /* get, set or remove, of one name */
	HANDLE_xattr_list,
	HANDLE_hint,
	HANDLE_refuse,
	HANDLE_COUNT
};

/* What a name says that its arguments do not. */
enum trait {
	KERNEL = 1 << 0,    /* with arguments that it refuses, the kernel may give the answer itself */
	NOFOLLOW = 1 << 1,  /* a symlink as last component is the object */
	OPEN_FILE = 1 << 2, /* a descriptor opened with O_PATH is EBADF */
	STAT = 1 << 3,      /* the buffer is the ABI's struct stat ... */
	STAT64 = 1 << 4,    /* ... struct stat64 ... */
	OLDSTAT = 1 << 5,   /* ... struct __old_kernel_stat ... */
	STATX = 1 << 6,     /* ... or struct statx */
	GET = 1 << 7,       /* an xattr call that reads, and otherwise ... */
	SET = 1 << 8,       /* ... one that writes; neither: removes */
	CONFINES = 1 << 9,  /* the task has less access from now on, not another root */
};

/* What an argument means. UID16 and GID16 are 16 bits wide on the ABIs that have a twin with 32. */
enum arg {
	END,
	SKIP,
	FD,         /* the object itself */
	FD_OR_CWD,  /* the same, or AT_FDCWD: since Linux 6.13 some xattr calls take it */
	DIRFD,      /* where a relative path starts */
	PATH,
	UID,
	GID,
	UID16,
	GID16,
	FLAGS,
	MASK,       /* of statx(2) */
	BUF,        /* address of the result */
	SIZE,       /* bytes at BUF */
	OUR_NAME,   /* an xattr name; with any other than ours the kernel answers */
	CLONE_BITS, /* flags of clone(2) */
	CLONE_ARGS, /* address of struct clone_args */
};

/* Which calls the filter sends to us. */
enum trap {
	ALWAYS,
	NEW_NAMESPACE, /* argument 0 holds CLONE_NEWUSER or CLONE_NEWNS */
	REFUSED,       /* none: the filter itself answers ENOSYS */
};

struct syscall_row {
	const char *name;
	enum handler handler;
	enum trap trap;
	unsigned int traits;
	uint32_t at_flags; /* the AT_* bits that the kernel takes */
	uint8_t args[6];   /* enum arg */
};

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
	uint64_t clone_flags;
	uint64_t t_buf;
	uint64_t size;
	char name[sizeof(OWNER_XATTR) + 1]; /* of an xattr, cut */
	char path[PATH_MAX]; /* "" while it was not read */
};

#endif
