/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-table.h"

#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"

static const struct signature signatures[] = {
	{ "chown", "pug", 0 }, { "lchown", "Pug", 0 }, { "fchown", "fug", 0 }, { "fchownat", "dpuga", 0x1100 },
	{ "chown32", "pug", 0 }, { "lchown32", "Pug", 0 }, { "fchown32", "fug", 0 },
	{ "stat", "pb", 0 }, { "lstat", "Pb", 0 }, { "fstat", "fb", 0 }, { "newfstatat", "dpba", 0x7900 },
	{ "statx", "dpamb", 0x7900 }, { "stat64", "pb", 0 }, { "lstat64", "Pb", 0 }, { "fstat64", "fb", 0 },
	{ "fstatat64", "dpba", 0x7900 }, { "oldstat", "pb", 0 }, { "oldlstat", "Pb", 0 }, { "oldfstat", "fb", 0 },
	{ "getxattr", "pnbs", 0 }, { "lgetxattr", "Pnbs", 0 }, { "fgetxattr", "Fnbs", 0 },
	{ "getxattrat", "dpanys", 0x1100 }, { "setxattr", "pnVso", 0 }, { "lsetxattr", "PnVso", 0 },
	{ "fsetxattr", "FnVso", 0 }, { "setxattrat", "dpanys", 0x1100 }, { "removexattr", "pn", 0 },
	{ "lremovexattr", "Pn", 0 }, { "fremovexattr", "Fn", 0 }, { "removexattrat", "dpan", 0x1100 },
	{ "listxattr", "pbs", 0 }, { "llistxattr", "Pbs", 0 }, { "flistxattr", "fbs", 0 },
	{ "listxattrat", "dpabs", 0x1100 },
	{ "chroot", "-", 0 }, { "pivot_root", "--", 0 }, { "setns", "--", 0 }, { "unshare", "c", 0 }, { "clone", "c----", 0 },
	{ "clone3", "C-", 0 }, { "landlock_restrict_self", "--", 0 }, { "io_uring_setup", "--", 0 },
	{ "setuid", "i", 0 }, { "setgid", "i", 0 }, { "setreuid", "ii", 0 }, { "setregid", "ii", 0 }, { "setresuid", "iii", 0 },
	{ "setresgid", "iii", 0 }, { "setfsuid", "i", 0 }, { "setfsgid", "i", 0 }, { "setgroups", "kG", 0 },
	{ "setuid32", "i", 0 }, { "setgid32", "i", 0 }, { "setreuid32", "ii", 0 }, { "setregid32", "ii", 0 },
	{ "setresuid32", "iii", 0 }, { "setresgid32", "iii", 0 }, { "setfsuid32", "i", 0 }, { "setfsgid32", "i", 0 },
	{ "setgroups32", "kG", 0 }, { "getuid", "", 0 }, { "geteuid", "", 0 }, { "getgid", "", 0 }, { "getegid", "", 0 },
	{ "getresuid", "bbb", 0 }, { "getresgid", "bbb", 0 }, { "getgroups", "kb", 0 }, { "getuid32", "", 0 }, { "geteuid32", "", 0 },
	{ "getgid32", "", 0 }, { "getegid32", "", 0 }, { "getresuid32", "bbb", 0 }, { "getresgid32", "bbb", 0 },
	{ "getgroups32", "kb", 0 }, { "capget", "hb", 0 }, { "capset", "hD", 0 }, { "prctl", "ovvvv", 0 },
	{ "execve", "p--", 0 }, { "execveat", "dp--a", 0x1100 }, { "chmod", "pM", 0 }, { "fchmod", "fM", 0 }, { "fchmodat", "dpM", 0 },
	{ "fchmodat2", "dpMa", 0x1100 }, { "open", "pOM", 0 }, { "openat", "dpOM", 0 }, { "creat", "pM", 0 }, { "openat2", "dpHz", 0 },
	{ "mkdir", "pM", 0 }, { "mkdirat", "dpM", 0 }, { "mknod", "pMv", 0 }, { "mknodat", "dpMv", 0 }, { "symlink", "tp", 0 },
	{ "symlinkat", "tdp", 0 }, { "bind", "xAz", 0 }, { "getsockopt", "fvobl", 0 }, { "socketcall", "wS", 0 }, { "prlimit64", "vorb", 0 }, { "getrlimit", "ob", 0 },
	{ "ugetrlimit", "ob", 0 }, { "setrlimit", "or", 0 },
	{ "mount", "QpTEB", 0 }, { "fsconfig", "foKLv", 0 }, { "fsmount", "fvv", 0 }, { "move_mount", "xNdpv", 0 }, { "ioctl", "fo", 0 },
};

int reference_newest(const char *name)
{
	static const char *const newest[] = { "setxattrat", "getxattrat", "listxattrat", "removexattrat" };

	for (int i = 0; i < 4; i++)
		if (strcmp(newest[i], name) == 0)
			return 463 + i;
	return -1;
}

void reference_bind_newest(void)
{
	for (int call = 0; call < CALL_COUNT; call++)
		for (int abi = 0; abi < ABI_COUNT; abi++)
			decode_bind((enum abi)abi, reference_newest(syscall_rows[call].name), (enum call)call);
}

static const struct signature *signature_of(uint32_t arch, int nr)
{
	int low = arch == SCMP_ARCH_X32 ? nr & ~0x40000000 : nr;
	const struct signature *found = NULL;
	char *name = seccomp_syscall_resolve_num_arch(arch, nr);

	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (low >= 0 && reference_newest(signatures[i].name) == low)
			found = &signatures[i];

	for (size_t i = 0; name && !found && i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (strcmp(signatures[i].name, name) == 0)
			found = &signatures[i];
	free(name);
	return found;
}

/* The same from a table that is filled in as it is asked: libseccomp looks through all names each time. */
const struct signature *reference_signature(enum abi abi, int nr)
{
	static const uint32_t arch[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_AARCH64 };
	static const struct signature *known[4][2048];
	static bool asked[4][2048];
	unsigned int low = (unsigned int)nr & ~(abi == ABI_X32 ? 0x40000000U : 0U);

	/* libseccomp has numbers of its own below 0 */
	if (low >= 2048)
		return nr < 0 ? NULL : signature_of(arch[abi], nr);
	if (!asked[abi][low])
		known[abi][low] = signature_of(arch[abi], nr);
	asked[abi][low] = true;
	return known[abi][low];
}
