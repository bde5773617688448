/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

static void rows_are_what_the_signatures_say(void **state)
{
	(void)state;
	for (enum call call = 0; call < CALL_COUNT; call++) {
		const struct syscall_row *row = &syscall_rows[call];
		const char *n = row->name;
		bool xattr = strstr(n, "xattr"), list = strstr(n, "listxattr"), own = strstr(n, "stat");
		bool ids = strstr(n, "id") && (n[0] == 's' || n[0] == 'g'), limits = strstr(n, "limit"), peer = strstr(n, "sock");
		bool bind = strcmp(n, "bind") == 0, within = strcmp(n, "socketcall") == 0;
		bool mounts = strpbrk(signature_of(n)->args, "257") || strcmp(n, "fsmount") == 0, terminal = strcmp(n, "ioctl") == 0;
		bool several = strstr(n, "groups"), caps = strstr(n, "cap") || strstr(n, "prctl");

		assert_non_null(signature_of(n));
		assert_int_equal(row->at_flags, signature_of(n)->at_flags);
		assert_int_equal((row->traits & MAY_CONTINUE) != 0,
				 !strstr(n, "chown") && !strstr(n, "chmod") && !ids && !several && !caps && !peer && !limits && row->trap != REFUSED);
		assert_int_equal((row->traits & OPEN_FILE) != 0, (has(n, 'f') || has(n, 'F')) && !own && !peer && !mounts && !terminal);
		assert_int_equal((row->traits & CHANGES) != 0, strstr(n, "setxattr") || strstr(n, "removexattr") || has(n, '2') || has(n, '7'));
		assert_int_equal((row->traits & STATX) != 0, strcmp(n, "statx") == 0);
		assert_int_equal((row->traits & OLDSTAT) != 0, strncmp(n, "old", 3) == 0);
		assert_int_equal((row->traits & STAT64) != 0, own && strstr(n, "64"));
		assert_int_equal((row->traits & NARROW_IDS) != 0, has(n, 'w') || has(n, 'U') || has(n, 'I') || has(n, 'R'));
		assert_int_equal((row->traits & TWIN) != 0, strlen(n) > 2 && strcmp(n + strlen(n) - 2, "32") == 0);
		assert_true(!(row->traits & TWIN) || (strncmp(row[-1].name, n, strlen(n) - 2) == 0 && row[-1].traits & NARROW_IDS));
		assert_int_equal((row->traits & LIMIT64) != 0, has(n, 't'));
		assert_int_equal(row->handler == HANDLE_xattr_list, list);
		assert_int_equal(row->handler == HANDLE_xattr_get, xattr && strstr(n, "get"));
		assert_int_equal(row->handler == HANDLE_xattr_change, xattr && (row->traits & CHANGES));
		assert_int_equal(row->handler == HANDLE_mount, has(n, '2'));
		assert_int_equal(row->handler == HANDLE_fsconfig, has(n, '5'));
		assert_int_equal(row->handler == HANDLE_fsmount, strcmp(n, "fsmount") == 0);
		assert_int_equal(row->handler == HANDLE_move_mount, has(n, '7'));
		assert_int_equal(row->handler == HANDLE_terminal, terminal);
		assert_int_equal(row->handler == HANDLE_stat, own);
		assert_int_equal(row->handler == HANDLE_chown, strstr(n, "chown") != NULL);
		assert_int_equal(row->handler == HANDLE_chmod, strstr(n, "chmod") != NULL);
		assert_int_equal(row->handler == HANDLE_exec, strncmp(n, "exec", 4) == 0);
		assert_int_equal(row->handler == HANDLE_set_ids, ids && n[0] == 's');
		assert_int_equal(row->handler == HANDLE_set_groups, several && n[0] == 's');
		assert_int_equal(row->handler == HANDLE_get_ids, (ids || several) && n[0] == 'g');
		assert_int_equal(row->handler == HANDLE_capget, strcmp(n, "capget") == 0);
		assert_int_equal(row->handler == HANDLE_capset, strcmp(n, "capset") == 0);
		assert_int_equal(row->handler == HANDLE_prctl, strcmp(n, "prctl") == 0);
		assert_int_equal(row->handler == HANDLE_peer, peer && !within);
		assert_int_equal(row->handler == HANDLE_socket_call, within);
		assert_int_equal(row->handler == HANDLE_create, strpbrk(signature_of(n)->args, "OHy") || strstr(n, "creat") || strstr(n, "mk") || bind);
		assert_int_equal((row->traits & CREAT) != 0, strcmp(n, "creat") == 0);
		assert_int_equal(row->handler == HANDLE_limit, limits);
	}
}

