/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/names.h"
#include "base/reason.h"
#include "calls.h"

#define NONE UINT32_MAX

/* The kernel's answer for arguments that the call refuses: ours only where the kernel cannot give it. */
static int refusal(const char *call, int r)
{
	return strstr(call, "chown") || strstr(call, "chmod") || has(call, 'Q') ? r : REASON_kernel_refuses;
}

static void values_of_all_calls(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		bool narrow = abi == ABI_I386, sets = strstr(call, "setxattr"), is_fd = has(call, 'f') || has(call, 'F') || has(call, 'Q');
		uint32_t cuid = has(call, 'u') || (has(call, 'U') && !narrow) ? 0x12345 : has(call, 'U') ? 0x2345 : NONE;
		uint32_t cgid = has(call, 'g') || (has(call, 'G') && !narrow) ? 0x23456 : has(call, 'G') ? 0x3456 : NONE;

		assert_int_equal(run(&data), 0);
		assert_int_equal(req.t_dirfd, is_fd ? 9 : has(call, 'd') ? 7 : AT_FDCWD);
		assert_int_equal(req.empty_path, is_fd);
		assert_int_equal(req.follow, !has(call, 'l') && !has(call, 'a'));
		assert_int_equal(req.at_flags, has(call, 'a') ? AT_SYMLINK_NOFOLLOW : 0);
		assert_int_equal(req.mask, has(call, 'm') ? 0xfff : 0);
		assert_int_equal(req.cuid, cuid);
		assert_int_equal(req.cgid, cgid);
		assert_true(req.t_buf[0] == (has(call, 'b') || has(call, 'Q') ? narrow ? (uint32_t)T_BUF : T_BUF : has(call, 'X') && !sets ? T_XATTR : 0));
		assert_true(req.size == (has(call, 's') ? narrow ? 0x200 : 0x100000200U : has(call, 'S') ? SIZE_OF_HOW : has(call, 'X') || sets ? SIZE_OF_VALUE : 0));
		assert_true(!sets || memcmp(req.value, "value", SIZE_OF_VALUE) == 0);
		assert_true(req.clone_flags == (has(call, 'C') ? clone_flags : has(call, 'c') ? 0x10000000 : 0));
		assert_string_equal(req.path, has(call, 'p') ? "some/path" : has(call, 'A') ? "some/socket" : "");
		assert_string_equal(req.target, has(call, 'y') || has(call, '1') ? "some/target" : "");
		assert_string_equal(req.name, has(call, 'n') ? OWNER_XATTR : "");
		assert_int_equal(req.mode, has(call, 'M') ? 04755 : has(call, 'H') ? 0640 : 0);
		assert_int_equal(req.option, has(call, 'o') || has(call, 'Q') ? 0x17 : has(call, 'z') ? XATTR_CREATE : has(call, '!') ? 7 : 0);
		assert_int_equal(req.count, has(call, 'k') ? 3 : 0);
		assert_int_equal(req.memory_error, 0);
		assert_int_equal(fake_read_count, has(call, 'p') + has(call, 'n') + has(call, 'C') + has(call, 'H') + has(call, 'A') + has(call, 'y') + has(call, 'D') + 2 * has(call, 'Q') + has(call, 'X') + sets + reads_late(call) +
				 has(call, '1') + has(call, '2') + has(call, '4') + has(call, '7'));
	}
}

static void descriptors_are_ints(void **state)
{
	static const uint64_t here[] = { 0xffffff9c, 0xffffffffffffff9c, 0x12345678ffffff9c };

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		for (size_t i = 0; i < ARRAY_SIZE(here) && (has(call, 'd') || has(call, 'f')); i++) {
			set_arg(&data, call, has(call, 'd') ? 'd' : 'f', here[i]);
			assert_int_equal(run(&data), 0);
			/* no descriptor, and a call that wants one has no current directory either: fchown(-100) is EBADF */
			assert_int_equal(req.t_dirfd == AT_FDCWD, has(call, 'd'));
			assert_true(req.t_dirfd < 0);
		}
	}
}

