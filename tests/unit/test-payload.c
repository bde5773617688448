/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/payload.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"

static struct payload_scan scan;
static struct payload got;
static char big[PAYLOAD_MAX + 16];

/* As crun 1.8.1 sends it. */
static const char crun[] =
	"{\n    \"ociVersion\": \"0.2.0\",\n    \"fds\": [\n        \"seccompFd\"\n    ],\n    \"pid\": 15285,\n"
	"    \"metadata\": \"meta data \\\"x\\\"\",\n    \"state\": {\n        \"ociVersion\": \"0.2.0\",\n"
	"        \"id\": \"c1\",\n        \"status\": \"creating\",\n        \"pid\": 15285,\n"
	"        \"bundle\": \"/home/user/b1\",\n        \"annotations\": {\n            \"foo\": \"bar\"\n        }\n"
	"    }\n}\n";

/* As runc 1.1.5 sends it. */
static const char runc[] =
	"{\"ociVersion\":\"1.0.2-dev\",\"fds\":[\"seccompFd\"],\"pid\":15831,\"metadata\":\"m\",\"state\":"
	"{\"ociVersion\":\"1.0.2-dev\",\"id\":\"c1\",\"status\":\"creating\",\"pid\":15831,\"bundle\":\"/home/user/b1\","
	"\"annotations\":{\"foo\":\"bar\"}}}";

/* As podman exec has it sent: no pid of the container's, a relative bundle. */
static const char podman[] =
	"{\n    \"ociVersion\": \"0.2.0\",\n    \"fds\": [\n        \"seccompFd\"\n    ],\n    \"pid\": 0,\n"
	"    \"state\": {\n        \"ociVersion\": \"0.2.0\",\n"
	"        \"id\": \"5be6c9a2e1c0fd0e74ba9f6b4aa6a2d0e8b5d4ec4aa2e1b0c85a1ae23b0c7d11\",\n"
	"        \"status\": \"running\",\n        \"pid\": 0,\n        \"bundle\": \".\",\n        \"annotations\": {\n"
	"            \"io.container.manager\": \"libpod\",\n            \"io.podman.annotations.autoremove\": \"TRUE\",\n"
	"            \"org.opencontainers.image.stopSignal\": \"15\"\n        }\n    }\n}\n";

static int scan_all(const char *json, size_t n)
{
	payload_scan_init(&scan);
	return payload_scan_feed(&scan, json, n);
}

static int scan_text(const char *json)
{
	return scan_all(json, strlen(json));
}

/* Scans and decodes, and checks that a failure leaves the output alone. */
static int decode_text(const char *json)
{
	struct payload before;
	int r;

	memset(&got, 0x5a, sizeof(got));
	before = got;
	r = scan_text(json);
	if (r != 1)
		return r < 0 ? r : -EAGAIN;
	r = payload_decode(&scan, &got);
	if (r < 0)
		assert_memory_equal(&got, &before, sizeof(got));
	return r;
}

/* The object {"fds":["seccompFd"],...}. */
static int decode_with(const char *members)
{
	char json[2048];

	assert_in_range(snprintf(json, sizeof(json), "{\"fds\":[\"seccompFd\"],%s}", members), 0, sizeof(json) - 1);
	return decode_text(json);
}

/* An object with this value. */
static int scan_value(const char *value)
{
	char json[256];

	snprintf(json, sizeof(json), "{\"a\":%s}", value);
	return scan_text(json);
}

static void reads_crun(void **state)
{
	(void)state;
	assert_int_equal(decode_text(crun), 0);
	assert_int_equal(scan.length, sizeof(crun) - 2); /* neither the newline nor the NUL */
	assert_int_equal(got.fd_index, 0);
	assert_int_equal(got.pid, 15285);
	assert_true(got.has_metadata);
	assert_string_equal(got.metadata, "meta data \\\"x\\\"");
	assert_string_equal(got.id, "c1");
}

static void reads_runc(void **state)
{
	(void)state;
	assert_int_equal(decode_text(runc), 0);
	assert_int_equal(scan.length, sizeof(runc) - 1);
	assert_int_equal(got.pid, 15831);
	assert_string_equal(got.metadata, "m");
	assert_string_equal(got.id, "c1");
}

static void reads_podman(void **state)
{
	(void)state;
	assert_int_equal(decode_text(podman), 0);
	assert_int_equal(got.pid, 0);
	assert_false(got.has_metadata);
	assert_string_equal(got.metadata, "");
	assert_int_equal(strlen(got.id), 64);
}

