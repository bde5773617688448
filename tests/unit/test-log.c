/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reason.h"

#define GUARD 0xa5

static char out[4200];

static void assert_quoted(const char *text, const char *want)
{
	memset(out, GUARD, sizeof(out));
	log_quote(out, sizeof(out), text);
	assert_string_equal(out, want);
}

static void quotes(void **state)
{
	(void)state;
	assert_quoted("", "\"\"");
	assert_quoted("/etc/passwd", "\"/etc/passwd\"");
	assert_quoted("a b~!", "\"a b~!\"");
	assert_quoted("say \"\\\"", "\"say \\\"\\\\\\\"\"");
	assert_quoted("a\nb\r\t", "\"a\\x0ab\\x0d\\x09\"");
	assert_quoted("\x1b[2J\x7f", "\"\\x1b[2J\\x7f\"");
	assert_quoted("\xc3\xa4\xff", "\"\\xc3\\xa4\\xff\"");
}

/* What comes out is printable and can be read back, whatever goes in. */
static void every_byte_is_told_apart(void **state)
{
	char seen[256][8];

	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[2] = { (char)c, '\0' };

		log_quote(seen[c], sizeof(seen[c]), text);
		for (const char *p = seen[c]; *p; p++)
			assert_in_range(*p, ' ', '~');
		for (int other = 1; other < c; other++)
			assert_string_not_equal(seen[c], seen[other]);
	}
}

static void stays_within_bounds(void **state)
{
	static const char *const texts[] = {
		"", "a", "abcdefghijklmnopqrstuvwxyz", "\n\n\n\n\n\n\n\n\n", "\"\"\"\"\"\"\"\"\"", "a\nb\"c\\d\377efg"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		for (size_t size = 0; size < 60; size++) {
			char whole[100];
			size_t n;

			log_quote(whole, sizeof(whole), texts[i]);
			memset(out, GUARD, sizeof(out));
			log_quote(out, size, texts[i]);
			for (size_t k = size; k < 100; k++)
				assert_int_equal((unsigned char)out[k], GUARD);
			if (size == 0)
				continue;
			n = strnlen(out, size);
			assert_true(n < size);
			if (n < 2)
				continue;
			/* cut between two characters, and closed */
			assert_int_equal(out[0], '"');
			assert_int_equal(out[n - 1], '"');
			assert_memory_equal(out, whole, n - 1);
		}
	}
}

static void levels_have_names(void **state)
{
	enum log_level before = log_level;

	(void)state;
	assert_int_equal(log_level_set("error"), 0);
	assert_int_equal(log_level, LOG_LEVEL_ERROR);
	assert_int_equal(log_level_set("warning"), 0);
	assert_int_equal(log_level, LOG_LEVEL_WARNING);
	assert_int_equal(log_level_set("debug"), 0);
	assert_int_equal(log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_set("info"), 0);
	assert_int_equal(log_level, LOG_LEVEL_INFO);
	assert_int_equal(log_level_set("infos"), -EINVAL);
	assert_int_equal(log_level_set(""), -EINVAL);
	assert_int_equal(log_level, LOG_LEVEL_INFO);
	log_level = before;
}

/* What log_line() or log_errno() wrote to stderr, in out. */
static size_t logged(const char *text, int error)
{
	int saved = dup(STDERR_FILENO), fds[2];
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	assert_true(saved >= 0 && dup2(fds[1], STDERR_FILENO) >= 0);
	if (error)
		log_errno(LOG_LEVEL_ERROR, error, "%s", text);
	else
		log_line(LOG_LEVEL_ERROR, "%s", text);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(fds[1]);
	close(saved);
	n = read(fds[0], out, sizeof(out) - 1);
	close(fds[0]);
	assert_true(n > 0);
	out[n] = '\0';
	return (size_t)n;
}

static void writes_lines(void **state)
{
	char text[3000];
	size_t n;

	(void)state;
	logged("hello", 0);
	assert_string_equal(out, "subuidless: hello\n");
	logged("file", -ENOENT);
	assert_string_equal(out, "subuidless: file: No such file or directory\n");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t length = 900; length < 1100; length++) {
		n = logged(text + sizeof(text) - 1 - length, length % 2 ? -ENOENT : 0);
		assert_in_range(n, 900, 1024);
		assert_ptr_equal(strchr(out, '\n'), out + n - 1);
	}
	n = logged(text, 0);
	assert_int_equal(out[n - 1], '\n');
}

/* Counters, traces and docs/troubleshooting.md name reasons by these. */
static void reasons_are_complete(void **state)
{
	(void)state;
	for (enum reason reason = REASON_NONE; reason < REASON_COUNT; reason++) {
		const struct reason_info *info = &reason_infos[reason];

		assert_non_null(info->name);
		assert_in_range(info->kind, REASON_KIND_answer, REASON_KIND_errno);
		assert_non_null(reason_kinds[info->kind]);
		assert_true(reason == REASON_NONE || info->text[0] != '\0');
		for (enum reason other = REASON_NONE; other < reason; other++)
			assert_string_not_equal(info->name, reason_infos[other].name);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(every_byte_is_told_apart),
		cmocka_unit_test(stays_within_bounds),
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(writes_lines),
		cmocka_unit_test(reasons_are_complete),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