static void ids_that_keep(void **state)
{
	static const struct { uint64_t arg; uint32_t narrow, wide; } ids[] = {
		{ 0, 0, 0 }, { 0xfffe, 0xfffe, 0xfffe }, { 0xffff, NONE, 0xffff }, { 0x1ffff, NONE, 0x1ffff },
		{ 0x10000, 0, 0x10000 }, { 0xffffffff, NONE, NONE }, { 0xffffffffffffffff, NONE, NONE },
		{ 0xffffffff00000000, 0, 0 }, { 0xfffffffe, 0xfffe, 0xfffffffe },
	};

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		bool narrow = abi == ABI_I386 && has(call, 'U');

		for (size_t i = 0; i < ARRAY_SIZE(ids) && strstr(call, "chown"); i++) {
			size_t other = ARRAY_SIZE(ids) - 1 - i;

			set_arg(&data, call, has(call, 'U') ? 'U' : 'u', ids[i].arg);
			set_arg(&data, call, has(call, 'G') ? 'G' : 'g', ids[other].arg);
			assert_int_equal(run(&data), 0);
			assert_int_equal(req.cuid, narrow ? ids[i].narrow : ids[i].wide);
			assert_int_equal(req.cgid, narrow ? ids[other].narrow : ids[other].wide);
		}
	}
}

static void flags_outside_the_mask(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		for (int bit = 0; bit < 64 && has(call, 'a'); bit++) {
			uint64_t flag = UINT64_C(1) << bit;
			bool fine = bit >= 32 || signature_of(call)->at_flags & flag;

			set_arg(&data, call, 'a', flag);
			assert_int_equal(run(&data), fine ? 0 : refusal(call, -EINVAL));
			assert_true(fine || fake_read_count == 0);
			if (!fine)
				continue;
			assert_int_equal(req.at_flags, (uint32_t)flag);
			assert_int_equal(req.follow, flag != AT_SYMLINK_NOFOLLOW);
			assert_int_equal(req.empty_path, flag == AT_EMPTY_PATH);
		}
	}
}

static void paths(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, 'p'))
			continue;
		memset(path, 'x', PATH_MAX);
		path[PATH_MAX] = '\0';
		assert_int_equal(run(&data), refusal(call, -ENAMETOOLONG));
		path[PATH_MAX - 1] = '\0';
		assert_int_equal(run(&data), 0);
		assert_string_equal(req.path, path);
		path[0] = '\0';
		assert_int_equal(run(&data), 0);
		assert_string_equal(req.path, "");
		assert_false(req.empty_path);
		set_arg(&data, call, 'p', T_NOWHERE);
		assert_int_equal(run(&data), refusal(call, -EFAULT));
		/* an address of more than 32 bits is none on i386 */
		set_arg(&data, call, 'p', GARBAGE | T_PATH);
		assert_int_equal(run(&data), abi == ABI_I386 ? 0 : refusal(call, -EFAULT));
		usual_memory(state);
	}
}

/* The kernel takes NULL for "" since 6.11, but not for fchownat(2), fchmodat2(2), execveat(2). */
static void no_path(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, 'p'))
			continue;
		set_arg(&data, call, 'p', 0);
		assert_int_equal(run(&data), refusal(call, -EFAULT));
		if (!has(call, 'a'))
			continue;
		set_arg(&data, call, 'a', AT_EMPTY_PATH);
		if (!strstr(call, "stat") && !strstr(call, "xattr")) {
			assert_int_equal(run(&data), refusal(call, -EFAULT));
			continue;
		}
		assert_int_equal(run(&data), 0);
		assert_true(req.empty_path && req.path[0] == '\0');
		assert_int_equal(fake_read_count, has(call, 'n') + has(call, 'X') + (strstr(call, "setxattr") != NULL));
	}
}

static void xattr_names(void **state)
{
	static const char *const others[] = {
		"", "user.", "user.rootlesscontainer", "user.rootlesscontainersx", "user.rootlesscontainers.x", "user.Rootlesscontainers",
		"system.posix_acl", "securityx", "user.rootlesscontainersxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	};

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		for (size_t i = 0; i < ARRAY_SIZE(others) && has(call, 'n'); i++) {
			strcpy(name, others[i]);
			assert_int_equal(run(&data), REASON_other_name);
			assert_true(strlen(req.name) < sizeof(req.name));
			/* the path does not matter then */
			assert_int_equal(fake_read_count, 1);
		}
		if (!has(call, 'n'))
			continue;
		set_arg(&data, call, 'n', T_NOWHERE);
		assert_int_equal(run(&data), REASON_kernel_refuses);
		set_arg(&data, call, 'n', 0);
		assert_int_equal(run(&data), REASON_kernel_refuses);
		usual_memory(state);
	}
}

