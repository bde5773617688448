/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of the calls that change or show credentials, on every ABI. */
#include "decode/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/net.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/reason.h"
#include "calls.h"

#define NONE UINT32_MAX

/* How many arguments of this letter. */
static size_t count_of(const char *call, char letter)
{
	size_t n = 0;

	for (const char *p = signature_of(call)->args; *p; p++)
		n += *p == letter;
	return n;
}

static void each_argument_has_its_place(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		size_t ids = count_of(call, 'i') + count_of(call, 'I'), within = count_of(call, 'Q');
		size_t bufs = count_of(call, 'b') + within + (strcmp(call, "getxattrat") == 0), values = count_of(call, 'v') + within;
		uint64_t id_mask = abi == ABI_I386 && has(call, 'I') ? 0xffff : UINT32_MAX, mask = abi == ABI_I386 ? UINT32_MAX : UINT64_MAX;

		assert_int_equal(run(&data), 0);
		for (size_t i = 0; i < ARRAY_SIZE(req.ids); i++)
			assert_int_equal(req.ids[i], i < ids ? (T_ID + 0x10 * i) & id_mask : 0);
		for (size_t i = 0; i < ARRAY_SIZE(req.t_buf); i++)
			assert_true(req.t_buf[i] == (i >= bufs ? 0 : has(call, 'X') ? T_XATTR : (T_BUF + 0x10 * i) & mask));
		for (size_t i = 0; i < ARRAY_SIZE(req.values); i++)
			assert_true(req.values[i] == (i < values ? (T_VALUE + 0x10 * i) & mask : i == 0 && has(call, '8') ? 0x14 : i == 0 && has(call, '9') ? (1UL << 32) & mask : 0));
		assert_true(req.t_length == (has(call, 'L') || within ? T_LENGTH : 0));
		assert_int_equal(req.length, has(call, 'L') || within ? 12 : 0);
		assert_int_equal(req.cap.version, has(call, 'h') ? _LINUX_CAPABILITY_VERSION_3 : 0);
		assert_int_equal(req.cap.number, has(call, 'h') ? 77 : 0);
		assert_int_equal(req.has_limit, has(call, 't') || has(call, 'T'));
	}
}

static void ids_of_every_width(void **state)
{
	static const struct { uint64_t arg; uint32_t narrow, wide; } ids[] = {
		{ 0, 0, 0 }, { 0xfffe, 0xfffe, 0xfffe }, { 0xffff, NONE, 0xffff }, { 0x1ffff, NONE, 0x1ffff },
		{ 0x10000, 0, 0x10000 }, { 0xffffffff, NONE, NONE }, { 0xffffffffffffffff, NONE, NONE },
		{ 0xffffffff00000000, 0, 0 }, { 0xfffffffe, 0xfffe, 0xfffffffe },
	};

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		size_t n = count_of(call, 'i') + count_of(call, 'I');
		bool narrow = abi == ABI_I386 && has(call, 'I');

		for (size_t i = 0; i < ARRAY_SIZE(ids) && n > 0; i++) {
			for (size_t k = 0; k < n; k++)
				data.args[k] = ids[(i + k) % ARRAY_SIZE(ids)].arg;
			assert_int_equal(run(&data), 0);
			for (size_t k = 0; k < n; k++)
				assert_int_equal(req.ids[k], narrow ? ids[(i + k) % ARRAY_SIZE(ids)].narrow : ids[(i + k) % ARRAY_SIZE(ids)].wide);
		}
	}
}

static void assert_groups(bool narrow, size_t n)
{
	const uint16_t *short_groups = (const uint16_t *)groups;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(req.groups[i], !narrow ? groups[i] : short_groups[i] == 0xffff ? NONE : short_groups[i]);
}

static void groups_of_every_number(void **state)
{
	static const int32_t counts[] = { 0, 1, 2, LIMIT_GROUPS, LIMIT_GROUPS + 1, 65536, 65537, INT32_MAX, -1, INT32_MIN };

	(void)state;
	groups[1] = 0xffff0000;
	groups[2] = NONE;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		bool narrow = abi == ABI_I386 && has(call, 'R');

		for (size_t i = 0; i < ARRAY_SIZE(counts) && has(call, 'k'); i++) {
			bool read = reads_late(call) && counts[i] > 0 && counts[i] <= LIMIT_GROUPS;

			set_arg(&data, call, 'k', GARBAGE | (uint32_t)counts[i]);
			assert_int_equal(run(&data), 0);
			assert_int_equal(req.count, counts[i]);
			assert_int_equal(req.memory_error, 0);
			assert_int_equal(fake_read_count, read);
			if (!read)
				continue;
			assert_int_equal(fake_reads[0].n, counts[i] * (narrow ? 2 : 4));
			assert_groups(narrow, (size_t)counts[i]);
		}
	}
}

