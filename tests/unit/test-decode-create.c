/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of the calls that make a file, on every ABI. */
#include "decode/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/reason.h"
#include "calls.h"

#define FOR_EACH_CALL_WITH(abi, call, letter) FOR_EACH_CALL(abi, call) if (has(call, letter))

static void flags(void **state)
{
	static const struct { uint64_t arg; int outcome; uint64_t flags; } flags[] = {
		{ O_RDONLY, REASON_creates_nothing, 0 }, { O_RDWR | O_TRUNC, REASON_creates_nothing, 0 }, { O_CREAT, 0, O_CREAT },
		{ O_DIRECTORY | O_RDWR, REASON_creates_nothing, 0 }, { O_TMPFILE | O_WRONLY, 0, O_TMPFILE | O_WRONLY },
		{ OPEN_TMPFILE, 0, OPEN_TMPFILE }, { O_CREAT | O_PATH, REASON_creates_nothing, 0 }, { GARBAGE | O_CREAT, 0, O_CREAT },
		{ (uint64_t)O_CREAT << 32, REASON_creates_nothing, 0 }, { O_CREAT | 0x80000000U | 4, 0, O_CREAT },
		{ O_CREAT | O_EXCL | O_SYNC | O_ASYNC | O_NOATIME | 3, 0, O_CREAT | O_EXCL | O_SYNC | O_ASYNC | O_NOATIME | 3 },
	};

	(void)state;
	FOR_EACH_CALL_WITH(abi, call, 'O') {
		struct seccomp_data data = call_of(abi, call);

		for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
			set_arg(&data, call, 'O', flags[i].arg);
			assert_int_equal(run(&data), flags[i].outcome);
			assert_true(flags[i].outcome != 0 || req.open_flags == flags[i].flags);
			/* the path does not matter to a call that makes nothing */
			assert_int_equal(fake_read_count, flags[i].outcome == 0);
		}
	}
}

static void flags_of_creat(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		assert_int_equal(run(&data), 0);
		if (strcmp(call, "creat") == 0)
			assert_true(req.open_flags == (O_CREAT | O_WRONLY | O_TRUNC));
		else if (!has(call, 'O') && !has(call, 'H'))
			assert_true(req.open_flags == 0);
		assert_true(req.open_resolve == (has(call, 'H') ? RESOLVE_BENEATH : 0));
	}
}

/* What the kernel refuses it is left to refuse, whatever that is. */
static void structures(void **state)
{
	static unsigned char large[4097];
	struct task t = caller();

	(void)state;
	FOR_EACH_CALL_WITH(abi, call, 'H') {
		struct seccomp_data data = call_of(abi, call);

		memset(large, 0, sizeof(large));
		memcpy(large, &how, sizeof(how));
		t.areas[9].bytes = large;
		t.areas[9].n = sizeof(large);
		for (uint64_t size = 0; size <= sizeof(large); size++) {
			bool fine = size >= SIZE_OF_HOW && size <= 4096;

			set_arg(&data, call, 'S', size);
			fake_forget();
			assert_int_equal(decode(&data, &t, &req), fine ? 0 : REASON_kernel_refuses);
			assert_int_equal(fake_read_count, fine ? 2 : 0);
			if (size <= SIZE_OF_HOW || !fine)
				continue;
			large[size - 1] = 1;
			assert_int_equal(decode(&data, &t, &req), REASON_kernel_refuses);
			large[size - 1] = 0;
		}
		set_arg(&data, call, 'S', SIZE_OF_HOW);
		t.areas[9].n = SIZE_OF_HOW - 1;
		assert_int_equal(decode(&data, &t, &req), REASON_kernel_refuses);
		how.mode = 010000;
		assert_int_equal(run(&data), REASON_kernel_refuses);
		how.mode = UINT64_C(0640) << 32;
		assert_int_equal(run(&data), REASON_kernel_refuses);
		how.mode = 0;
		how.flags = O_RDWR;
		assert_int_equal(run(&data), REASON_creates_nothing);
		/* unlike the others, it does not ignore what it does not know */
		how.flags = O_CREAT | UINT64_C(1) << 60;
		assert_int_equal(run(&data), 0);
		assert_true(req.open_flags == how.flags);
		usual_memory(state);
	}
}

