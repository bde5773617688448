/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/stat.h>

#include "base/why.h"
#include "decode/tmem.h"

#define NR_MAX 1024
#define X32_BIT 0x40000000
#define NO_ROW 0xff

const struct syscall_row syscall_rows[CALL_COUNT] = {
#define SYSCALL(name, handler, trap, traits, flags, ...) \
	[CALL_##name] = { #name, HANDLE_##handler, trap, traits, flags, { __VA_ARGS__ } },
#include "decode/syscalls.def"
#undef SYSCALL
};

_Static_assert(CALL_COUNT < NO_ROW, "a row fits into a byte");

/* The row of each number plus one; 0: none. Written at start only. */
static uint8_t row_of[ABI_COUNT][NR_MAX];

void decode_bind(enum abi abi, int nr, enum call call)
{
	if (abi == ABI_X32)
		nr &= ~X32_BIT;
	if (nr >= 0 && nr < NR_MAX)
		row_of[abi][nr] = (uint8_t)(call + 1);
}

int decode_abi(const struct seccomp_data *data)
{
	switch (data->arch) {
	case AUDIT_ARCH_X86_64:
		return data->nr & X32_BIT ? ABI_X32 : ABI_X86_64;
	case AUDIT_ARCH_I386:
		return ABI_I386;
	case AUDIT_ARCH_AARCH64:
		return ABI_AARCH64;
	default:
		return -ENOSYS;
	}
}

static uint64_t address(enum abi abi, uint64_t value)
{
	return abi == ABI_I386 ? (uint32_t)value : value;
}

/* An id of the 16-bit calls: 0xFFFF means keep, as 0xFFFFFFFF does in the others. */
static uint32_t narrow_id(enum abi abi, uint64_t value)
{
	if (abi != ABI_I386)
		return (uint32_t)value;
	return (uint16_t)value == UINT16_MAX ? UINT32_MAX : (uint16_t)value;
}

/* The arguments that are values. Addresses of strings are left for later. */
static void decode_values(const struct seccomp_data *data, struct request *req, uint64_t t_addr[static CLONE_ARGS + 1])
{
	for (int i = 0; i < 6 && req->row->args[i] != END; i++) {
		uint64_t value = data->args[i];

		switch ((enum arg)req->row->args[i]) {
		case FD:
			req->empty_path = true;
			req->t_dirfd = (int)value == AT_FDCWD ? -1 : (int)value; /* here it is no descriptor */
			break;
		case FD_OR_CWD:
			req->empty_path = true;
			req->t_dirfd = (int)value;
			break;
		case DIRFD:
			req->t_dirfd = (int)value;
			break;
		case UID:
			req->cuid = (uint32_t)value;
			break;
		case GID:
			req->cgid = (uint32_t)value;
			break;
		case UID16:
			req->cuid = narrow_id(req->abi, value);
			break;
		case GID16:
			req->cgid = narrow_id(req->abi, value);
			break;
		case FLAGS:
			req->at_flags = (uint32_t)value;
			break;
		case MASK:
			req->mask = (uint32_t)value;
			break;
		case BUF:
			req->t_buf = address(req->abi, value);
			break;
		case SIZE:
			req->size = address(req->abi, value);
			break;
		case CLONE_BITS:
			req->clone_flags = (uint32_t)value;
			break;
		case PATH:
		case OUR_NAME:
		case CLONE_ARGS:
			t_addr[req->row->args[i]] = address(req->abi, value);
			break;
		case END:
		case SKIP:
			break;
		}
	}
}

static bool has_arg(const struct request *req, enum arg arg)
{
	return memchr(req->row->args, arg, sizeof(req->row->args)) != NULL;
}

static int decode_name(const struct task *t, struct request *req, uint64_t t_name)
{
	int r = tmem_read_string(t, t_name, req->name, sizeof(req->name));

	req->name[sizeof(req->name) - 1] = '\0';
	if (r == -ENAMETOOLONG || (r >= 0 && strcmp(req->name, OWNER_XATTR) != 0))
		return WHY_other_name;
	return r < 0 ? r : 0;
}

static int decode_memory(const struct task *t, struct request *req, const uint64_t t_addr[static CLONE_ARGS + 1])
{
	int r;

	if (has_arg(req, OUR_NAME)) {
		r = decode_name(t, req, t_addr[OUR_NAME]);
		if (r != 0)
			return r;
	}
	if (has_arg(req, CLONE_ARGS))
		return tmem_read(t, t_addr[CLONE_ARGS], &req->clone_flags, sizeof(req->clone_flags));
	if (!has_arg(req, PATH))
		return 0;
	/* fstatat(2) and statx(2) take NULL for "" since Linux 6.11 */
	if (t_addr[PATH] == 0 && req->empty_path && req->row->traits & KERNEL)
		return 0;
	r = tmem_read_string(t, t_addr[PATH], req->path, sizeof(req->path));
	return r < 0 ? r : 0;
}

static bool has_bad_flags(const struct request *req)
{
	return req->at_flags & ~req->row->at_flags;
}

/* Since Linux 6.11 the stat calls look at no other flag when AT_EMPTY_PATH and an empty path name a descriptor. */
static bool ignores_flags(const struct request *req)
{
	return req->row->traits & (STAT | STAT64 | STATX) && req->empty_path && req->t_dirfd >= 0;
}

int decode(const struct seccomp_data *data, const struct task *t, struct request *req)
{
	uint64_t t_addr[CLONE_ARGS + 1] = { 0 };
	int abi = decode_abi(data);
	int nr, r;

	if (abi < 0)
		return abi;
	nr = abi == ABI_X32 ? data->nr & ~X32_BIT : data->nr;
	if (nr < 0 || nr >= NR_MAX || row_of[abi][nr] == 0)
		return -ENOSYS;
	req->call = (enum call)(row_of[abi][nr] - 1);
	req->abi = (enum abi)abi;
	req->row = &syscall_rows[req->call];
	req->t_dirfd = AT_FDCWD;
	req->empty_path = false;
	req->at_flags = req->mask = 0;
	req->cuid = req->cgid = UINT32_MAX;
	req->clone_flags = req->t_buf = req->size = 0;
	req->name[0] = req->path[0] = '\0';
	decode_values(data, req, t_addr);
	req->follow = !(req->row->traits & NOFOLLOW) && !(req->at_flags & AT_SYMLINK_NOFOLLOW);
	if (req->at_flags & AT_EMPTY_PATH)
		req->empty_path = true;
	r = has_bad_flags(req) && !ignores_flags(req) ? -EINVAL : decode_memory(t, req, t_addr);
	if (r == 0 && has_bad_flags(req) && req->path[0])
		r = -EINVAL;
	if (r == -EPERM)
		return WHY_not_entered; /* a runtime that cannot be read before its execve(2) */
	if (r < 0 && req->row->traits & KERNEL)
		return WHY_kernel_refuses;
	return r;
}