/* The kernel reads one after another. */
static void groups_that_cannot_be_read(void **state)
{
	struct task t = caller();

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		bool narrow = abi == ABI_I386 && has(call, 'R');

		if (!has(call, 'k') || !reads_late(call))
			continue;
		memset(groups, 0, sizeof(groups));
		t.areas[3].n = narrow ? 5 : 11;
		assert_int_equal(decode(&data, &t, &req), 0);
		assert_int_equal(req.memory_error, -EFAULT);
		memset((char *)groups + (narrow ? 2 : 4), 0xff, narrow ? 2 : 4);
		assert_int_equal(decode(&data, &t, &req), 0);
		assert_int_equal(req.memory_error, -EINVAL);
		t.areas[3].n++;
		assert_int_equal(decode(&data, &t, &req), 0);
		assert_int_equal(req.memory_error, 0);
		set_arg(&data, call, has(call, 'R') ? 'R' : 'r', T_NOWHERE);
		assert_int_equal(run(&data), 0);
		assert_int_equal(req.memory_error, -EFAULT);
		/* none are read */
		set_arg(&data, call, 'k', 0);
		assert_int_equal(run(&data), 0);
		assert_int_equal(req.memory_error, 0);
	}
}

static void capability_versions(void **state)
{
	static const struct { uint32_t version; size_t words; } versions[] = {
		{ _LINUX_CAPABILITY_VERSION_1, 1 }, { _LINUX_CAPABILITY_VERSION_2, 2 }, { _LINUX_CAPABILITY_VERSION_3, 2 },
		{ 0, 0 }, { NONE, 0 }, { _LINUX_CAPABILITY_VERSION_3 + 1, 0 },
	};

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		for (size_t i = 0; i < ARRAY_SIZE(versions) && has(call, 'D'); i++) {
			size_t words = versions[i].words;

			header[0] = versions[i].version;
			header[1] = (uint32_t)-1;
			assert_int_equal(run(&data), 0);
			assert_int_equal(req.memory_error, 0);
			assert_int_equal(req.cap.version, versions[i].version);
			assert_int_equal(req.cap.number, -1);
			assert_int_equal(fake_read_count, 1 + (words > 0));
			assert_true(words == 0 || fake_reads[1].n == 12 * words);
			/* a word of each set, then the upper words */
			for (size_t set = 0; set < 3; set++)
				assert_true(req.caps[set] == (words > 0 ? cap_data[set] : 0) + (words > 1 ? (uint64_t)cap_data[3 + set] << 32 : 0));
		}
	}
}

static void capabilities_that_cannot_be_read(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		struct task t = caller();

		if (!has(call, 'h'))
			continue;
		t.areas[4].n = 7;
		assert_int_equal(decode(&data, &t, &req), 0);
		assert_int_equal(req.memory_error, -EFAULT);
		/* without a version there is no size */
		set_arg(&data, call, 'h', 0);
		assert_int_equal(run(&data), 0);
		assert_int_equal(req.memory_error, -EFAULT);
		assert_int_equal(fake_read_count, 1);
		if (!has(call, 'D'))
			continue;
		data = call_of(abi, call);
		t = caller();
		t.areas[5].n = 23;
		assert_int_equal(decode(&data, &t, &req), 0);
		assert_int_equal(req.memory_error, -EFAULT);
		assert_true(req.caps[0] == 0 && req.caps[1] == 0 && req.caps[2] == 0);
		header[0] = _LINUX_CAPABILITY_VERSION_1;
		assert_int_equal(decode(&data, &t, &req), 0);
		assert_int_equal(req.memory_error, 0);
		usual_memory(state);
	}
}

static void limits_of_every_width(void **state)
{
	(void)state;
	memcpy(limit, (uint32_t[]){ 7, 8, NONE, NONE }, sizeof(limit));
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);
		bool narrow = abi == ABI_I386 && has(call, 'T');

		if (!has(call, 't') && !has(call, 'T'))
			continue;
		assert_int_equal(run(&data), 0);
		assert_true(req.has_limit && req.memory_error == 0);
		assert_int_equal(fake_reads[0].n, narrow ? 8 : 16);
		assert_true(req.limit[0] == (narrow ? 7 : 0x800000007U));
		assert_true(req.limit[1] == (narrow ? 8 : UINT64_MAX));
		set_arg(&data, call, has(call, 't') ? 't' : 'T', T_LIMIT + 8);
		/* two words are what is left */
		assert_int_equal(run(&data), 0);
		assert_int_equal(req.memory_error, narrow ? 0 : -EFAULT);
		assert_true(!narrow || (req.limit[0] == UINT64_MAX && req.limit[1] == UINT64_MAX));
	}
}

