/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include "base/names.h"
#include "decode/decode.h"
#include "seccomp/notif.h"

const uint32_t audit_arch[ABI_COUNT] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64 };
const uint32_t scmp_arch[ABI_COUNT] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_AARCH64 };

#define AT_STAT (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC)
#define AT_OTHER (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)

const struct signature signatures[] = {
	{ "chown", "pUG", 0 }, { "lchown", "pUGl", 0 }, { "fchown", "fUG", 0 }, { "fchownat", "dpuga", AT_OTHER },
	{ "chown32", "pug", 0 }, { "lchown32", "pugl", 0 }, { "fchown32", "fug", 0 },
	{ "stat", "pb", 0 }, { "lstat", "pbl", 0 }, { "fstat", "fb", 0 }, { "newfstatat", "dpba", AT_STAT },
	{ "statx", "dpamb", AT_STAT }, { "stat64", "pb", 0 }, { "lstat64", "pbl", 0 }, { "fstat64", "fb", 0 },
	{ "fstatat64", "dpba", AT_STAT }, { "oldstat", "pb", 0 }, { "oldlstat", "pbl", 0 }, { "oldfstat", "fb", 0 },
	{ "getxattr", "pnbs", 0 }, { "lgetxattr", "pnbsl", 0 }, { "fgetxattr", "Fnbs", 0 }, { "getxattrat", "dpanXZ", AT_OTHER },
	{ "setxattr", "pnVez", 0 }, { "lsetxattr", "pnVezl", 0 }, { "fsetxattr", "FnVez", 0 }, { "setxattrat", "dpanXZ", AT_OTHER },
	{ "removexattr", "pn", 0 }, { "lremovexattr", "pnl", 0 }, { "fremovexattr", "Fn", 0 },
	{ "removexattrat", "dpan", AT_OTHER }, { "listxattr", "pbs", 0 }, { "llistxattr", "pbsl", 0 },
	{ "flistxattr", "fbs", 0 }, { "listxattrat", "dpabs", AT_OTHER },
	{ "chroot", "-", 0 }, { "pivot_root", "-", 0 }, { "setns", "-", 0 }, { "unshare", "c", 0 }, { "clone", "c", 0 },
	{ "clone3", "C", 0 }, { "landlock_restrict_self", "-", 0 }, { "io_uring_setup", "-", 0 },
	{ "setuid", "I", 0 }, { "setgid", "I", 0 }, { "setreuid", "II", 0 }, { "setregid", "II", 0 }, { "setresuid", "III", 0 },
	{ "setresgid", "III", 0 }, { "setfsuid", "I", 0 }, { "setfsgid", "I", 0 }, { "setgroups", "kR", 0 },
	{ "setuid32", "i", 0 }, { "setgid32", "i", 0 }, { "setreuid32", "ii", 0 }, { "setregid32", "ii", 0 }, { "setresuid32", "iii", 0 },
	{ "setresgid32", "iii", 0 }, { "setfsuid32", "i", 0 }, { "setfsgid32", "i", 0 }, { "setgroups32", "kr", 0 },
	{ "getuid", "-w", 0 }, { "geteuid", "-w", 0 }, { "getgid", "-w", 0 }, { "getegid", "-w", 0 }, { "getresuid", "bbbw", 0 },
	{ "getresgid", "bbbw", 0 }, { "getgroups", "kbw", 0 }, { "getuid32", "-", 0 }, { "geteuid32", "-", 0 }, { "getgid32", "-", 0 },
	{ "getegid32", "-", 0 }, { "getresuid32", "bbb", 0 }, { "getresgid32", "bbb", 0 }, { "getgroups32", "kb", 0 },
	{ "capget", "hb", 0 }, { "capset", "hD", 0 }, { "prctl", "ovvvv", 0 }, { "execve", "p", 0 }, { "execveat", "dp--a", AT_OTHER },
	{ "chmod", "pM", 0 }, { "fchmod", "fM", 0 }, { "fchmodat", "dpM", 0 }, { "fchmodat2", "dpMa", AT_OTHER },
	{ "open", "pOM", 0 }, { "openat", "dpOM", 0 }, { "creat", "pM", 0 }, { "openat2", "dpHS", 0 }, { "mkdir", "pM", 0 }, { "mkdirat", "dpM", 0 },
	{ "mknod", "pMv", 0 }, { "mknodat", "dpMv", 0 }, { "symlink", "yp", 0 }, { "symlinkat", "ydp", 0 }, { "bind", "xAS", 0 },
	{ "getsockopt", "fvobL", 0 }, { "socketcall", "qQ", 0 }, { "prlimit64", "votb", 0 }, { "getrlimit", "ob", 0 }, { "ugetrlimit", "ob", 0 }, { "setrlimit", "oT", 0 },
	{ "mount", "1p234", 0 }, { "fsconfig", "f!569", 0 }, { "fsmount", "fvv", 0 }, { "move_mount", "x7dp8", 0 }, { "ioctl", "fo", 0 },
};