static void every_number(void **state)
{
	static const unsigned int least[ABI_COUNT] = { 55, 80, 55, 50 };

	(void)state;
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
		unsigned int rows = 0, wanted = 0;

		for (int nr = 0; nr < 2048; nr++) {
			int full = abi == ABI_X32 ? nr | X32_BIT : nr;
			char *known = seccomp_syscall_resolve_num_arch(scmp_arch[abi], full);
			const char *n = newest_call(nr) ? newest_call(nr) : known;
			bool row = signature_of(n);
			struct seccomp_data data = row ? call_of(abi, n) : (struct seccomp_data){ .arch = audit_arch[abi], .nr = full };
			int r = run(&data);

			assert_int_equal(r, row ? 0 : -ENOSYS);
			assert_true(!row || (strcmp(req.row->name, n) == 0 && req.row == &syscall_rows[req.call]));
			assert_true(!row || (req.abi == abi && data.nr == full));
			rows += row;
			free(known);
		}
		for (size_t i = 0; i < CALL_COUNT; i++)
			wanted += exists(abi, signatures[i].name);
		assert_int_equal(rows, wanted);
		assert_true(rows >= least[abi]);
	}
}

/* Numbers from the kernel's tables, so that not everything rests on libseccomp. */
static void well_known_numbers(void **state)
{
	static const struct { enum abi abi; int nr; const char *call; } known[] = {
		{ ABI_X86_64, 92, "chown" }, { ABI_X86_64, 4, "stat" }, { ABI_X86_64, 262, "newfstatat" },
		{ ABI_X86_64, 332, "statx" }, { ABI_X86_64, 435, "clone3" }, { ABI_X86_64, 425, "io_uring_setup" },
		{ ABI_I386, 182, "chown" }, { ABI_I386, 212, "chown32" }, { ABI_I386, 298, "fchownat" },
		{ ABI_I386, 18, "oldstat" }, { ABI_I386, 106, "stat" }, { ABI_I386, 195, "stat64" },
		{ ABI_I386, 300, "fstatat64" }, { ABI_I386, 383, "statx" }, { ABI_X32, X32_BIT | 92, "chown" },
		{ ABI_X32, X32_BIT | 5, "fstat" }, { ABI_AARCH64, 54, "fchownat" }, { ABI_AARCH64, 55, "fchown" },
		{ ABI_AARCH64, 79, "newfstatat" }, { ABI_AARCH64, 80, "fstat" }, { ABI_AARCH64, 291, "statx" },
		{ ABI_X86_64, 105, "setuid" }, { ABI_X86_64, 116, "setgroups" }, { ABI_X86_64, 118, "getresuid" },
		{ ABI_X86_64, 126, "capset" }, { ABI_X86_64, 157, "prctl" }, { ABI_X86_64, 302, "prlimit64" },
		{ ABI_X86_64, 2, "open" }, { ABI_X86_64, 257, "openat" }, { ABI_X86_64, 437, "openat2" }, { ABI_X86_64, 83, "mkdir" },
		{ ABI_X86_64, 133, "mknod" }, { ABI_X86_64, 88, "symlink" }, { ABI_X86_64, 49, "bind" }, { ABI_I386, 5, "open" },
		{ ABI_I386, 8, "creat" }, { ABI_I386, 39, "mkdir" }, { ABI_I386, 14, "mknod" }, { ABI_I386, 83, "symlink" },
		{ ABI_I386, 361, "bind" }, { ABI_AARCH64, 34, "mkdirat" }, { ABI_AARCH64, 33, "mknodat" }, { ABI_AARCH64, 200, "bind" },
		{ ABI_X86_64, 59, "execve" }, { ABI_X86_64, 55, "getsockopt" },
		{ ABI_I386, 23, "setuid" }, { ABI_I386, 213, "setuid32" }, { ABI_I386, 81, "setgroups" }, { ABI_I386, 206, "setgroups32" },
		{ ABI_I386, 24, "getuid" }, { ABI_I386, 199, "getuid32" }, { ABI_I386, 76, "getrlimit" }, { ABI_I386, 191, "ugetrlimit" },
		{ ABI_I386, 75, "setrlimit" }, { ABI_I386, 340, "prlimit64" }, { ABI_I386, 365, "getsockopt" },
		{ ABI_X32, X32_BIT | 520, "execve" }, { ABI_X32, X32_BIT | 542, "getsockopt" }, { ABI_X32, X32_BIT | 105, "setuid" },
		{ ABI_AARCH64, 147, "setresuid" }, { ABI_AARCH64, 159, "setgroups" }, { ABI_AARCH64, 221, "execve" },
		{ ABI_X86_64, 165, "mount" }, { ABI_I386, 21, "mount" }, { ABI_AARCH64, 40, "mount" }, { ABI_X86_64, 431, "fsconfig" },
		{ ABI_I386, 432, "fsmount" }, { ABI_X32, X32_BIT | 429, "move_mount" }, { ABI_X32, X32_BIT | 514, "ioctl" }, { ABI_AARCH64, 29, "ioctl" },
		{ ABI_AARCH64, 91, "capset" }, { ABI_AARCH64, 167, "prctl" }, { ABI_AARCH64, 261, "prlimit64" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct seccomp_data data = call_of(known[i].abi, known[i].call);

		assert_int_equal(data.nr, known[i].nr);
		assert_int_equal(run(&data), 0);
		assert_string_equal(req.row->name, known[i].call);
	}
}

static void other_numbers(void **state)
{
	static const int numbers[] = { 1024, 0x10000, INT_MAX, -1, INT_MIN, 0x20000000 | 92, (int)0x80000000 | 92, (int)0xc0000000 | 92 };

	(void)state;
	decode_bind(ABI_X86_64, -1, CALL_chown);
	decode_bind(ABI_X86_64, 1024, CALL_chown);
	decode_bind(ABI_X86_64, INT_MAX, CALL_chown);
	decode_bind(ABI_X32, INT_MIN, CALL_chown);
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
			struct seccomp_data data = { .arch = audit_arch[abi], .nr = numbers[i] };

			assert_int_equal(run(&data), -ENOSYS);
			assert_int_equal(fake_read_count, 0);
		}
	}
}

