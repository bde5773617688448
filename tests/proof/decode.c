/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder, for every row of the table bound to any number of any ABI, and then any notification: all numbers, architectures and
 * values of the six arguments, and whatever reading the caller's memory gives.
 */
#include "proof.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/net.h>
#include <string.h>

#include "base/names.h"
#include "base/why.h"
#include "decode/decode.h"
#include "decode/tmem.h"

#define NUMBERS 1024
#define X32 0x40000000

static struct seccomp_data data;
static struct request req;
static enum abi abi;
static const struct syscall_row *row;
static int refused;     /* what a read failed with, so that there is no request */
static int late_error;  /* the same of what the kernel reads late, which is noted only */
static int late_reads;
static unsigned char given[24]; /* by the last one */
static bool socket_read;
static uint32_t socket_args[5];
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

/* The place of the argument of this kind that stands behind n others of it, or -1. */
static int place_of(enum arg arg, int n)
{
	for (int i = 0; i < 6 && row->args[i] != END; i++)
		if (row->args[i] == arg && n-- == 0)
			return i;
	return -1;
}

static int any_error(void)
{
	int r = nondet_int();

	ASSUME(r == -EFAULT || r == -EPERM || r == -ESRCH || r == -ENAMETOOLONG);
	return r;
}

static bool has_groups(void)
{
	return place(GROUPS) >= 0 || place(GROUPS16) >= 0;
}

static bool has_narrow_groups(void)
{
	return place(GROUPS16) >= 0 && abi == ABI_I386;
}

static size_t group_size(void)
{
	return has_narrow_groups() ? sizeof(uint16_t) : sizeof(uint32_t);
}

static bool has_narrow_limit(void)
{
	return abi == ABI_I386 && !(row->traits & LIMIT64);
}

/* Of which argument this read is, and how much of it there is to read. */
static enum arg read_of(size_t *wanted)
{
	if (has_groups()) {
		PROVE(req.count > 0 && req.count <= LIMIT_GROUPS, "no more groups are read than there is room for");
		*wanted = (size_t)req.count * group_size();
		return place(GROUPS) >= 0 ? GROUPS : GROUPS16;
	}
	if (place(CAP_HEADER) >= 0 && late_reads == 0) {
		*wanted = 8;
		return CAP_HEADER;
	}
	if (place(CAP_DATA) >= 0) {
		uint32_t version = req.cap_version;

		PROVE(late_reads == 1, "a header comes before its data");
		PROVE(version == _LINUX_CAPABILITY_VERSION_1 || version == _LINUX_CAPABILITY_VERSION_2 || version == _LINUX_CAPABILITY_VERSION_3,
		      "no version, no data");
		*wanted = version == _LINUX_CAPABILITY_VERSION_1 ? 12 : 24;
		return CAP_DATA;
	}
	if (place(LENGTH) >= 0 || place(SOCKET_ARGS) >= 0) {
		*wanted = sizeof(req.length);
		return LENGTH;
	}
	*wanted = has_narrow_limit() ? 8 : 16;
	return LIMIT;
}

static int late_read(uint64_t t_addr, unsigned char *buf, size_t n)
{
	size_t wanted;
	enum arg arg = read_of(&wanted);

	PROVE(late_error == 0 && refused == 0, "nothing is read behind an error");
	if (place(SOCKET_ARGS) >= 0)
		PROVE(t_addr == socket_args[4], "a length within others is where these say");
	else
		PROVE(place(arg) >= 0 && t_addr == cut(data.args[place(arg)]), "a structure is where the call says");
	PROVE(n == wanted && n <= sizeof(given), "and as long as the ABI has it");
	late_reads++;
	if (nondet_bool()) {
		late_error = any_error();
		if (late_error == -EPERM)
			refused = -EPERM;
		return late_error;
	}
	for (size_t i = 0; i < n && i < sizeof(given); i++)
		buf[i] = given[i] = (unsigned char)nondet_char();
	return 0;
}

