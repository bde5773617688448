/* SPDX-License-Identifier: Apache-2.0 */
#include "reply/reply.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/util.h"
#include "reply/verdict.h"

static struct verdict v;
static struct seccomp_notif_resp resp;

/* Both as an earlier call may have left them. */
static int used(void **state)
{
	(void)state;
	memset(&v, 0x5a, sizeof(v));
	v.error = 13;
	v.n_places = v.length = 0;
	memset(&resp, 0x5a, sizeof(resp));
	return 0;
}

static void assert_reply(__u64 id, int error, int64_t value, __u32 flags)
{
	reply_encode(&v, id, &resp);
	assert_true(resp.id == id);
	assert_int_equal(resp.error, error);
	assert_true(resp.val == value);
	assert_int_equal(resp.flags, flags);
}

/* The kernel refuses CONTINUE together with a value or an error. */
static void continue_says_nothing_else(void **state)
{
	(void)state;
	verdict_continue(&v, REASON_no_override);
	assert_int_equal(v.reason, REASON_no_override);
	assert_reply(7, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	verdict_return(&v, 99);
	verdict_errno(&v, REASON_path, -ENOENT);
	verdict_continue(&v, REASON_isolation);
	assert_reply(7, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

static void errors_are_negative_and_alone(void **state)
{
	(void)state;
	verdict_return(&v, 99);
	verdict_write(&v, 0x1000, "ab", 2);
	verdict_errno(&v, REASON_path, -ENOENT);
	assert_int_equal(v.reason, REASON_path);
	/* and what was to be written is not */
	assert_int_equal(v.length, 0);
	assert_int_equal(v.n_places, 0);
	assert_reply(8, -ENOENT, 0, 0);
	verdict_errno(&v, REASON_path, EPERM);
	assert_reply(8, -EPERM, 0, 0);
	v.value = 99;
	assert_reply(8, -EPERM, 0, 0);
	verdict_continue(&v, REASON_isolation);
	verdict_errno(&v, REASON_unknown_call, -ENOSYS);
	assert_reply(8, -ENOSYS, 0, 0);
}

static void values_pass(void **state)
{
	static const int64_t values[] = { 0, 1, 65536, INT64_MAX, -1, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		verdict_errno(&v, REASON_path, -ENOENT);
		verdict_return(&v, values[i]);
		assert_int_equal(v.reason, REASON_answered);
		assert_reply(9, 0, values[i], 0);
	}
	verdict_continue(&v, REASON_isolation);
	verdict_return(&v, 3);
	assert_reply(9, 0, 3, 0);
}

static void ids_pass(void **state)
{
	static const __u64 ids[] = { 0, 1, 0xffffffff, 0x100000000, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		verdict_continue(&v, REASON_isolation);
		assert_reply(ids[i], 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		verdict_errno(&v, REASON_path, -ENOENT);
		assert_reply(ids[i], -ENOENT, 0, 0);
		verdict_return(&v, 5);
		assert_reply(ids[i], 0, 5, 0);
	}
}

/* One after another, each with its own bytes. */
static void places_share_the_bytes(void **state)
{
	static const uint64_t at[VERDICT_PLACES] = { 0xffffffffffff0000U, 0, 0x1000 };

	(void)state;
	verdict_write(&v, at[0], "abc", 3);
	memcpy(v.bytes + v.length, "defg", 4);
	verdict_place(&v, at[1], 4);
	verdict_write(&v, at[2], "h", 1);
	assert_int_equal(v.n_places, 3);
	assert_int_equal(v.length, 8);
	assert_memory_equal(v.bytes, "abcdefgh", 8);
	for (size_t i = 0; i < VERDICT_PLACES; i++) {
		assert_true(v.places[i].t_addr == at[i]);
		assert_int_equal(v.places[i].length, i == 0 ? 3 : i == 1 ? 4 : 1);
	}
	verdict_return(&v, 7);
	assert_int_equal(v.length, 8);
	assert_reply(1, 0, 7, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(continue_says_nothing_else, used),
		cmocka_unit_test_setup(errors_are_negative_and_alone, used),
		cmocka_unit_test_setup(values_pass, used),
		cmocka_unit_test_setup(ids_pass, used),
		cmocka_unit_test_setup(places_share_the_bytes, used),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