/* prlimit(2) then only asks. */
static void no_limit(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, 't') && !has(call, 'T'))
			continue;
		for (int i = 0; i < 2; i++) {
			bool none = has(call, 't') && (i == 0 || abi == ABI_I386);

			set_arg(&data, call, has(call, 't') ? 't' : 'T', i * 0x100000000U);
			assert_int_equal(run(&data), 0);
			assert_int_equal(req.has_limit, !none);
			assert_int_equal(req.memory_error, none ? 0 : -EFAULT);
			assert_int_equal(fake_read_count, !none);
			assert_true(req.limit[0] == 0 && req.limit[1] == 0);
		}
	}
}

static void lengths_of_results(void **state)
{
	static const uint32_t lengths[] = { 0, 1, 12, INT32_MAX, NONE };

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		for (size_t i = 0; i < ARRAY_SIZE(lengths) && has(call, 'L'); i++) {
			length = lengths[i];
			assert_int_equal(run(&data), 0);
			assert_int_equal(req.length, lengths[i]);
			assert_int_equal(fake_reads[0].n, sizeof(length));
		}
		if (!has(call, 'L'))
			continue;
		set_arg(&data, call, 'L', T_LENGTH + 1);
		assert_int_equal(run(&data), 0);
		assert_int_equal(req.memory_error, -EFAULT);
	}
}

/* What a call does not set is what it was before any call. */
static void nothing_stays_of_another_call(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data all[] = { call_of(abi, "prlimit64"), call_of(abi, "capset"), call_of(abi, "setresuid"), call_of(abi, call) };
		static struct request clean;
		struct task t = caller();

		/* by a call that says nothing */
		memset(&clean, 0, sizeof(clean));
		assert_int_equal(decode(&all[3], &t, &clean), 0);
		memset(&req, 0x5a, sizeof(req));
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)
			assert_int_equal(decode(&all[i], &t, &req), 0);
		assert_memory_equal(&req, &clean, offsetof(struct request, groups));
	}
}

/* A condition for each option, and none that a masked comparison of 32 bits could not make. */
static void calls_within_socketcall(void **state)
{
	struct task t = caller();

	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, 'Q'))
			continue;
		assert_int_equal(abi, ABI_I386);
		for (uint32_t other = 0; other < 32; other++) {
			if (other == SYS_BIND) /* see test-decode-create */
				continue;
			set_arg(&data, call, 'q', GARBAGE | other);
			assert_int_equal(run(&data), other == SYS_GETSOCKOPT ? 0 : REASON_other_option);
			assert_int_equal(fake_read_count, other == SYS_GETSOCKOPT ? 2 : 0);
		}
		data = call_of(abi, call);
		socket_args[0] = (uint32_t)AT_FDCWD;
		assert_int_equal(run(&data), 0);
		assert_int_equal(req.t_dirfd, -1);
		socket_args[4] = T_NOWHERE;
		assert_int_equal(run(&data), 0);
		assert_int_equal(req.memory_error, -EFAULT);
		t.areas[8].n = sizeof(socket_args) - 1;
		assert_int_equal(decode(&data, &t, &req), -EFAULT);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_argument_has_its_place, usual_memory),
		cmocka_unit_test_setup(ids_of_every_width, usual_memory),
		cmocka_unit_test_setup(groups_of_every_number, usual_memory),
		cmocka_unit_test_setup(groups_that_cannot_be_read, usual_memory),
		cmocka_unit_test_setup(capability_versions, usual_memory),
		cmocka_unit_test_setup(capabilities_that_cannot_be_read, usual_memory),
		cmocka_unit_test_setup(limits_of_every_width, usual_memory),
		cmocka_unit_test_setup(no_limit, usual_memory),
		cmocka_unit_test_setup(lengths_of_results, usual_memory),
		cmocka_unit_test_setup(nothing_stays_of_another_call, usual_memory),
		cmocka_unit_test_setup(calls_within_socketcall, usual_memory),
	};

	return cmocka_run_group_tests_name("decode-cred", tests, bind_numbers, NULL);
}