static void other_abis(void **state)
{
	static const uint32_t archs[] = { 0, UINT32_MAX, AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64, AUDIT_ARCH_PPC64LE, AUDIT_ARCH_I386 | __AUDIT_ARCH_64BIT };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		for (int nr = 0; nr < 1024; nr++) {
			struct seccomp_data data = { .arch = archs[i], .nr = nr };

			assert_int_equal(decode_abi(&data), -ENOSYS);
			assert_int_equal(run(&data), -ENOSYS);
		}
	}
	/* the bit means x32 on x86-64 alone */
	assert_int_equal(decode_abi(&(struct seccomp_data){ .arch = AUDIT_ARCH_X86_64, .nr = 92 }), ABI_X86_64);
	assert_int_equal(decode_abi(&(struct seccomp_data){ .arch = AUDIT_ARCH_X86_64, .nr = X32_BIT | 92 }), ABI_X32);
	assert_int_equal(run(&(struct seccomp_data){ .arch = AUDIT_ARCH_I386, .nr = X32_BIT | 182 }), -ENOSYS);
	assert_int_equal(run(&(struct seccomp_data){ .arch = AUDIT_ARCH_AARCH64, .nr = X32_BIT | 54 }), -ENOSYS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rows_are_what_the_signatures_say, usual_memory),
		cmocka_unit_test_setup(every_number, usual_memory),
		cmocka_unit_test_setup(well_known_numbers, usual_memory),
		cmocka_unit_test_setup(other_numbers, usual_memory),
		cmocka_unit_test_setup(other_abis, usual_memory),
	};

	return cmocka_run_group_tests_name("numbers", tests, bind_numbers, NULL);
}