static void any_split_is_the_same(void **state)
{
	static const char *const texts[] = { crun, runc, podman };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t n = strlen(texts[i]);
		size_t end = (size_t)(strrchr(texts[i], '}') - texts[i]) + 1;

		for (size_t cut = 0; cut <= n; cut++) {
			payload_scan_init(&scan);
			assert_int_equal(payload_scan_feed(&scan, texts[i], cut), cut >= end);
			assert_int_equal(payload_scan_feed(&scan, texts[i] + cut, n - cut), 1);
			assert_int_equal(scan.length, end);
			assert_memory_equal(scan.bytes, texts[i], end);
			assert_int_equal(payload_decode(&scan, &got), 0);
		}
	}
}

static void incomplete_is_not_decoded(void **state)
{
	(void)state;
	assert_int_equal(scan_all(runc, sizeof(runc) - 2), 0);
	assert_int_equal(payload_decode(&scan, &got), -EBADMSG);
	assert_int_equal(scan_text("[]"), -EBADMSG);
	assert_int_equal(payload_decode(&scan, &got), -EBADMSG);
}

static void outcomes_stay(void **state)
{
	(void)state;
	assert_int_equal(scan_text("{}"), 1);
	assert_int_equal(payload_scan_feed(&scan, "x", 1), 1);
	assert_int_equal(scan.length, 2);
	assert_int_equal(scan_text("{]"), -EBADMSG);
	assert_int_equal(payload_scan_feed(&scan, "}", 1), -EBADMSG);
	assert_int_equal(payload_scan_feed(&scan, NULL, 0), -EBADMSG);
}

