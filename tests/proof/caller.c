/* SPDX-License-Identifier: Apache-2.0 */
#include "caller.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/net.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/names.h"
#include "decode/tmem.h"

struct caller caller;
struct request req;

uint64_t cut(uint64_t value)
{
	return caller.abi == ABI_I386 ? value & UINT32_MAX : value;
}

int place_of(enum arg arg, int n)
{
	for (int i = 0; i < 6 && caller.row->args[i] != END; i++)
		if (caller.row->args[i] == arg && n-- == 0)
			return i;
	return -1;
}

int place(enum arg arg)
{
	return place_of(arg, 0);
}

uint64_t argument(enum arg arg)
{
	return place(arg) >= 0 ? caller.data.args[place(arg)] : 0;
}

static bool is_at(uint64_t t_addr, enum arg arg)
{
	return place(arg) >= 0 && t_addr == cut(argument(arg));
}

static int any_error(void)
{
	int r = nondet_int();

	ASSUME(r == -EFAULT || r == -EPERM || r == -ESRCH || r == -ENAMETOOLONG);
	return r;
}

bool has_groups(void)
{
	return place(GROUPS) >= 0;
}

bool has_narrow_groups(void)
{
	return place(GROUPS) >= 0 && caller.row->traits & NARROW_IDS && caller.abi == ABI_I386;
}

bool has_narrow_limit(void)
{
	return caller.abi == ABI_I386 && !(caller.row->traits & LIMIT64);
}

bool is_socket_bind(void)
{
	return place(SOCKET_ARGS) >= 0 && (uint32_t)argument(SOCKET_CALL) == SYS_BIND;
}

/* The call by which all numbers are proven reads nothing. */
static void begin_read(void)
{
#ifdef ANY_NUMBER
	PROVE(false, "this call has nothing in memory");
	ASSUME(false);
#endif
}

