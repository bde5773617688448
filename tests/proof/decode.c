/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder, for one row of the table on one ABI (THE_CALL, THE_ABI) and then any values of the six arguments and any memory; or,
 * with ANY_NUMBER, for any number and any architecture, of a call on any ABI that may have any number there.
 */
#include "caller.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/net.h>
#include <sys/socket.h>
#include <sys/xattr.h>

#include "base/names.h"
#include "base/reason.h"
#include "decode/decode.h"

#ifdef ANY_NUMBER
#define THE_CALL chroot
#endif
#define NUMBER 7
#define X32 0x40000000

#define CALL_OF(name) CALL_OF_(name)
#define CALL_OF_(name) CALL_##name

#define OPEN_KNOWN (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC | O_TMPFILE)

struct request nondet_request(void);

static uint32_t id_of(uint64_t value)
{
	if (caller.row->traits & NARROW_IDS && caller.abi == ABI_I386)
		return (value & 0xffff) == 0xffff ? UINT32_MAX : value & 0xffff;
	return (uint32_t)value;
}

static uint32_t id_at(enum arg arg)
{
	return place(arg) < 0 ? UINT32_MAX : id_of(argument(arg));
}

/* A size is that of a structure which has the true one. */
static uint64_t size_wanted(void)
{
	return place(XATTR_ARGS) >= 0 ? (uint32_t)caller.grown[1] : is_socket_bind() ? caller.socket_args[2] : cut(argument(SIZE));
}

/* What handlers rely on. */
static void prove_request(void)
{
	const struct syscall_row *row = caller.row;
	bool any_stat = row->traits & (STAT | STAT64 | STATX);

	PROVE(req.row == row && req.abi == caller.abi && &syscall_rows[req.call] == row, "the row is the call's");
	PROVE(!(req.at_flags & ~row->at_flags) || (any_stat && req.empty_path && req.t_dirfd >= 0 && req.path[0] == '\0'),
	      "flags that the kernel does not take only where it does not look at them");
	PROVE(req.at_flags == (uint32_t)argument(FLAGS), "flags are 32 bits");
	PROVE(req.cuid == id_at(UID) && req.cgid == id_at(GID), "ids are as wide as the ABI has them");
	PROVE(req.size == size_wanted(), "and sizes");
	PROVE(req.mask == (uint32_t)argument(MASK), "a mask is 32 bits");
	PROVE(req.follow == !(row->traits & NOFOLLOW || req.at_flags & AT_SYMLINK_NOFOLLOW), "symlinks are followed as asked for");
	PROVE(place(FD) < 0 || (req.empty_path && req.t_dirfd != AT_FDCWD), "a descriptor is no directory that paths start at");
	PROVE(place(FD_OR_CWD) < 0 || (req.empty_path && req.t_dirfd == (int)argument(FD_OR_CWD)), "but where the kernel takes it for one");
	PROVE(place(DIRFD) < 0 || req.t_dirfd == (int)argument(DIRFD), "descriptors are ints");
	PROVE(place(XATTR_NAME) < 0 || (!caller.other_name && names_kind(req.name) != NAMES_OTHER), "the name is one of those");
	PROVE(place(CLONE_BITS) < 0 || req.clone_flags == (uint32_t)argument(CLONE_BITS), "clone(2)'s flags are 32 bits");
	PROVE(caller.refused == 0, "and all of memory that was asked for was read");
}

static uint32_t word(size_t at)
{
	const unsigned char *given = caller.given;

	return given[at] | (uint32_t)given[at + 1] << 8 | (uint32_t)given[at + 2] << 16 | (uint32_t)given[at + 3] << 24;
}

/* What the caller's memory held. */
static void prove_late(void)
{
	if (has_groups() && caller.late_reads > 0) {
		int32_t i = nondet_int(); /* any of them */

		ASSUME(i >= 0 && i < req.count);
		if (has_narrow_groups())
			PROVE(req.groups[i] == id_of(caller.given[2 * i] | caller.given[2 * i + 1] << 8), "groups are as wide as the ABI has them");
		else
			PROVE(req.groups[i] == word(4 * (size_t)i), "groups are what was read");
	}
	if (place(CAP_DATA) >= 0 && caller.late_reads == 2) {
		uint64_t upper = req.cap.version == _LINUX_CAPABILITY_VERSION_1 ? 0 : UINT64_MAX;

		for (size_t i = 0; i < 3; i++)
			PROVE(req.caps[i] == (word(4 * i) | (((uint64_t)word(12 + 4 * i) << 32) & upper)), "sets are what was read");
	} else if (place(CAP_HEADER) >= 0) {
		PROVE(req.cap.version == word(0) && req.cap.number == (int32_t)word(4), "and so is the header");
	}
	PROVE((place(LENGTH) < 0 && place(SOCKET_ARGS) < 0) || req.length == word(0), "and the length");
	for (size_t i = 0; i < 2 && place(LIMIT) >= 0 && req.has_limit; i++) {
		if (has_narrow_limit())
			PROVE(req.limit[i] == (word(4 * i) == UINT32_MAX ? UINT64_MAX : word(4 * i)), "limits are as wide as the ABI has them");
		else
			PROVE(req.limit[i] == (word(8 * i) | (uint64_t)word(8 * i + 4) << 32), "limits are what was read");
	}
}