static void accepts_valid_values(void **state)
{
	static const char *const values[] = {
		"0", "-0", "1", "-10", "1.5", "0.0", "-0.25e1", "1e5", "1E+05", "0e-0", "123456789012345678901234567890",
		"true", "false", "null", "[]", "{}", "[1]", "[1,2]", "[[],{},\"\"]", "{\"a\":{\"b\":[]}}", "\"\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\\uABCD\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\udc00x\"",
		"\"\xc2\x80\xdf\xbf\"", "\"\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
		"\"\x7f\"", " \t\r\n1 \t\r\n", "[ 1 , 2 ]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (scan_value(values[i]) != 1)
			fail_msg("refused: %s", values[i]);
}

static void refuses_invalid_values(void **state)
{
	static const char *const values[] = {
		"01", "-01", "00", "+1", "-", "-a", "1.", ".5", "1.e1", "1e", "1e+", "1ex", "1.2.3", "1e5.0", "0x1", "NaN",
		"Infinity", "tru", "truex", "True", "nul", "nulll", "falsy", "'a'", "a", "", ",", "1,", "1 2", "[1,]", "[,1]",
		"[1 2]", "[1:2]", "[1", "[1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{1:2}", "{\"a\" \"b\"}", "{a:1}",
		"{\"a\":1 \"b\":2}", "{\"a\":1]", "{\"a\"::1}", "/**/1", "1//", "\"\t\"", "\"\n\"", "\"\x1f\"", "\"\\x\"",
		"\"\\'\"", "\"\\u12g4\"", "\"\\u123\"", "\"\\U0000\"", "\"\x80\"", "\"\xbf\"", "\"\xc0\x80\"", "\"\xc1\xbf\"",
		"\"\xc2\"", "\"\xc2\xc0\"", "\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xe1\x80\"", "\"\xf0\x8f\xbf\xbf\"",
		"\"\xf4\x90\x80\x80\"", "\"\xf1\x80\x80\"", "\"\xf1\x80\x80\xc0\"", "\"\xf5\x80\x80\x80\"", "\"\xff\"",
		"\302\2401", "\v1", "\f1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (scan_value(values[i]) != -EBADMSG)
			fail_msg("not refused: %s", values[i]);
}

static void refuses_other_top_levels(void **state)
{
	static const char *const texts[] = { "[]", "\"\"", "1", "null", "}", "\xef\xbb\xbf{}", "\xff\xfe{", "x{}", ",{}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (scan_text(texts[i]) != -EBADMSG)
			fail_msg("not refused: %s", texts[i]);
	assert_int_equal(scan_text(""), 0);
	assert_int_equal(scan_text(" \r\n\t{}"), 1);
}

static void refuses_nul(void **state)
{
	(void)state;
	for (size_t i = 0; i < 9; i++) {
		char copy[] = "{\"a\":\"b\"}";

		copy[i] = '\0';
		assert_int_equal(scan_all(copy, sizeof(copy) - 1), -EBADMSG);
	}
	assert_int_equal(scan_all("{\"a\":\"\\\0\"}", 10), -EBADMSG);
}

/* {"a":[[...]]} of depth objects and arrays in all. */
static int scan_depth(size_t depth)
{
	size_t n = (size_t)sprintf(big, "{\"a\":");

	memset(big + n, '[', depth - 1);
	n += depth - 1;
	memset(big + n, ']', depth - 1);
	n += depth - 1;
	big[n++] = '}';
	return scan_all(big, n);
}

static void bounds_depth(void **state)
{
	(void)state;
	assert_int_equal(scan_depth(PAYLOAD_DEPTH_MAX), 1);
	assert_int_equal(payload_decode(&scan, &got), -EBADMSG); /* valid, but without "fds" */
	assert_int_equal(scan_depth(PAYLOAD_DEPTH_MAX + 1), -E2BIG);
	assert_int_equal(scan_depth(100000), -E2BIG);
}

static void bounds_length(void **state)
{
	static const char head[] = "{\"fds\":[\"seccompFd\"],\"x\":\"";
	size_t n = sizeof(head) - 1;

	(void)state;
	memset(big, 'x', sizeof(big));
	memcpy(big, head, n);
	memcpy(big + PAYLOAD_MAX - 2, "\"}", 2);
	assert_int_equal(scan_all(big, PAYLOAD_MAX - 1), 0);
	assert_int_equal(payload_scan_feed(&scan, "}", 1), 1);
	assert_int_equal(payload_decode(&scan, &got), 0);
	assert_int_equal(scan_all(big, sizeof(big)), 1);
	memcpy(big + PAYLOAD_MAX - 2, "x\"}", 3);
	assert_int_equal(scan_all(big, PAYLOAD_MAX), 0);
	assert_int_equal(payload_scan_feed(&scan, "}", 1), -E2BIG);
	memset(big, ' ', sizeof(big));
	assert_int_equal(scan_all(big, sizeof(big)), -E2BIG);
}

static void bounds_tokens(void **state)
{
	(void)state;
	for (int extra = 0; extra <= 1; extra++) {
		/* top level, "fds", its array, "seccompFd", "x", its array, and the numbers in it */
		int numbers = PAYLOAD_TOKENS_MAX - 6 + extra;
		int n = sprintf(big, "{\"fds\":[\"seccompFd\"],\"x\":[0");

		for (int i = 1; i < numbers; i++)
			n += sprintf(big + n, ",0");
		sprintf(big + n, "]}");
		assert_int_equal(decode_text(big), extra ? -E2BIG : 0);
	}
}

static void finds_the_listener(void **state)
{
	(void)state;
	assert_int_equal(decode_text("{\"fds\":[\"a\",\"b\",\"seccompFd\",\"c\"]}"), 0);
	assert_int_equal(got.fd_index, 2);
	assert_string_equal(got.id, "");
	assert_int_equal(decode_text("{\"x\":{\"fds\":[]},\"fds\":[\"\",\"seccompFd\"]}"), 0);
	assert_int_equal(got.fd_index, 1);
}

static void needs_the_listener(void **state)
{
	static const char *const texts[] = {
		"{}", "{\"fds\":[]}", "{\"fds\":[\"seccompfd\"]}", "{\"fds\":[\"seccompFd2\"]}", "{\"fds\":\"seccompFd\"}",
		"{\"fds\":{\"seccompFd\":1}}", "{\"fds\":[[\"seccompFd\"]]}", "{\"fds\":[1,\"seccompFd\"]}",
		"{\"fds\":[\"seccompFd\",null]}", "{\"fds\":[{},\"seccompFd\"]}", "{\"fds\":null}", "{\"Fds\":[\"seccompFd\"]}",
		"{\"state\":{\"fds\":[\"seccompFd\"]}}", "{\"fds\":[\"seccompFd\",\"seccompFd\"]}",
		"{\"fds\":[\"seccompF\\u0064\"]}", "{\"fds\":[\"a\\n\",\"seccompFd\"]}", "{\"fds\":[\"seccompFd\",\"a\\n\"]}",
		"{\"fds\":[\"seccompFd\"],\"fds\":[\"seccompFd\"]}", "{\"fds\":[\"seccompFd\"],\"fds\":1}",
		"{\"fds\":[\"seccompFd\"],\"\\u0066ds\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (decode_text(texts[i]) != -EBADMSG)
			fail_msg("not refused: %s", texts[i]);
}

static void bounds_descriptors(void **state)
{
	(void)state;
	for (int extra = 0; extra <= 1; extra++) {
		int n = sprintf(big, "{\"fds\":[");

		for (int i = 1; i < LIMIT_MESSAGE_FDS + extra; i++)
			n += sprintf(big + n, "\"x\",");
		sprintf(big + n, "\"seccompFd\"]}");
		assert_int_equal(decode_text(big), extra ? -EBADMSG : 0);
	}
}

static void reads_pid(void **state)
{
	static const char *const refused[] = {
		"-1", "-0", "1.0", "1e9", "\"1\"", "null", "true", "[]", "{}", "9223372036854775808", "18446744073709551617",
		"99999999999999999999999",
	};
	char json[128];

	(void)state;
	assert_int_equal(decode_with("\"pid\":1"), 0);
	assert_int_equal(got.pid, 1);
	assert_int_equal(decode_with("\"pid\":1000000000000"), 0);
	assert_int_equal(got.pid, 1000000000000);
	assert_int_equal(decode_with("\"pid\":9223372036854775807"), 0);
	assert_int_equal(got.pid, INT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		snprintf(json, sizeof(json), "\"pid\":%s", refused[i]);
		if (decode_with(json) != -EBADMSG)
			fail_msg("not refused: %s", json);
	}
	assert_int_equal(decode_with("\"pid\":1,\"pid\":1"), -EBADMSG);
}

static void refuses_wrong_labels(void **state)
{
	static const char *const members[] = {
		"\"metadata\":1", "\"metadata\":null", "\"metadata\":[]", "\"metadata\":\"\",\"metadata\":\"\"", "\"state\":1",
		"\"state\":\"\"", "\"state\":[]", "\"state\":null", "\"state\":{},\"state\":{}", "\"state\":{\"id\":1}",
		"\"state\":{\"id\":null}", "\"state\":{\"id\":{}}", "\"state\":{\"id\":\"\",\"id\":\"\"}",
		"\"state\":{\"i\\u0064\":\"\"}", "\"\\n\":1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (decode_with(members[i]) != -EBADMSG)
			fail_msg("not refused: %s", members[i]);
}

static void keeps_labels(void **state)
{
	char json[1024], label[PAYLOAD_LABEL_MAX + 1];

	(void)state;
	assert_int_equal(decode_with("\"state\":{},\"metadata\":\"\",\"x\":{\"id\":1,\"\\n\":2}"), 0);
	assert_true(got.has_metadata);
	assert_string_equal(got.metadata, "");
	assert_string_equal(got.id, "");
	for (size_t n = PAYLOAD_LABEL_MAX - 2; n <= PAYLOAD_LABEL_MAX; n++) {
		memset(label, 'l', n);
		label[n] = '\0';
		snprintf(json, sizeof(json), "\"state\":{\"annotations\":{},\"id\":\"%s\"},\"metadata\":\"%s\"", label, label);
		assert_int_equal(decode_with(json), 0);
		label[n < PAYLOAD_LABEL_MAX ? n : PAYLOAD_LABEL_MAX - 1] = '\0';
		assert_string_equal(got.id, label);
		assert_string_equal(got.metadata, label);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_crun),
		cmocka_unit_test(reads_runc),
		cmocka_unit_test(reads_podman),
		cmocka_unit_test(any_split_is_the_same),
		cmocka_unit_test(incomplete_is_not_decoded),
		cmocka_unit_test(outcomes_stay),
		cmocka_unit_test(accepts_valid_values),
		cmocka_unit_test(refuses_invalid_values),
		cmocka_unit_test(refuses_other_top_levels),
		cmocka_unit_test(refuses_nul),
		cmocka_unit_test(bounds_depth),
		cmocka_unit_test(bounds_length),
		cmocka_unit_test(bounds_tokens),
		cmocka_unit_test(finds_the_listener),
		cmocka_unit_test(needs_the_listener),
		cmocka_unit_test(bounds_descriptors),
		cmocka_unit_test(reads_pid),
		cmocka_unit_test(refuses_wrong_labels),
		cmocka_unit_test(keeps_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
