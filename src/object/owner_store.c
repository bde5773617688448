/* SPDX-License-Identifier: Apache-2.0 */
#include "object/owner_store.h"

#include <errno.h>
#include <pthread.h>
#include <sys/inotify.h>
#include <time.h>

#include "base/sys.h"
#include "ipc/broker_call.h"
#include "object/identity.h"

#define STEP_US 100

static const struct records *shared;
static int inotify_fd = -1;

void owner_store_init(const struct records *table, int inotify)
{
	shared = table;
	inotify_fd = inotify;
}

bool owner_store_in_use(void)
{
	return !records_are_empty(shared);
}

bool owner_store_has_xattrs(void)
{
	return __atomic_load_n(&shared->xattrs, __ATOMIC_RELAXED) != 0;
}

bool owner_store_may_know(uint64_t ino, uint64_t born)
{
	/* 0: what is known by its handle, whatever its time of birth is */
	return !records_are_empty(shared) && (records_may_know(shared, ino, born) || (born != 0 && records_may_know(shared, ino, 0)));
}

static int watch(int fd, uint32_t mask)
{
	char name[FD_LINK_MAX];

	fd_link(name, "", fd);
	return inotify_add_watch(inotify_fd, name, IN_DELETE_SELF | mask);
}

/*
 * Where there is no time of birth, a number may be used again before the broker has learnt that its object is gone. The watch is of the object
 * itself: where it can be made now, this is another one. One thread at a time, for another one's trial would count; but who hangs in a file
 * system that the container serves hinders nobody.
 */
static bool is_still_watched(int fd)
{
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	struct timespec until;
	bool alone;
	int number;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	alone = pthread_mutex_timedlock(&turn, &until) == 0;
	number = watch(fd, IN_MASK_CREATE);
	if (number >= 0)
		inotify_rm_watch(inotify_fd, number);
	if (alone)
		pthread_mutex_unlock(&turn);
	return number < 0;
}

static int find(const struct record_key *key, bool anywhere, struct record *record)
{
	const struct timespec step = { 0, STEP_US * 1000L };
	int r = -EAGAIN;

	for (int waited = 0; r == -EAGAIN && waited < OWNER_STORE_WAIT_MS * 1000; waited += STEP_US) {
		if (waited > 0)
			nanosleep(&step, NULL);
		r = anywhere ? records_find_anywhere(shared, key, record) : records_find(shared, key, record);
	}
	return r;
}

/* What another file system says of the object, of which this one may be an overlay: a number alone would say nothing. */
static int find_below(const struct record_key *key, struct record *record)
{
	return key->born ? find(key, true, record) : 0;
}

int owner_store_find(int fd, const struct record_key *key, struct owner *owner)
{
	struct record record;
	int r = find(key, false, &record);

	if (r == 0)
		r = find_below(key, &record);
	if (r == 1 && record_is_passing(&record) && record.flags & RECORD_WATCHED && !is_still_watched(fd))
		return 0;
	if (r == 1)
		*owner = record.owner;
	return r;
}

/* The object's end is told when nobody has it open any more: not before the caller closes this, and so after the broker's answer. */
static void add_watch(int fd, struct watched_record *w)
{
	if (w->record.flags & RECORD_WATCHED && !owner_is_none(w->record.owner))
		w->watch = watch(fd, 0);
}

int owner_store_open_xattrs(int fd, const struct record *record)
{
	struct message message = { .kind = MESSAGE_XATTRS, .record = { .record = *record, .watch = -1 } };
	struct record found;

	/* those of a layer's object */
	if (owner_is_none(record->owner) && find(&record->key, false, &found) == 0 && find_below(&record->key, &found) == 1)
		message.record.record.key = found.key;
	add_watch(fd, &message.record);
	return broker_call_for_file(&message);
}

int owner_store_find_of_file_system(const struct record_key *key, struct owner *owner)
{
	/* to forget what has no record changes nothing, and is done after all that inotify has told */
	struct message nothing = {
		.kind = MESSAGE_RECORD,
		.record = { .record = { .key = { key->fs, key->ino, 1 }, .owner = { OWNER_NONE, OWNER_NONE } }, .watch = -1 },
	};
	struct record found;
	int r = find(key, false, &found);

	if (r == 1)
		r = broker_call(&nothing) < 0 ? -EIO : find(key, false, &found);
	if (r == 1)
		*owner = found.owner;
	return r < 0 ? -EIO : r;
}

int owner_store_set(int fd, const struct record *record)
{
	struct message message = { .kind = MESSAGE_RECORD, .record = { .record = *record, .watch = -1 } };
	struct record below;

	/* where that of a layer would be seen again, no owner is one */
	if (owner_is_none(record->owner) && find_below(&record->key, &below) == 1 && below.key.fs != record->key.fs)
		message.record.record.owner = (struct owner){ 0, 0 };
	add_watch(fd, &message.record);
	if (record_is_passing(record))
		message.record.fs_type = identity_passes_before_its_object(fd);
	return broker_call(&message);
}