/* The path of a socket. */
static void prove_address(void)
{
	size_t length = caller.address_size - sizeof(sa_family_t);

	PROVE(req.t_socket == (int)(is_socket_bind() ? caller.socket_args[0] : argument(SOCKET)), "a socket is an int");
	PROVE(caller.address_size > sizeof(sa_family_t) && length < sizeof(req.path) && req.path[length] == '\0', "its path ends where its address does");
	PROVE(req.path[0] != '\0' && req.path[caller.at] == caller.byte, "and is what was read");
}

/* getsockopt(2) as a part of socketcall(2). */
static void prove_socket_call(void)
{
	PROVE(caller.socket_read, "the arguments have been read");
	if (is_socket_bind())
		return prove_address();
	PROVE((uint32_t)argument(SOCKET_CALL) == SYS_GETSOCKOPT, "of all socket calls it is one of these two");
	PROVE(req.t_dirfd == ((int)caller.socket_args[0] == AT_FDCWD ? -1 : (int)caller.socket_args[0]) && req.empty_path, "a socket is a descriptor");
	PROVE(req.values[0] == caller.socket_args[1] && req.option == caller.socket_args[2], "a level and an option");
	PROVE(req.t_buf[0] == caller.socket_args[3] && req.t_length == caller.socket_args[4], "have their buffer");
	PROVE(req.memory_error == caller.late_error, "and what could not be read is noted");
	if (caller.late_error == 0)
		prove_late();
}

/* Flags, option and buffer of an xattr call are in its arguments or in a structure. */
static void prove_xattr(void)
{
	bool in_memory = place(XATTR_ARGS) >= 0, sets = place(SIZE) >= 0 && caller.row->handler == HANDLE_xattr_change;

	PROVE(req.option == (in_memory ? (uint32_t)(caller.grown[1] >> 32) : (uint32_t)argument(OPTION)), "options are as the call has them");
	PROVE(!(req.option & ~(sets ? XATTR_CREATE | XATTR_REPLACE : 0)), "and ones that there are");
	PROVE(!sets || req.size <= sizeof(req.value), "a value has room");
	PROVE(req.t_buf[0] == (!in_memory ? cut(argument(BUF)) : sets ? 0 : caller.grown[0]), "a result goes where the call says");
}

static bool opens(void)
{
	return place(OPEN_FLAGS) >= 0 || place(OPEN_HOW) >= 0 || caller.row->traits & CREAT;
}

static void prove_creation(void)
{
	uint64_t flags = req.open_flags;

	PROVE(place(TARGET) < 0 || req.target[0] != '\0', "a symlink says something");
	PROVE(!(caller.row->traits & CREAT) || flags == (O_CREAT | O_WRONLY | O_TRUNC), "creat(2) has its flags");
	if (place(OPEN_HOW) >= 0)
		PROVE(flags == caller.grown[0] && req.open_resolve == caller.grown[2] && req.mode == caller.grown[1] && req.mode <= 07777,
		      "how to open is what was read");
	else
		PROVE(req.mode == (uint32_t)argument(MODE) && req.open_resolve == 0, "a mode is 32 bits");
	if (place(OPEN_FLAGS) >= 0)
		PROVE(flags <= UINT32_MAX && !((flags ^ argument(OPEN_FLAGS)) & OPEN_KNOWN), "flags are 32 bits");
	PROVE(!opens() || (!(flags & O_PATH) && flags & (O_CREAT | OPEN_TMPFILE)), "only what may make a file");
	PROVE(!opens() || !(flags & O_CREAT && flags & O_DIRECTORY), "which is no directory");
	if (place(ADDRESS) >= 0)
		prove_address();
}

