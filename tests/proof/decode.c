/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder, for every row of the table bound to any number of any ABI, and then any notification: all numbers, architectures and
 * values of the six arguments, and whatever reading the caller's memory gives.
 */
#include "proof.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <string.h>

#include "base/why.h"
#include "decode/decode.h"
#include "decode/tmem.h"

#define NUMBERS 1024
#define X32 0x40000000

static struct seccomp_data data;
static struct request req;
static enum abi abi;
static const struct syscall_row *row;
static int refused; /* what a read failed with */
static bool other_name;

static uint64_t cut(uint64_t value)
{
	return abi == ABI_I386 ? value & UINT32_MAX : value;
}

/* The place of an argument of this kind, or -1. */
static int place(enum arg arg)
{
	for (int i = 0; i < 6 && row->args[i] != END; i++)
		if (row->args[i] == arg)
			return i;
	return -1;
}

static int any_error(void)
{
	int r = nondet_int();

	ASSUME(r == -EFAULT || r == -EPERM || r == -ESRCH || r == -ENAMETOOLONG);
	refused = r;
	return r;
}

int tmem_read(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	(void)t;
	PROVE(place(CLONE_ARGS) >= 0 && t_addr == cut(data.args[place(CLONE_ARGS)]), "clone_args are where the call says");
	PROVE(buf == &req.clone_flags && n == sizeof(req.clone_flags), "their flags are read, no more");
	if (nondet_bool())
		return any_error();
	req.clone_flags = nondet_u64();
	return 0;
}

int tmem_read_string(const struct task *t, uint64_t t_addr, char *buf, size_t size)
{
	enum arg arg = buf == req.name ? OUR_NAME : PATH;
	size_t length = nondet_size();

	(void)t;
	PROVE(refused == 0 && !other_name, "nothing is read for a call that is refused");
	PROVE(arg == OUR_NAME ? size == sizeof(req.name) : buf == req.path && size == sizeof(req.path), "into a buffer of that size");
	PROVE(place(arg) >= 0 && t_addr == cut(data.args[place(arg)]), "a string is where the call says");
	ASSUME(length < size);
	if (arg == PATH) {
		buf[0] = nondet_char();
		ASSUME((buf[0] == '\0') == (length == 0));
	} else {
		for (size_t i = 0; i < sizeof(req.name); i++)
			buf[i] = nondet_char();
		for (size_t i = 0; i < sizeof(req.name); i++)
			ASSUME((i == length) <= (buf[i] == '\0') && (i >= length || buf[i] != '\0'));
	}
	if (nondet_bool()) {
		int r = any_error();

		other_name = arg == OUR_NAME && r == -ENAMETOOLONG;
		return r;
	}
	if (arg == OUR_NAME)
		other_name = length != sizeof(OWNER_XATTR) - 1 || memcmp(buf, OWNER_XATTR, sizeof(OWNER_XATTR)) != 0;
	return (int)length;
}

static uint32_t id_at(enum arg wide, enum arg narrow)
{
	uint64_t value = place(wide) >= 0 ? data.args[place(wide)] : place(narrow) >= 0 ? data.args[place(narrow)] : UINT32_MAX;

	if (place(narrow) >= 0 && abi == ABI_I386)
		return (value & 0xffff) == 0xffff ? UINT32_MAX : value & 0xffff;
	return (uint32_t)value;
}

/* What handlers rely on. */
static void prove_request(void)
{
	bool any_stat = row->traits & (STAT | STAT64 | STATX);

	PROVE(req.row == row && req.abi == abi && &syscall_rows[req.call] == row, "the row is the call's");
	PROVE(!(req.at_flags & ~row->at_flags) || (any_stat && req.empty_path && req.t_dirfd >= 0 && req.path[0] == '\0'),
	      "flags that the kernel does not take only where it does not look at them");
	PROVE(req.at_flags == (place(FLAGS) >= 0 ? (uint32_t)data.args[place(FLAGS)] : 0), "flags are 32 bits");
	PROVE(req.cuid == id_at(UID, UID16) && req.cgid == id_at(GID, GID16), "ids are as wide as the ABI has them");
	PROVE(req.t_buf == (place(BUF) >= 0 ? cut(data.args[place(BUF)]) : 0), "so are addresses");
	PROVE(req.size == (place(SIZE) >= 0 ? cut(data.args[place(SIZE)]) : 0), "and sizes");
	PROVE(req.follow == !(row->traits & NOFOLLOW || req.at_flags & AT_SYMLINK_NOFOLLOW), "symlinks are followed as asked for");
	PROVE(place(FD) < 0 || (req.empty_path && req.t_dirfd != AT_FDCWD), "a descriptor is no directory that paths start at");
	PROVE(place(DIRFD) < 0 || req.t_dirfd == (int)data.args[place(DIRFD)], "descriptors are ints");
	PROVE(place(OUR_NAME) < 0 || (!other_name && strcmp(req.name, OWNER_XATTR) == 0), "the name is ours");
	PROVE(refused == 0, "and all of memory that was asked for was read");
}

int main(void)
{
	uint32_t any_call = nondet_u32(), any_abi = nondet_u32();
	int bound = nondet_int(), wanted, r;
	enum call call;

	ASSUME(any_call < CALL_COUNT && any_abi < ABI_COUNT);
	call = (enum call)any_call;
	abi = (enum abi)any_abi;
	row = &syscall_rows[call];
	decode_bind(abi, bound, call);
	data.nr = nondet_int();
	data.arch = nondet_u32();
	for (int i = 0; i < 6; i++)
		data.args[i] = nondet_u64();
	r = decode(&data, NULL, &req);

	wanted = abi == ABI_X32 ? bound & ~X32 : bound;
	if (data.arch != (abi == ABI_I386 ? AUDIT_ARCH_I386 : abi == ABI_AARCH64 ? AUDIT_ARCH_AARCH64 : AUDIT_ARCH_X86_64) ||
	    (data.arch == AUDIT_ARCH_X86_64 && !(data.nr & X32) != (abi == ABI_X86_64)) ||
	    (abi == ABI_X32 ? data.nr & ~X32 : data.nr) != wanted || wanted < 0 || wanted >= NUMBERS) {
		PROVE(r == -ENOSYS, "another number, another ABI: no such call");
		return 0;
	}
	PROVE(r != -ENOSYS, "and this one is known");
	PROVE(r >= 0 || !(row->traits & KERNEL), "what the kernel can refuse itself it does");
	PROVE(r >= 0 || r == -EINVAL || r == refused, "errors are those of flags and of memory");
	PROVE((r == WHY_other_name) == other_name, "another name is the kernel's");
	PROVE(r <= 0 || r == WHY_other_name || r == WHY_not_entered || r == WHY_kernel_refuses, "and so is what it may refuse");
	PROVE(r != WHY_not_entered || refused == -EPERM, "a caller that cannot be read has not been entered");
	if (r == 0)
		prove_request();
	return 0;
}