static int socket_args_read(uint64_t t_addr, void *buf, size_t n)
{
	PROVE(t_addr == cut(data.args[place(SOCKET_ARGS)]) && n == sizeof(socket_args), "the arguments of a socket call are where the call says");
	socket_read = true;
	if (nondet_bool())
		return refused = any_error();
	for (int i = 0; i < 5; i++)
		((uint32_t *)buf)[i] = socket_args[i] = nondet_u32();
	return 0;
}

int tmem_read(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	(void)t;
	if (place(SOCKET_ARGS) >= 0 && !socket_read)
		return socket_args_read(t_addr, buf, n);
	if (place(CLONE_ARGS) < 0)
		return late_read(t_addr, buf, n);
	PROVE(t_addr == cut(data.args[place(CLONE_ARGS)]), "clone_args are where the call says");
	PROVE(buf == &req.clone_flags && n == sizeof(req.clone_flags), "their flags are read, no more");
	if (nondet_bool())
		return refused = any_error();
	req.clone_flags = nondet_u64();
	return 0;
}

int tmem_read_string(const struct task *t, uint64_t t_addr, char *buf, size_t size)
{
	enum arg arg = buf == req.name ? XATTR_NAME : PATH;
	size_t length = nondet_size();

	(void)t;
	PROVE(refused == 0 && !other_name, "nothing is read for a call that is refused");
	PROVE(arg == XATTR_NAME ? size == sizeof(req.name) : buf == req.path && size == sizeof(req.path), "into a buffer of that size");
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

		refused = r;
		other_name = arg == XATTR_NAME && r == -ENAMETOOLONG;
		return r;
	}
	if (arg == XATTR_NAME)
		other_name = names_kind(buf) == NAMES_OTHER;
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
	PROVE(req.size == (place(SIZE) >= 0 ? cut(data.args[place(SIZE)]) : 0), "and sizes");
	PROVE(req.follow == !(row->traits & NOFOLLOW || req.at_flags & AT_SYMLINK_NOFOLLOW), "symlinks are followed as asked for");
	PROVE(place(FD) < 0 || (req.empty_path && req.t_dirfd != AT_FDCWD), "a descriptor is no directory that paths start at");
	PROVE(place(DIRFD) < 0 || req.t_dirfd == (int)data.args[place(DIRFD)], "descriptors are ints");
	PROVE(place(XATTR_NAME) < 0 || (!other_name && names_kind(req.name) != NAMES_OTHER), "the name is one of those");
	PROVE(refused == 0, "and all of memory that was asked for was read");
}

static uint32_t word(size_t at)
{
	return given[at] | (uint32_t)given[at + 1] << 8 | (uint32_t)given[at + 2] << 16 | (uint32_t)given[at + 3] << 24;
}

/* What the caller's memory held. */
static void prove_late(void)
{
	if (has_groups() && late_reads > 0) {
		int32_t i = nondet_int(); /* any of them */

		ASSUME(i >= 0 && i < req.count);
		if (has_narrow_groups()) {
			uint16_t id = (uint16_t)(given[2 * i] | given[2 * i + 1] << 8);

			PROVE(req.groups[i] == (id == UINT16_MAX ? UINT32_MAX : id), "groups are as wide as the ABI has them");
		} else {
			PROVE(req.groups[i] == word(4 * (size_t)i), "groups are what was read");
		}
	}
	if (place(CAP_DATA) >= 0 && late_reads == 2) {
		uint64_t upper = req.cap_version == _LINUX_CAPABILITY_VERSION_1 ? 0 : UINT64_MAX;

		for (size_t i = 0; i < 3; i++)
			PROVE(req.caps[i] == (word(4 * i) | (((uint64_t)word(12 + 4 * i) << 32) & upper)), "sets are what was read");
	} else if (place(CAP_HEADER) >= 0) {
		PROVE(req.cap_version == word(0) && req.cap_pid == (int32_t)word(4), "and so is the header");
	}
	PROVE((place(LENGTH) < 0 && place(SOCKET_ARGS) < 0) || req.length == word(0), "and the length");
	for (size_t i = 0; i < 2 && place(LIMIT) >= 0 && req.has_limit; i++) {
		if (has_narrow_limit())
			PROVE(req.limit[i] == (word(4 * i) == UINT32_MAX ? UINT64_MAX : word(4 * i)), "limits are as wide as the ABI has them");
		else
			PROVE(req.limit[i] == (word(8 * i) | (uint64_t)word(8 * i + 4) << 32), "limits are what was read");
	}
}

