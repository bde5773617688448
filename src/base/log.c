/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum log_level log_level = LOG_LEVEL_INFO;

static const char *const names[] = { "error", "warning", "info", "debug" };

int log_level_set(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			log_level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* One write(2) for a line, so that the lines of several processes do not mix. */
static void PRINTF(2, 0) emit(const char *suffix, const char *format, va_list ap)
{
	char text[896], line[sizeof(text) + 160]; /* the suffix has 127 bytes at most */
	int n;

	if (vsnprintf(text, sizeof(text), format, ap) < 0)
		return;
	n = snprintf(line, sizeof(line), "subuidless: %s%s\n", text, suffix);
	if (n < 0 || write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* there is nowhere left to say it */
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list ap;

	if (level > log_level)
		return;
	va_start(ap, format);
	emit("", format, ap);
	va_end(ap);
}

/* Which limit an error comes from. */
static const char *limit_of(int error)
{
	switch (error) {
	case EMFILE:
		return " (see ulimit -n)";
	case ENOMEM:
		return " (see ulimit -v, and the memory limit of the cgroup)";
	default:
		return "";
	}
}

void log_errno(enum log_level level, int r, const char *format, ...)
{
	int error = r < 0 ? -r : r;
	char suffix[128];
	va_list ap;

	if (level > log_level)
		return;
	snprintf(suffix, sizeof(suffix), ": %s%s", strerror(error), limit_of(error));
	va_start(ap, format);
	emit(suffix, format, ap);
	va_end(ap);
}

const char *log_fork_limit(int r)
{
	return r == -EAGAIN ? " (see ulimit -u, and the limits of the cgroup and of kernel.pid_max)" : "";
}

void log_quote(char *out, size_t size, const char *text)
{
	size_t n = 0;

	if (size < 3) {
		if (size > 0)
			out[0] = '\0';
		return;
	}
	out[n++] = '"';
	for (; *text && n + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			n += (size_t)snprintf(out + n, size - n, "\\%c", c);
		else if (c >= ' ' && c < 0x7f)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
	}
	out[n++] = '"';
	out[n] = '\0';
}