static void prove_credentials(void)
{
	for (int i = 0; i < 3; i++) {
		int id = place_of(SET_ID, i), buf = place_of(BUF, i);

		PROVE(req.ids[i] == (id >= 0 ? id_of(caller.data.args[id]) : 0),
		      "ids to be set are as wide as the ABI has them");
		PROVE(req.t_buf[i] == (buf >= 0 ? cut(caller.data.args[buf]) : 0), "so are addresses");
	}
	PROVE(req.count == (int32_t)argument(COUNT), "a number of groups is an int");
	PROVE(req.option == (uint32_t)argument(OPTION), "so is an option");
	PROVE(req.mode == (uint32_t)argument(MODE), "and a mode");
	PROVE(req.t_length == cut(argument(LENGTH)), "and a length");
	PROVE(req.has_limit == (place(LIMIT) >= 0 && (cut(argument(LIMIT)) != 0 || !(caller.row->traits & LIMIT64))), "NULL is no limit");
	/* before a fault there may be a group that is none */
	PROVE(req.memory_error == caller.late_error || (has_groups() && caller.late_error == -EFAULT && req.memory_error == -EINVAL),
	      "what could not be read is noted");
	if (caller.late_error == 0)
		prove_late();
}

static void prove_all(void)
{
	prove_request();
	if (place(SOCKET_ARGS) >= 0)
		return prove_socket_call();
	for (int i = 0; i < 4; i++)
		PROVE(req.values[i] == (place_of(VALUE, i) >= 0 ? cut(caller.data.args[place_of(VALUE, i)]) : 0), "values are as wide as the ABI has them");
	if (caller.row->handler == HANDLE_create)
		prove_creation();
	else if (place(XATTR_NAME) >= 0)
		prove_xattr();
	else
		prove_credentials();
}

/* Why there is no request. */
static void prove_refusal(int r)
{
	bool creates = caller.row->handler == HANDLE_create || place(SOCKET_ARGS) >= 0;

	PROVE(r > 0 || !(caller.row->traits & MAY_CONTINUE), "what the kernel can refuse itself it does");
	PROVE(r > 0 || r == -EINVAL || r == caller.refused, "errors are those of flags and of memory");
	PROVE(r < 0 || r == REASON_other_name || r == REASON_other_option || r == REASON_not_entered || r == REASON_kernel_refuses || r == REASON_creates_nothing,
	      "and the kernel answers for one of these reasons");
	PROVE(r != REASON_other_option || (place(SOCKET_ARGS) >= 0 && !caller.socket_read), "another socket call is the kernel's");
	PROVE(r != REASON_creates_nothing || creates, "and what makes no file");
	PROVE(r != REASON_not_entered || caller.refused == -EPERM, "a caller that cannot be read has not been entered");
}

static uint32_t arch_of(enum abi abi)
{
	return abi == ABI_I386 ? AUDIT_ARCH_I386 : abi == ABI_AARCH64 ? AUDIT_ARCH_AARCH64 : AUDIT_ARCH_X86_64;
}

static bool is_bound(int bound)
{
	const struct seccomp_data *data = &caller.data;
	int wanted = caller.abi == ABI_X32 ? bound & ~X32 : bound;

	if (data->arch != arch_of(caller.abi) || (data->arch == AUDIT_ARCH_X86_64 && !(data->nr & X32) != (caller.abi == ABI_X86_64)))
		return false;
	return (caller.abi == ABI_X32 ? data->nr & ~X32 : data->nr) == wanted && wanted >= 0 && wanted < NR_MAX;
}

int main(void)
{
	int bound, r;

#ifdef ANY_NUMBER
	uint32_t any_abi = nondet_u32();

	ASSUME(any_abi < ABI_COUNT);
	caller.abi = (enum abi)any_abi;
	bound = nondet_int();
	caller.data.nr = nondet_int();
	caller.data.arch = nondet_u32();
#else
	caller.abi = THE_ABI;
	bound = caller.data.nr = THE_ABI == ABI_X32 ? NUMBER | X32 : NUMBER;
	caller.data.arch = arch_of(THE_ABI);
#endif
	caller.row = &syscall_rows[CALL_OF(THE_CALL)];
	decode_bind(caller.abi, bound, CALL_OF(THE_CALL));
	for (int i = 0; i < 6; i++)
		caller.data.args[i] = nondet_u64();
	req = nondet_request(); /* that of the call before */
	r = decode(&caller.data, NULL, &req);

	PROVE((r == -ENOSYS) == !is_bound(bound), "another number, another ABI: no such call");
	PROVE((r == REASON_other_name) == caller.other_name, "another name is the kernel's");
	if (r == 0)
		prove_all();
	else if (r != -ENOSYS)
		prove_refusal(r);
	return 0;
}
