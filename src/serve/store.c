/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

static struct records *writable;
static const struct records *readable;

int store_open(void)
{
	auto_fd fd = memfd_create("subuidless-records", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t size = sizeof(struct records);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return -errno;
	writable = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (writable == MAP_FAILED || madvise(writable, size, MADV_DONTFORK) < 0)
		return -errno;
	/* from here on no mapping of it can be made writable */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	readable = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	return readable == MAP_FAILED ? -errno : 0;
}

const struct records *store_table(void)
{
	return readable;
}

int store_set(const struct record *record)
{
	return records_set(writable, &record->key, record->owner);
}
