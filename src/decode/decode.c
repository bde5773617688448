/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/net.h>
#include <stddef.h>
#include <string.h>

#include "base/reason.h"
#include "decode/creation.h"
#include "decode/mount.h"
#include "decode/tmem.h"
#include "decode/xattr.h"

#ifndef NR_MAX
#define NR_MAX 1024
#endif
#define X32_BIT 0x40000000
#define NO_ROW 0xff

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
	static const uint32_t archs[ABI_COUNT] = {
#define ABI(name, arch, ...) [ABI_##name] = arch,
#include "decode/abis.def"
#undef ABI
	};

	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (archs[abi] == data->arch)
			return abi == ABI_X86_64 && data->nr & X32_BIT ? ABI_X32 : abi;
	return -ENOSYS;
}

static uint64_t address(enum abi abi, uint64_t value)
{
	return abi_is_narrow(abi) ? (uint32_t)value : value;
}

/* An id of 16 bits: 0xFFFF means keep, as 0xFFFFFFFF does in the others. */
static uint32_t id_of(const struct request *req, uint64_t value)
{
	if (!request_has_narrow_ids(req))
		return (uint32_t)value;
	return (uint16_t)value == UINT16_MAX ? UINT32_MAX : (uint16_t)value;
}

static void decode_argument(struct request *req, enum arg arg, unsigned int nth, uint64_t value, uint64_t t_addr[static ARG_COUNT])
{
	switch (arg) {
#define NOTHING
#define POINTER t_addr[arg] = address(req->abi, value)
#define INT(field) req->field = (__typeof__(req->field))(uint32_t)value
#define WORD(field) req->field = address(req->abi, value)
#define ID(field) req->field = id_of(req, value)
#define ARG(name, how) case name: how; break;
#include "decode/args.def"
	default:
		break;
	}
	if (arg == FD && req->t_dirfd == AT_FDCWD)
		req->t_dirfd = -1;
	if (arg == FD || arg == FD_OR_CWD)
		req->empty_path = true;
}

static void decode_arguments(const struct seccomp_data *data, struct request *req, uint64_t t_addr[static ARG_COUNT])
{
	const uint8_t *args = req->row->args;

	for (int i = 0; i < 6 && args[i] != END; i++) {
		unsigned int nth = 0;

		for (int j = 0; j < i; j++)
			nth += args[j] == args[i];
		decode_argument(req, (enum arg)args[i], nth, data->args[i], t_addr);
	}
}

/* The kernel reads one group after another: EINVAL for one that is -1, unless it comes to the end of the memory before, EFAULT. */
static int fault_of_groups(const void *ids, size_t n, size_t size)
{
	static const uint32_t none = UINT32_MAX;

	for (size_t i = 0; i < n; i++)
		if (memcmp((const char *)ids + i * size, &none, size) == 0)
			return -EINVAL;
	return -EFAULT;
}

static int decode_groups(const struct task *t, struct request *req, uint64_t t_groups)
{
	bool narrow = request_has_narrow_ids(req);
	uint16_t short_ids[LIMIT_GROUPS];
	size_t n = (size_t)req->count, size = narrow ? sizeof(short_ids[0]) : sizeof(req->groups[0]);
	void *ids = narrow ? (void *)short_ids : req->groups;
	int r;

	if (req->count <= 0 || req->count > LIMIT_GROUPS)
		return 0;
	/* a group that is not read shall not be -1 */
	memset(ids, 0, n * size);
	r = tmem_read(t, t_groups, ids, n * size);
	for (size_t i = 0; r == 0 && narrow && i < n; i++)
		req->groups[i] = id_of(req, short_ids[i]);
	return r == -EFAULT ? fault_of_groups(ids, n, size) : r;
}

/* The arguments of getsockopt(2) or bind(2) within those of socketcall(2). */
static int decode_socket_call(const struct task *t, struct request *req, uint64_t t_args)
{
	static const enum arg of_getsockopt[] = { FD, VALUE, OPTION, BUF, LENGTH }, of_bind[] = { SOCKET, ADDRESS, SIZE };
	bool is_bind = req->socket_call == SYS_BIND;
	const enum arg *meaning = is_bind ? of_bind : of_getsockopt;
	size_t n = is_bind ? ARRAY_SIZE(of_bind) : ARRAY_SIZE(of_getsockopt);
	uint64_t t_addr[ARG_COUNT];
	uint32_t args[5];
	int r;

	if (!is_bind && req->socket_call != SYS_GETSOCKOPT)
		return REASON_other_option;
	r = tmem_read(t, t_args, args, n * sizeof(args[0]));
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		decode_argument(req, meaning[i], 0, args[i], t_addr);
	r = is_bind ? creation_address(t, req, t_addr[ADDRESS]) : 0;
	return r < 0 && r != -EPERM ? REASON_kernel_refuses : r;
}

