/* SPDX-License-Identifier: Apache-2.0 */
/* One line on stderr for each message. What a container can cause at will is logged at LOG_LEVEL_DEBUG only. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/util.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

extern enum log_level log_level;

/* Sets the level by name (error, warning, info, debug); -EINVAL for another name. */
int log_level_set(const char *name) MUST_CHECK;

void log_line(enum log_level level, const char *format, ...) PRINTF(2, 3);

/* As log_line(), then ": ", the text of the error number -r, and which limit it comes from, if that is known. */
void log_errno(enum log_level level, int r, const char *format, ...) PRINTF(3, 4);

/* For the end of the message that fork(2) has failed with r: which limits that can come from. */
const char *log_fork_limit(int r);

#define log_warnx(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_warn(r, ...) log_errno(LOG_LEVEL_WARNING, (r), __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) do { if (log_level >= LOG_LEVEL_DEBUG) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__); } while (0)

/* Writes text in quotes to out, every byte that is not printable escaped as in C, cut so that it fits into size bytes. */
void log_quote(char *out, size_t size, const char *text);

#endif
