/* SPDX-License-Identifier: Apache-2.0 */
#include "store/xattr_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/sys.h"
#include "store/entries.h"
#include "store/journal.h"
#include "store/owners.h"
#include "store/trouble.h"

#define DIRECTORY "xattrs"
#define NAME_SIZE 64

static int directory = -1; /* an O_PATH descriptor; -1: there is none yet */
static uint32_t total;

static const char *name_of(const struct record_key *key, char name[static NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%016" PRIx64 "-%016" PRIx64 "-%016" PRIx64, key->fs, key->ino, key->born);
	return name;
}

/* False: it is no name of ours. */
static bool parse_name(const char *name, struct record_key *key)
{
	char again[NAME_SIZE];

	return sscanf(name, "%16" SCNx64 "-%16" SCNx64 "-%16" SCNx64, &key->fs, &key->ino, &key->born) == 3 &&
	       strcmp(name_of(key, again), name) == 0;
}

static bool is_recorded(const struct record_key *key)
{
	struct record record;
	int r = records_find(owners_table(), key, &record);

	return r < 0 || (r == 1 && record.flags & RECORD_XATTRS);
}

/* It is that of this user, whom nobody else can write to. */
static int open_directory(bool make)
{
	int store = journal_directory();

	if (directory >= 0)
		return 0;
	if (store < 0)
		return -EPERM;
	if (make && mkdirat(store, DIRECTORY, 0700) < 0 && errno != EEXIST)
		return -errno;
	directory = openat(store, DIRECTORY, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return directory < 0 ? -errno : 0;
}

void xattr_files_open(void)
{
	int fd = open_directory(false) < 0 ? -1 : openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *files = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *file;

	if (!files) {
		cleanup_fd(&fd);
		return;
	}
	while ((file = readdir(files)) != NULL) {
		struct record_key key;

		if (!parse_name(file->d_name, &key))
			continue;
		total++;
		/* another daemon records first and makes then */
		if (!is_recorded(&key))
			journal_catch_up();
		if (!is_recorded(&key) && !trouble_any())
			xattr_files_remove(&key);
	}
	closedir(files);
}

/* Makes one, which the account has. An O_PATH descriptor, or -errno. */
static int make(struct account *account, const struct record *record)
{
	struct owner_entry *entry = entry_find(record);
	char name[NAME_SIZE];
	auto_fd fd = openat(directory, name_of(&record->key, name), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return r;
	total++;
	if (entry)
		entry_take_xattr_file(entry, account);
	return r < 0 ? -errno : r;
}

/* Its record says that there is one, and the object is watched. 0 or -errno. */
static int record(struct account *account, const struct watched_record *of, const struct owner *owner)
{
	struct watched_record change = *of;

	change.record.owner = *owner;
	change.record.flags |= RECORD_XATTRS;
	return owners_set(account, &change);
}

int xattr_files_find(struct account *account, const struct watched_record *of)
{
	struct record found = { .owner = of->record.owner };
	char name[NAME_SIZE];
	int r = records_find(owners_table(), &of->record.key, &found);
	bool has = r == 1 && found.flags & RECORD_XATTRS && open_directory(false) == 0, makes = !owner_is_none(of->record.owner);
	auto_fd fd = has ? openat(directory, name_of(&of->record.key, name), O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (r < 0)
		return -EIO;
	if (!makes)
		return fd < 0 ? -ENODATA : steal_fd(&fd);
	/* what ends with its container is not worth a file */
	if (record_is_passing(&of->record))
		return -EPERM;
	if (fd < 0 && !account_may_take(account->xattr_files, total, LIMIT_XATTR_FILES))
		return -ENOSPC;
	r = open_directory(true);
	if (r == 0)
		r = record(account, of, &found.owner);
	if (r < 0)
		return r;
	return fd < 0 ? make(account, &of->record) : steal_fd(&fd);
}

void xattr_files_remove(const struct record_key *key)
{
	char name[NAME_SIZE];

	if (open_directory(false) == 0 && unlinkat(directory, name_of(key, name), 0) == 0)
		total -= total > 0;
	else
		log_debug("no xattrs of an object that is gone");
}
