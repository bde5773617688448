/* SPDX-License-Identifier: Apache-2.0 */
#include "store/account.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "proc/task.h"

static TAILQ_HEAD(, account) accounts = TAILQ_HEAD_INITIALIZER(accounts);

static bool name_file(int fd, uint64_t name[static 2])
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	name[0] = st.st_dev;
	name[1] = st.st_ino;
	return true;
}

struct account *account_join(const struct container *container)
{
	struct account *a, *new = calloc(1, sizeof(*new));

	if (!new || !name_file(container->userns, new->userns) || !name_file(container->mntns, new->mntns)) {
		free(new);
		return NULL;
	}
	TAILQ_FOREACH(a, &accounts, next) {
		if (memcmp(a->userns, new->userns, sizeof(a->userns)) != 0 || memcmp(a->mntns, new->mntns, sizeof(a->mntns)) != 0)
			continue;
		free(new);
		a->listeners++;
		return a;
	}
	TAILQ_INIT(&new->lasting);
	TAILQ_INIT(&new->passing);
	TAILQ_INIT(&new->unwatched);
	TAILQ_INSERT_TAIL(&accounts, new, next);
	new->listeners = 1;
	return new;
}

bool account_leave(struct account *a)
{
	return --a->listeners == 0;
}

void account_free(struct account *a)
{
	TAILQ_REMOVE(&accounts, a, next);
	free(a);
}

bool account_may_take(uint32_t has, uint32_t total, uint32_t limit)
{
	return total < limit && has < (limit - total + LIMIT_SHARE - 1) / LIMIT_SHARE;
}