static void targets(void **state)
{
	(void)state;
	FOR_EACH_CALL_WITH(abi, call, 'y') {
		struct seccomp_data data = call_of(abi, call);

		memset(target, 'x', PATH_MAX);
		target[PATH_MAX] = '\0';
		assert_int_equal(run(&data), REASON_kernel_refuses);
		target[PATH_MAX - 1] = '\0';
		assert_int_equal(run(&data), 0);
		assert_string_equal(req.target, target);
		target[0] = '\0';
		assert_int_equal(run(&data), REASON_kernel_refuses);
		set_arg(&data, call, 'y', T_NOWHERE);
		assert_int_equal(run(&data), REASON_kernel_refuses);
		usual_memory(state);
	}
}

/* A call of bind(2), on i386 within socketcall(2) if there is no other letter for it. */
static struct seccomp_data bind_of(enum abi abi, const char *call, uint64_t size)
{
	struct seccomp_data data = call_of(abi, call);

	if (has(call, 'A')) {
		set_arg(&data, call, 'S', size);
	} else {
		set_arg(&data, call, 'q', GARBAGE | SYS_BIND);
		memcpy(socket_args, (uint32_t[]){ 9, T_ADDRESS, (uint32_t)size, 0, 0 }, sizeof(socket_args));
	}
	return data;
}

static void check_address(enum abi abi, const char *call)
{
	static const struct { uint64_t size; int outcome; const char *path; } sizes[] = {
		{ 0, REASON_creates_nothing, "" }, { 2, REASON_creates_nothing, "" }, { 3, 0, "s" }, { 13, 0, "some/socket" }, { 14, 0, "some/socket" },
		{ 110, 0, "some/socket" }, { 111, REASON_creates_nothing, "" }, { GARBAGE | 6, 0, "some" }, { 0xffffffff, REASON_creates_nothing, "" },
		{ 0x80000003, REASON_creates_nothing, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct seccomp_data data = bind_of(abi, call, sizes[i].size);

		assert_int_equal(run(&data), sizes[i].outcome);
		assert_int_equal(fake_read_count, (sizes[i].outcome == 0) + has(call, 'Q'));
		if (sizes[i].outcome != 0)
			continue;
		assert_string_equal(req.path, sizes[i].path);
		assert_int_equal(req.t_socket, 9);
		assert_int_equal(req.t_dirfd, AT_FDCWD);
		assert_int_equal(req.row->handler, has(call, 'Q') ? HANDLE_socket_call : HANDLE_create);
		assert_int_equal(req.socket_call, has(call, 'Q') ? SYS_BIND : 0);
	}
}

static void addresses(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data;

		if (!has(call, 'A') && !has(call, 'Q'))
			continue;
		check_address(abi, call);
		/* a path need not end */
		memset(address.sun_path, 'x', sizeof(address.sun_path));
		data = bind_of(abi, call, sizeof(address));
		assert_int_equal(run(&data), 0);
		assert_int_equal(strlen(req.path), sizeof(address.sun_path));
		data = bind_of(abi, call, 20);
		assert_int_equal(run(&data), 0);
		assert_int_equal(strlen(req.path), 18);
		/* neither a name that is no path, nor another family */
		address.sun_path[0] = '\0';
		assert_int_equal(run(&data), REASON_creates_nothing);
		address.sun_path[0] = 'x';
		address.sun_family = AF_INET;
		assert_int_equal(run(&data), REASON_creates_nothing);
		usual_memory(state);
	}
}

static void addresses_that_cannot_be_read(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data;

		if (!has(call, 'A') && !has(call, 'Q'))
			continue;
		data = bind_of(abi, call, 20);
		if (has(call, 'A'))
			set_arg(&data, call, 'A', T_NOWHERE);
		else
			socket_args[1] = T_NOWHERE;
		assert_int_equal(run(&data), REASON_kernel_refuses);
		usual_memory(state);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(flags, usual_memory),
		cmocka_unit_test_setup(flags_of_creat, usual_memory),
		cmocka_unit_test_setup(structures, usual_memory),
		cmocka_unit_test_setup(targets, usual_memory),
		cmocka_unit_test_setup(addresses, usual_memory),
		cmocka_unit_test_setup(addresses_that_cannot_be_read, usual_memory),
	};

	return cmocka_run_group_tests_name("decode-create", tests, bind_numbers, NULL);
}