/* Of which argument this late read is, and how much of it there is to read. */
static enum arg read_of(size_t *wanted)
{
	if (has_groups()) {
		PROVE(req.count > 0 && req.count <= LIMIT_GROUPS, "no more groups are read than there is room for");
		*wanted = (size_t)req.count * (has_narrow_groups() ? sizeof(uint16_t) : sizeof(uint32_t));
		return GROUPS;
	}
	if (place(CAP_HEADER) >= 0 && caller.late_reads == 0) {
		*wanted = 8;
		return CAP_HEADER;
	}
	if (place(CAP_DATA) >= 0) {
		uint32_t version = req.cap.version;

		PROVE(caller.late_reads == 1, "a header comes before its data");
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

	PROVE(caller.late_error == 0 && caller.refused == 0, "nothing is read behind an error");
	if (place(SOCKET_ARGS) >= 0)
		PROVE(t_addr == caller.socket_args[4], "a length within others is where these say");
	else
		PROVE(is_at(t_addr, arg), "a structure is where the call says");
	PROVE(n == wanted && n <= sizeof(caller.given), "and as long as the ABI has it");
	caller.late_reads++;
	if (nondet_bool()) {
		caller.late_error = any_error();
		if (caller.late_error == -EPERM)
			caller.refused = -EPERM;
		return caller.late_error;
	}
	for (size_t i = 0; i < n && i < sizeof(caller.given); i++)
		buf[i] = caller.given[i] = (unsigned char)nondet_char();
	return 0;
}

static int socket_args_read(uint64_t t_addr, uint32_t *buf, size_t n)
{
	PROVE(is_at(t_addr, SOCKET_ARGS), "the arguments of a socket call are where the call says");
	PROVE(n == (is_socket_bind() ? 3 : 5) * sizeof(*buf), "and as many as it has");
	caller.socket_read = true;
	if (nondet_bool())
		return caller.refused = any_error();
	for (size_t i = 0; i < n / sizeof(*buf); i++)
		buf[i] = caller.socket_args[i] = nondet_u32();
	return 0;
}

/* What its buffer held before is any address already. */
static int address_read(uint64_t t_addr, const char *buf, size_t n)
{
	uint64_t size = is_socket_bind() ? caller.socket_args[2] : cut(argument(SIZE));

	PROVE(is_socket_bind() ? t_addr == caller.socket_args[1] : is_at(t_addr, ADDRESS), "a socket's address is where the call says");
	PROVE(n == (size_t)(int)size && n > sizeof(sa_family_t) && n <= sizeof(struct sockaddr_un), "and one of a file");
	caller.address_size = n;
	if (nondet_bool())
		return caller.refused = any_error();
	caller.at = nondet_size();
	ASSUME(caller.at < n - sizeof(sa_family_t));
	caller.byte = buf[sizeof(sa_family_t) + caller.at];
	return 0;
}

static int value_read(uint64_t t_addr, size_t n)
{
	PROVE(place(XATTR_ARGS) >= 0 ? t_addr == caller.grown[0] : is_at(t_addr, XATTR_VALUE), "a value is where the call says");
	PROVE(n == req.size && n > 0 && n <= sizeof(req.value), "and as long");
	return nondet_bool() ? caller.refused = any_error() : 0;
}

int tmem_read(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	(void)t;
	begin_read();
	if (buf == req.value)
		return value_read(t_addr, n);
	if (place(SOCKET_ARGS) >= 0 && !caller.socket_read)
		return socket_args_read(t_addr, buf, n);
	if (place(ADDRESS) >= 0 || is_socket_bind())
		return address_read(t_addr, buf, n);
	if (place(CLONE_ARGS) < 0)
		return late_read(t_addr, buf, n);
	PROVE(is_at(t_addr, CLONE_ARGS), "clone_args are where the call says");
	PROVE(buf == &req.clone_flags && n == sizeof(req.clone_flags), "their flags are read, no more");
	if (nondet_bool())
		return caller.refused = any_error();
	req.clone_flags = nondet_u64();
	return 0;
}

int tmem_read_grown(const struct task *t, uint64_t t_addr, uint64_t size, void *buf, size_t known)
{
	bool opens = place(OPEN_HOW) >= 0;

	(void)t;
	begin_read();
	PROVE(is_at(t_addr, opens ? OPEN_HOW : XATTR_ARGS) && size == cut(argument(SIZE)), "a structure that may be longer is where the call says");
	PROVE(known == (opens ? 24 : 16), "of which this is known");
	if (nondet_bool()) {
		caller.refused = nondet_bool() ? any_error() : nondet_bool() ? -EINVAL : -E2BIG;
		return caller.refused;
	}
	for (size_t i = 0; i < known / sizeof(uint64_t); i++)
		((uint64_t *)buf)[i] = caller.grown[i] = nondet_u64();
	return 0;
}

static int name_read(char *buf)
{
	size_t length = nondet_size();

	ASSUME(length < sizeof(req.name));
	for (size_t i = 0; i < sizeof(req.name); i++)
		buf[i] = nondet_char();
	for (size_t i = 0; i < sizeof(req.name); i++)
		ASSUME((i == length) <= (buf[i] == '\0') && (i >= length || buf[i] != '\0'));
	if (nondet_bool()) {
		caller.refused = any_error();
		caller.other_name = caller.refused == -ENAMETOOLONG;
		return caller.refused;
	}
	caller.other_name = names_kind(buf) == NAMES_OTHER;
	return (int)length;
}

int tmem_read_string(const struct task *t, uint64_t t_addr, char *buf, size_t size)
{
	enum arg arg = buf == req.name ? XATTR_NAME : buf == req.target ? TARGET : PATH;
	size_t length = nondet_size();

	(void)t;
	begin_read();
	PROVE(caller.refused == 0 && !caller.other_name, "nothing is read for a call that is refused");
	PROVE(arg == XATTR_NAME ? size == sizeof(req.name) : arg == TARGET ? size == sizeof(req.target) : buf == req.path && size == sizeof(req.path),
	      "into a buffer of that size");
	PROVE(is_at(t_addr, arg), "a string is where the call says");
	if (arg == XATTR_NAME)
		return name_read(buf);
	ASSUME(length < size);
	buf[0] = nondet_char();
	ASSUME((buf[0] == '\0') == (length == 0));
	if (nondet_bool())
		return caller.refused = any_error();
	return (int)length;
}