_Static_assert(ARRAY_SIZE(signatures) == CALL_COUNT, "each call has its signature");

char path[8192], name[64];
uint64_t clone_flags = 0x1234567810000000U;
struct open_how how;
struct sockaddr_un address;
char target[8192];
char xattr_value[XATTR_SIZE_MAX + 1];
char fs_type[32], fs_key[300], options[8192];
struct xattr_args xattr_args;
uint32_t groups[LIMIT_GROUPS], header[2], cap_data[6], length, limit[4], socket_args[5];
struct request req;

/* An older libseccomp does not know these. */
static const char *const newest[] = { "setxattrat", "getxattrat", "listxattrat", "removexattrat" };

const char *newest_call(int nr)
{
	return nr >= 463 && nr < 463 + (int)ARRAY_SIZE(newest) ? newest[nr - 463] : NULL;
}

int bind_numbers(void **state)
{
	(void)state;
	for (int nr = 463; newest_call(nr); nr++)
		for (int abi = 0; abi < ABI_COUNT; abi++)
			for (int call = 0; call < CALL_COUNT; call++)
				if (strcmp(syscall_rows[call].name, newest_call(nr)) == 0)
					decode_bind((enum abi)abi, nr, (enum call)call);
	return notif_bind_numbers();
}

struct task caller(void)
{
	return (struct task){
		.areas = {
			{ T_PATH, path, strnlen(path, sizeof(path) - 1) + 1 },
			{ T_NAME, name, strnlen(name, sizeof(name) - 1) + 1 },
			{ T_CLONE, &clone_flags, sizeof(clone_flags) },
			{ T_GROUPS, groups, sizeof(groups) },
			{ T_HEADER, header, sizeof(header) },
			{ T_DATA, cap_data, sizeof(cap_data) },
			{ T_LENGTH, &length, sizeof(length) },
			{ T_LIMIT, limit, sizeof(limit) },
			{ T_SOCKET, socket_args, sizeof(socket_args) },
			{ T_HOW, &how, sizeof(how) },
			{ T_ADDRESS, &address, sizeof(address) },
			{ T_TARGET, target, strnlen(target, sizeof(target) - 1) + 1 },
			{ T_XATTR, xattr_value, sizeof(xattr_value) },
			{ T_XATTR_ARGS, &xattr_args, sizeof(xattr_args) },
			{ T_FS_TYPE, fs_type, sizeof(fs_type) },
			{ T_FS_KEY, fs_key, sizeof(fs_key) },
			{ T_OPTIONS, options, strnlen(options, sizeof(options) - 1) + 1 },
			{ T_EMPTY, "", 1 },
		},
		.beyond = -EFAULT,
	};
}

int usual_memory(void **state)
{
	(void)state;
	strcpy(path, "some/path");
	strcpy(name, OWNER_XATTR);
	for (uint32_t i = 0; i < LIMIT_GROUPS; i++)
		groups[i] = 0x10000U * i + 1;
	header[0] = _LINUX_CAPABILITY_VERSION_3;
	header[1] = 77;
	for (uint32_t i = 0; i < ARRAY_SIZE(cap_data); i++)
		cap_data[i] = 0x11111111U * (i + 1);
	length = 12;
	memcpy(socket_args, (uint32_t[]){ 9, (uint32_t)T_VALUE, 0x17, (uint32_t)T_BUF, T_LENGTH }, sizeof(socket_args));
	for (uint32_t i = 0; i < ARRAY_SIZE(limit); i++)
		limit[i] = 0x1000U + i;
	how = (struct open_how){ O_CREAT | O_WRONLY, 0640, RESOLVE_BENEATH };
	address = (struct sockaddr_un){ AF_UNIX, "some/socket" };
	strcpy(target, "some/target");
	strcpy(xattr_value, "value");
	strcpy(fs_type, "tmpfs");
	strcpy(fs_key, "uid");
	strcpy(options, "uid=5");
	xattr_args = (struct xattr_args){ T_XATTR, SIZE_OF_VALUE, 0 };
	return 0;
}

