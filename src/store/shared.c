/* SPDX-License-Identifier: Apache-2.0 */
#include "store/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>

int shared_open(struct shared *s, const char *name, size_t size)
{
	auto_fd fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *readable;

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return -errno;
	s->writable = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (s->writable == MAP_FAILED || madvise(s->writable, size, MADV_DONTFORK) < 0)
		return -errno;
	/* from here on no mapping of it can be made writable */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	readable = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	s->readable = readable;
	return readable == MAP_FAILED ? -errno : 0;
}

int shared_choose_key(struct hash_key *key)
{
	return getrandom(key, sizeof(*key), 0) == sizeof(*key) ? 0 : -errno;
}
