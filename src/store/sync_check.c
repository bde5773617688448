/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sync_check.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "store/trouble.h"

/* Later than the kernel begins to write what it is not asked to: vm.dirty_expire_centisecs is 30 s. */
#define AFTER_S 40

static time_t written; /* 0: all was asked for */
static pid_t child;

void sync_check_written(void)
{
	if (!written)
		written = trouble_clock();
}

int sync_check_ms(void)
{
	time_t left = written + AFTER_S - trouble_clock();

	return !written || child ? -1 : left > 0 ? (int)left * 1000 : 0;
}

void sync_check_if_due(int fd)
{
	if (sync_check_ms() != 0 || fd < 0)
		return;
	child = fork();
	if (child == 0)
		_exit(fdatasync(fd) < 0);
	if (child < 0)
		child = 0;
	/* without a process for it, later */
	written = child ? 0 : trouble_clock();
}

int sync_check_reap(pid_t pid, int status)
{
	if (child <= 0 || pid != child)
		return 0;
	child = 0;
	return status == 0 ? 1 : -EIO;
}
