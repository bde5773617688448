/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "rule/journal.h"

#define NEW_NAME "records.new"

static struct {
	int directory;
	int fd;       /* -1: there is none */
	off_t next;   /* its end */
	off_t copied; /* what is before in the old one is there, too */
} new = { .fd = -1 };

bool rewrite_is_current(int directory, int fd, const char *name)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && stat_same(&ours, &named);
}

/* Whoever else writes one has it locked. */
static int open_new(void)
{
	auto_fd fd = openat(new.directory, NEW_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || !rewrite_is_current(new.directory, fd, NEW_NAME) || ftruncate(fd, 0) < 0)
		return -1;
	return steal_fd(&fd);
}

static bool add(const void *bytes, size_t size)
{
	bool good = pwrite(new.fd, bytes, size, new.next) == (ssize_t)size;

	new.next += (off_t)size;
	return good;
}

static bool write_records(const struct records *table, uint64_t boot)
{
	static unsigned char bytes[1024 * JOURNAL_ENTRY];
	size_t n = 0;

	if (!add(journal_head, JOURNAL_ENTRY))
		return false;
	for (uint32_t i = 0; i < records_slots(table); i++) {
		if (record_is_passing(&table->slots[i]))
			continue;
		journal_encode(&table->slots[i], boot, bytes + n);
		n += JOURNAL_ENTRY;
		if (n == sizeof(bytes) && !add(bytes, n))
			return false;
		n %= sizeof(bytes);
	}
	return add(bytes, n);
}

bool rewrite_begin(int directory, const struct records *table, uint64_t boot, off_t covered)
{
	if (new.fd >= 0)
		return false;
	new.directory = directory;
	new.next = 0;
	new.copied = covered;
	new.fd = open_new();
	if (new.fd >= 0 && !write_records(table, boot))
		rewrite_give_up();
	return new.fd >= 0;
}

int rewrite_sync(void)
{
	return fdatasync(new.fd) < 0 ? -errno : 0;
}

bool rewrite_end(const char *name, int *fd, off_t *next)
{
	unsigned char bytes[64 * JOURNAL_ENTRY];

	while (new.copied < *next) {
		off_t left = *next - new.copied;
		ssize_t n = pread(*fd, bytes, left < (off_t)sizeof(bytes) ? (size_t)left : sizeof(bytes), new.copied);

		if (n <= 0 || !add(bytes, (size_t)n))
			return false;
		new.copied += n;
	}
	if (renameat(new.directory, NEW_NAME, new.directory, name) < 0)
		return false;
	/* that another daemon gets hold of it amid this does no harm */
	(void)!flock(new.fd, LOCK_SH | LOCK_NB);
	replace_fd(fd, new.fd);
	*next = new.next;
	new.fd = -1;
	return true;
}

void rewrite_give_up(void)
{
	if (new.fd < 0)
		return;
	unlinkat(new.directory, NEW_NAME, 0);
	replace_fd(&new.fd, -1);
}