/* Version 1 has 32 capabilities; a version that does not exist has no data. */
static int decode_cap_data(const struct task *t, struct request *req, uint64_t t_data)
{
	struct __user_cap_data_struct data[2] = { 0 };
	size_t n = request_cap_words(req);
	int r = n > 0 ? tmem_read(t, t_data, data, n * sizeof(data[0])) : 0;

	if (r < 0)
		return r;
	req->caps[0] = data[0].effective | (uint64_t)data[1].effective << 32;
	req->caps[1] = data[0].permitted | (uint64_t)data[1].permitted << 32;
	req->caps[2] = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

static int decode_limit(const struct task *t, struct request *req, uint64_t t_limit)
{
	uint32_t short_limit[2];
	int r;

	req->has_limit = t_limit != 0 || !(req->row->traits & LIMIT64);
	if (!req->has_limit)
		return 0;
	if (!abi_is_narrow(req->abi) || req->row->traits & LIMIT64)
		return tmem_read(t, t_limit, req->limit, sizeof(req->limit));
	r = tmem_read(t, t_limit, short_limit, sizeof(short_limit));
	for (int i = 0; r == 0 && i < 2; i++)
		req->limit[i] = short_limit[i] == UINT32_MAX ? UINT64_MAX : short_limit[i];
	return r;
}

/* What the kernel reads only after checks that are the handler's: errors are noted for it. */
static int decode_late(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	int r = 0;

	if (row_has_arg(req->row, GROUPS))
		r = decode_groups(t, req, t_addr[GROUPS]);
	else if (row_has_arg(req->row, CAP_HEADER))
		r = tmem_read(t, t_addr[CAP_HEADER], &req->cap, sizeof(req->cap));
	else if (row_has_arg(req->row, LENGTH) || req->socket_call == SYS_GETSOCKOPT)
		r = tmem_read(t, req->t_length, &req->length, sizeof(req->length));
	else if (row_has_arg(req->row, LIMIT))
		r = decode_limit(t, req, t_addr[LIMIT]);
	if (r == 0 && row_has_arg(req->row, CAP_DATA))
		r = decode_cap_data(t, req, t_addr[CAP_DATA]);
	req->memory_error = r == -EPERM ? 0 : r;
	return r == -EPERM ? r : 0;
}

/* Since Linux 6.11 fstatat(2) and statx(2) take NULL for "", and the xattr calls from their first day. */
static bool takes_no_path(const struct request *req)
{
	return req->row->handler == HANDLE_stat || row_has_arg(req->row, XATTR_NAME) || req->row->handler == HANDLE_xattr_list;
}

static int decode_memory(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	int r;

	if (row_has_arg(req->row, XATTR_NAME))
		r = xattr_decode(t, req, t_addr);
	else if (row_has_arg(req->row, SOCKET_ARGS))
		r = decode_socket_call(t, req, t_addr[SOCKET_ARGS]);
	else if (row_has_arg(req->row, FS_TYPE) || row_has_arg(req->row, FS_KEY) || row_has_arg(req->row, FROM_PATH))
		r = mount_decode(t, req, t_addr);
	else
		r = creation_decode(t, req, t_addr);
	if (r != 0)
		return r;
	if (row_has_arg(req->row, CLONE_ARGS))
		return tmem_read(t, t_addr[CLONE_ARGS], &req->clone_flags, sizeof(req->clone_flags));
	if (!row_has_arg(req->row, PATH))
		return decode_late(t, req, t_addr);
	if (t_addr[PATH] == 0 && req->empty_path && takes_no_path(req))
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

/* What the last call left; not its groups and the rest of its strings, of which only what is set again is looked at. */
static void clear(struct request *req)
{
	memset((char *)req + offsetof(struct request, t_dirfd), 0, offsetof(struct request, groups) - offsetof(struct request, t_dirfd));
	req->t_dirfd = AT_FDCWD;
	req->cuid = req->cgid = UINT32_MAX;
	req->name[0] = req->path[0] = req->target[0] = '\0';
}

int decode(const struct seccomp_data *data, const struct task *t, struct request *req)
{
	uint64_t t_addr[ARG_COUNT] = { 0 };
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
	clear(req);
	decode_arguments(data, req, t_addr);
	req->follow = !(req->row->traits & NOFOLLOW) && !(req->at_flags & AT_SYMLINK_NOFOLLOW);
	if (req->at_flags & AT_EMPTY_PATH)
		req->empty_path = true;
	r = has_bad_flags(req) && !ignores_flags(req) ? -EINVAL : decode_memory(t, req, t_addr);
	if (r == 0 && has_bad_flags(req) && req->path[0])
		r = -EINVAL;
	if (r == -EPERM)
		return REASON_not_entered; /* a runtime that cannot be read before its execve(2) */
	if (r < 0 && req->row->traits & MAY_CONTINUE)
		return REASON_kernel_refuses;
	return r;
}