static void xattr_kinds(void **state)
{
	static const struct { const char *name; enum names_kind kind; } names[] = {
		{ OWNER_XATTR, NAMES_OURS }, { DEVICE_XATTR, NAMES_OURS }, { HIDDEN_PREFIX, NAMES_OURS }, { HIDDEN_PREFIX "trusted.x", NAMES_OURS },
		{ "trusted.x", NAMES_TRUSTED }, { "trusted.", NAMES_TRUSTED }, { "security.capability", NAMES_CAPABILITY },
		{ "security.capabilities", NAMES_SECURITY }, { "security.x", NAMES_SECURITY }, { ACCESS_ACL_XATTR, NAMES_ACCESS_ACL },
		{ DEFAULT_ACL_XATTR, NAMES_DEFAULT_ACL }, { "system.posix_acl_", NAMES_OTHER }, { "user.x", NAMES_OTHER }, { "", NAMES_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(names_kind(names[i].name), names[i].kind);
		assert_int_equal(names_is_ours(names[i].name), names[i].kind == NAMES_OURS);
	}
}

static void xattr_values(void **state)
{
	struct task t = caller();

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (has(call, 'V')) {
			memset(xattr_value, 'x', sizeof(xattr_value));
			set_arg(&data, call, 'e', XATTR_SIZE_MAX);
			assert_int_equal(run(&data), 0);
			assert_int_equal(memcmp(req.value, xattr_value, sizeof(req.value)), 0);
			set_arg(&data, call, 'e', XATTR_SIZE_MAX + 1);
			assert_int_equal(run(&data), REASON_kernel_refuses);
			/* nothing is read of nothing */
			set_arg(&data, call, 'e', 0);
			set_arg(&data, call, 'V', 0);
			assert_int_equal(run(&data), 0);
			set_arg(&data, call, 'e', 1);
			assert_int_equal(run(&data), REASON_kernel_refuses);
			set_arg(&data, call, 'e', 0);
			set_arg(&data, call, 'z', 3);
			assert_int_equal(run(&data), 0);
			assert_int_equal(req.option, XATTR_CREATE | XATTR_REPLACE);
			set_arg(&data, call, 'z', 4);
			assert_int_equal(run(&data), REASON_kernel_refuses);
		}
		if (has(call, 'X')) {
			set_arg(&data, call, 'Z', sizeof(xattr_args) - 1);
			assert_int_equal(run(&data), REASON_kernel_refuses);
			set_arg(&data, call, 'Z', 4097);
			assert_int_equal(run(&data), REASON_kernel_refuses);
			set_arg(&data, call, 'Z', sizeof(xattr_args));
			xattr_args.flags = XATTR_REPLACE;
			assert_int_equal(run(&data), strstr(call, "set") ? 0 : REASON_kernel_refuses);
			t.areas[13].n--;
			assert_int_equal(decode(&data, &t, &req), REASON_kernel_refuses);
			t.areas[13].n++;
		}
		usual_memory(state);
	}
}

static void unreadable_callers(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		bool reads = has(call, 'p') || has(call, 'n') || has(call, 'C') || has(call, 'Q') || has(call, 'A');

		assert_int_equal(decode(&data, &(struct task){ .beyond = -EPERM }, &req), reads || reads_late(call) ? REASON_not_entered : 0);
		assert_int_equal(decode(&data, &(struct task){ .beyond = -ESRCH }, &req), reads ? refusal(call, -ESRCH) : 0);
		assert_int_equal(req.memory_error, reads_late(call) ? -ESRCH : 0);
		assert_int_equal(decode(&data, &(struct task){ .beyond = -EFAULT }, &req), reads ? refusal(call, -EFAULT) : 0);
		assert_int_equal(req.memory_error, reads_late(call) ? -EFAULT : 0);
	}
}

static void clone_arguments(void **state)
{
	static const size_t most[] = { 1, 3, 2 };
	struct task t = caller();

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, 'C'))
			continue;
		t.areas[2].n = 7;
		assert_int_equal(decode(&data, &t, &req), REASON_kernel_refuses);
		t.areas[2].n = 8;
		t.most = most;
		t.most_count = ARRAY_SIZE(most);
		fake_forget();
		assert_int_equal(decode(&data, &t, &req), 0);
		assert_true(req.clone_flags == clone_flags);
		set_arg(&data, call, 'C', 0);
		assert_int_equal(run(&data), REASON_kernel_refuses);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(values_of_all_calls, usual_memory),
		cmocka_unit_test_setup(descriptors_are_ints, usual_memory),
		cmocka_unit_test_setup(ids_that_keep, usual_memory),
		cmocka_unit_test_setup(flags_outside_the_mask, usual_memory),
		cmocka_unit_test_setup(paths, usual_memory),
		cmocka_unit_test_setup(no_path, usual_memory),
		cmocka_unit_test_setup(xattr_names, usual_memory),
		cmocka_unit_test(xattr_kinds),
		cmocka_unit_test_setup(xattr_values, usual_memory),
		cmocka_unit_test_setup(unreadable_callers, usual_memory),
		cmocka_unit_test_setup(clone_arguments, usual_memory),
	};

	return cmocka_run_group_tests_name("decode", tests, bind_numbers, NULL);
}
