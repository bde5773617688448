/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/merge.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decode/text.h"

static char merged[MERGED_MAX];
static char big[MERGE_MAX + 16];

static int merge(const char *json, struct merge_problem *problem)
{
	struct merge_options none = { NULL, NULL, false };
	int n = merge_profile(json, strlen(json), &none, merged, problem);

	if (n >= 0) {
		assert_in_range(n, 1, MERGED_MAX - 1);
		merged[n] = '\0';
	}
	return n;
}

/* The rules that become of some, where all else is denied. */
static void becomes(const char *rules, const char *expected)
{
	static const char head[] = "{\n  \"defaultAction\": \"SCMP_ACT_ERRNO\",\n  \"syscalls\": [", tail[] = "\n  ]\n}\n";
	struct merge_problem problem;
	char json[4096];

	snprintf(json, sizeof(json), "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [%s]}", rules);
	assert_true(merge(json, &problem) > 0);
	assert_memory_equal(merged, head, strlen(head));
	merged[strlen(merged) - strlen(tail)] = '\0';
	assert_string_equal(merged + strlen(head), expected);
}

static void leaves_other_rules_as_they_stand(void **state)
{
	(void)state;
	becomes("{ \"comment\":\"\\u0041\", \"names\": [\"read\" , \"write\"],\t\"action\": \"SCMP_ACT_ALLOW\"}",
		"\n    { \"comment\":\"\\u0041\", \"names\": [\"read\" , \"write\"],\t\"action\": \"SCMP_ACT_ALLOW\"}");
	becomes("{\"names\": [\"chown\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1}",
		"\n    {\"names\": [\"chown\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1}");
}

static void traps_what_was_allowed_as_it_was(void **state)
{
	(void)state;
	becomes("{\"names\": [\"read\", \"chown\", \"setns\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"CAP_X\"]}}",
		"\n    {\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"CAP_X\"]}},"
		"\n    {\"names\": [\"chown\", \"setns\"], \"action\": \"SCMP_ACT_NOTIFY\", \"includes\": {\"caps\": [\"CAP_X\"]}}");
	becomes("{\"names\": [\"io_uring_setup\"], \"action\": \"SCMP_ACT_ALLOW\"}",
		"\n    {\"names\": [\"io_uring_setup\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}");
	becomes("", "");
}

static void splits_conditions(void **state)
{
	(void)state;
	becomes("{\"name\": \"openat\", \"action\": \"SCMP_ACT_LOG\", \"args\": []}",
		"\n    {\"names\": [\"openat\"], \"action\": \"SCMP_ACT_NOTIFY\", \"args\": [{\"index\": 2, \"value\": 64, \"valueTwo\": 64, \"op\": \"SCMP_CMP_MASKED_EQ\"}]},"
		"\n    {\"names\": [\"openat\"], \"action\": \"SCMP_ACT_NOTIFY\", \"args\": [{\"index\": 2, \"value\": 4194304, \"valueTwo\": 4194304, \"op\": \"SCMP_CMP_MASKED_EQ\"}]},"
		"\n    {\"names\": [\"openat\"], \"args\": [{\"index\": 2, \"value\": 4194368, \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}], \"action\": \"SCMP_ACT_LOG\"}");
	/* docker's: without any new namespace, which is to say without ours */
	becomes("{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 2114060288, \"op\": \"SCMP_CMP_MASKED_EQ\"}]}",
		"\n    {\"names\": [\"clone\"], \"args\": [{\"index\": 0, \"value\": 2114060288, \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}], \"action\": \"SCMP_ACT_ALLOW\"}");
	becomes("{\"names\": [\"openat\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 2, \"value\": 66, \"op\": \"SCMP_CMP_EQ\"}]}",
		"\n    {\"names\": [\"openat\"], \"action\": \"SCMP_ACT_NOTIFY\", \"args\": [{\"index\": 2, \"value\": 66, \"op\": \"SCMP_CMP_EQ\"}]}");
}

static void keeps_one_rule_where_several_might_clash(void **state)
{
	(void)state;
	becomes("{\"names\": [\"open\", \"prctl\"], \"action\": \"SCMP_ACT_ALLOW\"}, {\"names\": [\"open\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [1]}",
		"\n    {\"names\": [\"open\", \"prctl\"], \"action\": \"SCMP_ACT_NOTIFY\"},"
		"\n    {\"names\": [\"open\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [1]}");
	becomes("{\"names\": [\"open\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}, "
		"{\"index\": 0, \"value\": 2, \"op\": \"SCMP_CMP_EQ\"}]}",
		"\n    {\"names\": [\"open\"], \"action\": \"SCMP_ACT_NOTIFY\", \"args\": [{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}, "
		"{\"index\": 0, \"value\": 2, \"op\": \"SCMP_CMP_EQ\"}]}");
}

static void tells_where(void **state)
{
	struct merge_problem problem;

	(void)state;
	assert_int_equal(merge("{\"a\": 1,}", &problem), -EBADMSG);
	assert_int_equal(problem.offset, 8);
	assert_int_equal(merge("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [3]}", &problem), -EINVAL);
	assert_int_equal(problem.offset, 49);
	memset(big, ' ', sizeof(big) - 1);
	big[0] = '{';
	assert_int_equal(merge(big, &problem), -E2BIG);
	assert_int_equal(problem.offset, MERGE_MAX);
}

static void text_is_bounded(void **state)
{
	char buffer[8] = "xxxxxxx";
	struct text t = { buffer, 0, 6 };

	(void)state;
	text_put(&t, "abcd");
	text_put(&t, "efg");
	assert_int_equal(t.n, 7);
	text_put(&t, "h");
	assert_int_equal(t.n, 8);
	assert_memory_equal(buffer, "abcdxxx", 8);
	t = (struct text){ buffer, 0, 6 };
	text_put_bytes(&t, "123456", 6);
	assert_true(t.n <= t.room);
	assert_memory_equal(buffer, "123456x", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_other_rules_as_they_stand), cmocka_unit_test(traps_what_was_allowed_as_it_was),
		cmocka_unit_test(splits_conditions), cmocka_unit_test(keeps_one_rule_where_several_might_clash),
		cmocka_unit_test(tells_where), cmocka_unit_test(text_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
