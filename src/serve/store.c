/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/log.h"
#include "serve/journal.h"

static struct shared {
	void *writable;
	const void *readable;
} records, credentials;

static int open_shared(struct shared *s, const char *name, size_t size)
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

/* What containers make records of, they choose: so that they cannot choose where these stand in the tables. */
static int choose_key(struct hash_key *key)
{
	return getrandom(key, sizeof(*key), 0) == sizeof(*key) ? 0 : -errno;
}

int store_open(void)
{
	int r = open_shared(&records, "subuidless-records", sizeof(struct records));

	if (r == 0)
		r = choose_key(&((struct records *)records.writable)->key);
	if (r == 0)
		journal_open(records.writable);
	if (r == 0)
		r = open_shared(&credentials, "subuidless-credentials", sizeof(struct creds));
	return r < 0 ? r : choose_key(&((struct creds *)credentials.writable)->key);
}

const struct records *store_table(void)
{
	return records.readable;
}

const struct creds *store_credentials(void)
{
	return credentials.readable;
}

int store_set(const struct record *record)
{
	struct owner before = { OWNER_NONE, OWNER_NONE };
	int r, appended;

	if (records_find(records.readable, &record->key, &before) < 0)
		return -EIO;
	r = records_set(records.writable, &record->key, record->owner);
	/* nothing has changed */
	if (r < -1 || owner_equal(before, record->owner))
		return r;
	appended = journal_append(record);
	if (appended < 0 && records_set(records.writable, &record->key, before) < -1)
		log_warnx("could not restore an owner record");
	return appended < 0 ? appended : r;
}

int32_t store_add_credentials(const struct cred *c)
{
	return creds_add(credentials.writable, c);
}
