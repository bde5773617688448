/* SPDX-License-Identifier: Apache-2.0 */
/* What create.c and situation.c share: who makes files, and how. */
#ifndef DIFF_CREATE_H
#define DIFF_CREATE_H

#include <stdbool.h>
#include <sys/types.h>

struct create_user {
	const char *name;
	void (*become)(void);
};

struct create_way {
	const char *name; /* NULL behind the last */
	long (*call)(const char *path, mode_t mode);
	bool opens;
};

extern const struct create_user create_users[];
extern const size_t create_user_count;
extern const struct create_way create_ways[];

void create_as(const struct create_user *user, void (*body)(const struct create_user *user));
/* Makes a directory of the pass the current one, and FD_DIR. */
void create_enter(const char *name);
void create_show(const char *name);
void create_show_fd(long fd);

/* situation.c: what can be in the way */
void situations_make(void);
void situations(const struct create_user *user);

#endif
