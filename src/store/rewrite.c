/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "rule/journal.h"
#include "store/journal_file.h"

#define NEW_NAME "records.new"

static struct {
	int directory;
	int fd;       /* -1: there is none */
	off_t next;   /* its end */
	off_t copied; /* what is before in the old one is there, too */
} new = { .fd = -1 };

static int compare(const void *left, const void *right)
{
	const struct record_key *a = &((const struct record *)left)->key, *b = &((const struct record *)right)->key;

	if (a->fs != b->fs)
		return a->fs < b->fs ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return a->born > b->born ? -1 : a->born < b->born;
}

void rewrite_forget_gone(const struct records *table, journal_take *take)
{
	struct record *all = calloc(table->count + 1UL, sizeof(*all));
	size_t n = 0;

	for (uint32_t i = 0; all && i < records_slots(table) && n < table->count; i++)
		if (table->slots[i].flags & RECORD_SOLE)
			all[n++] = table->slots[i];
	if (n > 0)
		qsort(all, n, sizeof(*all), compare);
	for (size_t i = 1; i < n; i++) {
		all[i].owner = (struct owner){ OWNER_NONE, OWNER_NONE };
		if (all[i].key.fs == all[i - 1].key.fs && all[i].key.ino == all[i - 1].key.ino && take(&all[i]) < -1)
			break;
	}
	free(all);
}

/* Whoever else writes one has it locked. */
static int open_new(void)
{
	auto_fd fd = openat(new.directory, NEW_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	int r = fd < 0 ? -errno : journal_file_lock(fd, 1);

	if (r == 0 && journal_file_place(new.directory, NEW_NAME, fd, 0) == JOURNAL_REPLACED)
		r = -EAGAIN;
	if (r == 0 && ftruncate(fd, 0) < 0)
		r = -errno;
	return r < 0 ? r : steal_fd(&fd);
}

static int add(const void *bytes, size_t size)
{
	int r = journal_file_write(new.fd, bytes, size, new.next);

	new.next += (off_t)size;
	return r;
}

static int write_records(const struct records *table, uint64_t boot)
{
	static unsigned char bytes[1024 * JOURNAL_ENTRY];
	int r = add(journal_head, JOURNAL_ENTRY);
	size_t n = 0;

	for (uint32_t i = 0; r == 0 && i < records_slots(table); i++) {
		if (record_is_passing(&table->slots[i]))
			continue;
		journal_encode(&table->slots[i], boot, bytes + n);
		n += JOURNAL_ENTRY;
		if (n == sizeof(bytes)) {
			r = add(bytes, n);
			n = 0;
		}
	}
	return r < 0 ? r : add(bytes, n);
}

int rewrite_begin(int directory, const struct records *table, uint64_t boot, off_t covered)
{
	int r;

	if (new.fd >= 0)
		return -EAGAIN;
	new.directory = directory;
	new.next = 0;
	new.copied = covered;
	r = open_new();
	if (r < 0)
		return r;
	new.fd = r;
	r = write_records(table, boot);
	if (r < 0)
		rewrite_give_up();
	return r;
}

int rewrite_sync(void)
{
	return fdatasync(new.fd) < 0 ? -errno : 0;
}

int rewrite_end(const char *name, int *fd, off_t *next)
{
	unsigned char bytes[64 * JOURNAL_ENTRY];

	while (new.copied < *next) {
		off_t left = *next - new.copied;
		ssize_t n = pread(*fd, bytes, left < (off_t)sizeof(bytes) ? (size_t)left : sizeof(bytes), new.copied);
		int r = n <= 0 ? -EIO : add(bytes, (size_t)n);

		if (r < 0)
			return r;
		new.copied += n;
	}
	if (renameat(new.directory, NEW_NAME, new.directory, name) < 0)
		return -errno;
	replace_fd(fd, new.fd);
	*next = new.next;
	new.fd = -1;
	return 0;
}

void rewrite_give_up(void)
{
	if (new.fd < 0)
		return;
	unlinkat(new.directory, NEW_NAME, 0);
	replace_fd(&new.fd, -1);
}