const struct signature *signature_of(const char *call)
{
	for (size_t i = 0; call && i < CALL_COUNT; i++)
		if (strcmp(signatures[i].name, call) == 0)
			return &signatures[i];
	return NULL;
}

/* Negative: none. Of two calls on i386, which socketcall(2) has too, libseccomp gives no number. */
static int number_of(enum abi abi, const char *call)
{
	if (abi == ABI_I386 && strcmp(call, "getsockopt") == 0)
		return 365;
	if (abi == ABI_I386 && strcmp(call, "bind") == 0)
		return 361;
	for (int nr = 463; newest_call(nr); nr++)
		if (strcmp(call, newest_call(nr)) == 0)
			return nr | (abi == ABI_X32 ? X32_BIT : 0);
	return seccomp_syscall_resolve_name_arch(scmp_arch[abi], call);
}

bool exists(enum abi abi, const char *call)
{
	return number_of(abi, call) >= 0;
}

bool has(const char *call, char letter)
{
	return strchr(signature_of(call)->args, letter) != NULL;
}

bool reads_late(const char *call)
{
	return strpbrk(signature_of(call)->args, "rRhLtT") != NULL;
}

struct seccomp_data call_of(enum abi abi, const char *call)
{
	const struct signature *s = signature_of(call);
	struct seccomp_data data = { .nr = number_of(abi, call), .arch = audit_arch[abi] };

	assert_non_null(s);
	for (size_t i = 0; s->args[i] && s->args[i] != 'l' && s->args[i] != 'w'; i++) {
		size_t before = strchr(s->args, s->args[i]) - s->args;
		static const struct { char letter; uint64_t value; } values[] = {
			{ 'd', GARBAGE | 7 }, { 'f', GARBAGE | 9 }, { 'F', GARBAGE | 9 }, { 'p', T_PATH }, { 'n', T_NAME }, { 'C', T_CLONE },
			{ 'u', GARBAGE | 0x12345 }, { 'g', GARBAGE | 0x23456 }, { 'U', GARBAGE | 0x12345 },
			{ 'G', GARBAGE | 0x23456 }, { 'a', GARBAGE | AT_SYMLINK_NOFOLLOW }, { 'm', GARBAGE | 0xfff },
			{ 'b', T_BUF }, { 's', 0x100000200U }, { 'c', GARBAGE | 0x10000000 }, { '-', 0x55 },
			{ 'i', GARBAGE | T_ID }, { 'I', GARBAGE | T_ID }, { 'k', GARBAGE | 3 }, { 'r', T_GROUPS }, { 'R', T_GROUPS },
			{ 'h', T_HEADER }, { 'D', T_DATA }, { 'o', GARBAGE | 0x17 }, { 'v', T_VALUE }, { 'M', GARBAGE | 04755 },
			{ 'L', T_LENGTH }, { 't', T_LIMIT }, { 'T', T_LIMIT }, { 'q', GARBAGE | 15 }, { 'Q', T_SOCKET },
			{ 'x', GARBAGE | 9 }, { 'O', GARBAGE | O_CREAT | O_WRONLY | O_CLOEXEC }, { 'H', T_HOW }, { 'S', SIZE_OF_HOW }, { 'A', T_ADDRESS }, { 'y', T_TARGET },
			{ 'V', T_XATTR }, { 'e', SIZE_OF_VALUE }, { 'z', GARBAGE | XATTR_CREATE }, { 'X', T_XATTR_ARGS }, { 'Z', sizeof(xattr_args) },
			{ '1', T_TARGET }, { '2', T_FS_TYPE }, { '3', MS_NOSUID }, { '4', T_OPTIONS }, { '5', T_FS_KEY }, { '6', T_OPTIONS }, { '7', T_EMPTY },
			{ '!', GARBAGE | FSCONFIG_CMD_RECONFIGURE }, { '9', (uint64_t)1 << 32 },
			{ '8', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS },
		};

		for (size_t k = 0; k < ARRAY_SIZE(values); k++)
			if (values[k].letter == s->args[i])
				data.args[i] = values[k].value + 0x10 * (i - before);
	}
	return data;
}

void set_arg(struct seccomp_data *data, const char *call, char letter, uint64_t value)
{
	const char *args = signature_of(call)->args, *at = strchr(args, letter);

	assert_non_null(at);
	data->args[at - args] = value;
}

int run(const struct seccomp_data *data)
{
	struct task t = caller();

	fake_forget();
	memset(&req, 0x5a, sizeof(req));
	return decode(data, &t, &req);
}