/* getsockopt(2) as a part of socketcall(2). */
static void prove_socket_call(void)
{
	PROVE(socket_read && (uint32_t)data.args[place(SOCKET_CALL)] == SYS_GETSOCKOPT, "of all socket calls it is this one");
	PROVE(req.t_dirfd == ((int)socket_args[0] == AT_FDCWD ? -1 : (int)socket_args[0]) && req.empty_path, "a socket is a descriptor");
	PROVE(req.values[0] == socket_args[1] && req.option == socket_args[2], "a level and an option");
	PROVE(req.t_buf[0] == socket_args[3] && req.t_length == socket_args[4], "have their buffer");
	PROVE(req.memory_error == late_error, "and what could not be read is noted");
	if (late_error == 0)
		prove_late();
}

static void prove_credentials(void)
{
	for (int i = 0; i < 3; i++) {
		int wide = place_of(ID, i), narrow = place_of(ID16, i), buf = place_of(BUF, i);
		uint32_t low = narrow >= 0 ? data.args[narrow] & 0xffff : 0;
		uint32_t id = wide >= 0 ? (uint32_t)data.args[wide] : narrow < 0 ? 0 : abi != ABI_I386 ? (uint32_t)data.args[narrow] :
			      low == 0xffff ? UINT32_MAX : low;

		PROVE(req.ids[i] == id, "ids to be set are as wide as the ABI has them");
		PROVE(req.t_buf[i] == (buf >= 0 ? cut(data.args[buf]) : 0), "so are addresses");
	}
	for (int i = 0; i < 4; i++)
		PROVE(req.values[i] == (place_of(VALUE, i) >= 0 ? cut(data.args[place_of(VALUE, i)]) : 0), "and values");
	PROVE(req.count == (place(COUNT) >= 0 ? (int32_t)data.args[place(COUNT)] : 0), "a number of groups is an int");
	PROVE(req.option == (place(OPTION) >= 0 ? (uint32_t)data.args[place(OPTION)] : 0), "so is an option");
	PROVE(req.mode == (place(MODE) >= 0 ? (uint32_t)data.args[place(MODE)] : 0), "and a mode");
	PROVE(req.t_length == (place(LENGTH) >= 0 ? cut(data.args[place(LENGTH)]) : 0), "and a length");
	PROVE(req.has_limit == (place(LIMIT) >= 0 && (cut(data.args[place(LIMIT)]) != 0 || !(row->traits & LIMIT64))), "NULL is no limit");
	/* before a fault there may be a group that is none */
	PROVE(req.memory_error == late_error || (has_groups() && late_error == -EFAULT && req.memory_error == -EINVAL), "what could not be read is noted");
	if (late_error == 0)
		prove_late();
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
	PROVE(r != WHY_other_option || (place(SOCKET_ARGS) >= 0 && !socket_read), "and so is another socket call");
	PROVE(r <= 0 || r == WHY_other_name || r == WHY_other_option || r == WHY_not_entered || r == WHY_kernel_refuses, "and so is what it may refuse");
	PROVE(r != WHY_not_entered || refused == -EPERM, "a caller that cannot be read has not been entered");
	if (r == 0) {
		prove_request();
		if (place(SOCKET_ARGS) >= 0)
			prove_socket_call();
		else
			prove_credentials();
	}
	return 0;
}
