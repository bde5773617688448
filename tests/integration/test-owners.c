/* SPDX-License-Identifier: Apache-2.0 */
/* What stays in the owner store and in its file, and what goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "object/identity.h"
#include "object/object.h"
#include "proc/task.h"
#include "rule/journal.h"
#include "store/account.h"
#include "store/journal.h"
#include "store/owners.h"

/* A socket to another broker of the user, in a process of its own. */
static int another;

static char home[] = "/tmp/subuidless-test-store.XXXXXX";

static int another_broker(void);

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(home) || setenv("XDG_STATE_HOME", home, 1) < 0 || another_broker() < 0)
		return -1;
	return owners_open();
}

static int tear_down(void **state)
{
	char path[128];

	(void)state;
	close(another);
	while (wait(NULL) > 0)
		;
	snprintf(path, sizeof(path), "%s/subuidless/records.new", home);
	(void)!unlink(path);
	snprintf(path, sizeof(path), "%s/subuidless/records", home);
	if (unlink(path) < 0)
		return -1;
	*strrchr(path, '/') = '\0';
	return rmdir(path) < 0 || rmdir(home) < 0 ? -1 : 0;
}

/* A container: the namespaces of this process, and a number in the place of a mount namespace, which nobody enters. */
static struct account *start_container(int number)
{
	static int places[64];
	struct container c = { .userns = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), .root = -1 };
	struct account *a;

	if (places[number] == 0)
		places[number] = memfd_create("container", MFD_CLOEXEC);
	c.mntns = places[number];
	a = account_join(&c);
	assert_non_null(a);
	close(c.userns);
	return a;
}

/* RECORD_WATCHED: by a watch that tells nothing. */
static int set_owner(struct account *a, struct record_key of, uint32_t uid, uint32_t flags)
{
	struct watched_record w = { .record = { .key = of, .owner = { uid, uid == OWNER_NONE ? uid : 50 }, .flags = flags }, .watch = -1 };

	w.watch = flags & RECORD_WATCHED ? 1000000 + (int)of.ino : -1;
	return owners_set(a, &w);
}

/* 0: nobody's. */
static uint32_t owner_of(struct record_key of)
{
	struct record record;

	return records_find(owners_table(), &of, &record) == 1 ? record.owner.cuid : 0;
}

static uint32_t count(void)
{
	return owners_table()->count;
}

/* An object of this file system, as a worker records it. */
static struct record_key make_object(struct account *a, const char *path)
{
	struct record record;
	struct statx stx;
	char link[64];
	int fd, number;

	assert_int_equal(symlink("nowhere", path), 0);
	fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	assert_true(fd >= 0 && object_stat(fd, &stx) == 0);
	record = identity_of(fd, &stx);
	record.owner = (struct owner){ 33, 33 };
	assert_true(record.flags & RECORD_WATCHED);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	number = inotify_add_watch(owners_watches(), link, IN_DELETE_SELF);
	assert_true(number >= 0);
	assert_int_equal(owners_set(a, &(struct watched_record){ .record = record, .watch = number }), 0);
	close(fd);
	return record.key;
}

static void what_is_gone_is_forgotten(void **state)
{
	struct account *a = start_container(1);
	uint32_t before = count();
	struct record_key of;
	char one[256], two[256];

	(void)state;
	snprintf(one, sizeof(one), "%s/one", home);
	snprintf(two, sizeof(two), "%s/two", home);
	of = make_object(a, one);
	owners_catch_up();
	assert_true(owner_of(of) == 33 && a->records == 1);
	/* another name is the same object */
	assert_int_equal(rename(one, two) || link(two, one) || unlink(two), 0);
	owners_catch_up();
	assert_int_equal(owner_of(of), 33);
	assert_int_equal(unlink(one), 0);
	owners_catch_up();
	assert_true(owner_of(of) == 0 && a->records == 0 && count() == before);
	/* also of a container that has ended */
	of = make_object(a, one);
	owners_leave(a);
	assert_int_equal(owner_of(of), 33);
	assert_int_equal(unlink(one), 0);
	owners_catch_up();
	assert_int_equal(count(), before);
}

/* Many more than a container may have, and than an inotify queue holds. */
static void made_and_removed_without_end(void **state)
{
	struct account *a = start_container(2);
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/churn", home);
	for (int i = 0; i < 20000; i++) {
		make_object(a, path);
		assert_int_equal(unlink(path), 0);
		if (i % 100 == 0)
			owners_catch_up();
	}
	owners_catch_up();
	assert_int_equal(a->records, 0);
	owners_leave(a);
}

static void a_younger_object_has_the_number(void **state)
{
	struct account *a = start_container(3);

	(void)state;
	assert_int_equal(set_owner(a, (struct record_key){ 9, 9, 1 }, 1, RECORD_SOLE), 0);
	assert_int_equal(set_owner(a, (struct record_key){ 9, 9, 2 }, 2, RECORD_SOLE), 0);
	assert_true(owner_of((struct record_key){ 9, 9, 1 }) == 0 && owner_of((struct record_key){ 9, 9, 2 }) == 2);
	assert_int_equal(a->records, 1);
	/* where two may have it, both stay */
	assert_int_equal(set_owner(a, (struct record_key){ 8, 9, 1 }, 1, 0), 0);
	assert_int_equal(set_owner(a, (struct record_key){ 8, 9, 2 }, 2, 0), 0);
	assert_true(owner_of((struct record_key){ 8, 9, 1 }) == 1 && owner_of((struct record_key){ 8, 9, 2 }) == 2);
	assert_int_equal(set_owner(a, (struct record_key){ 8, 9, 1 }, OWNER_NONE, 0), 0);
	assert_int_equal(a->records, 2);
	owners_leave(a);
}

static void what_passes_ends_with_its_container(void **state)
{
	struct account *a = start_container(4), *neighbour = start_container(5), *same = start_container(4);
	uint32_t before = count();

	(void)state;
	assert_ptr_equal(a, same);
	for (uint64_t ino = 1; ino <= 10; ino++)
		assert_int_equal(set_owner(a, (struct record_key){ 7, ino, 0 }, 1, 0), 0);
	assert_int_equal(set_owner(neighbour, (struct record_key){ 6, 1, 0 }, 2, 0), 0);
	owners_leave(same);
	assert_int_equal(count(), before + 11);
	owners_leave(a);
	assert_true(count() == before + 1 && owner_of((struct record_key){ 6, 1, 0 }) == 2);
	owners_leave(neighbour);
	assert_int_equal(count(), before);
}

/* Whatever one has, the next finds room, and what it gives back is free again. */
static void nobody_takes_it_all(void **state)
{
	enum { HOGS = 3 };
	struct account *hogs[HOGS];
	uint32_t before = count();

	(void)state;
	for (int i = 0; i < HOGS; i++) {
		struct record_key of = { 100 + (uint64_t)i, 0, 0 };
		int r;

		hogs[i] = start_container(10 + i);
		/* what never ends but with the container makes room for itself: the oldest goes */
		of.born = i == 0 ? 0 : 1;
		do {
			of.ino++;
			r = set_owner(hogs[i], of, 1, of.ino <= 100 ? RECORD_WATCHED : 0);
		} while (r == 0 && of.ino < 2 * RECORDS_MOST / LIMIT_SHARE);
		assert_in_range(hogs[i]->records, (RECORDS_MOST - count()) / LIMIT_SHARE - 1, (RECORDS_MOST - count()) / LIMIT_SHARE + 2);
		assert_int_equal(r, i == 0 ? 0 : -ENOSPC);
		if (i == 0) {
			/* but not of those that are watched */
			assert_true(owner_of(of) == 1 && owner_of((struct record_key){ of.fs, 101, 0 }) == 0);
			assert_true(owner_of((struct record_key){ of.fs, 1, 0 }) == 1 && owner_of((struct record_key){ of.fs, 100, 0 }) == 1);
			continue;
		}
		/* a change is no new one */
		assert_int_equal(set_owner(hogs[i], (struct record_key){ of.fs, 1, 1 }, 5, 0), 0);
		assert_int_equal(set_owner(hogs[i], (struct record_key){ of.fs, 1, 1 }, OWNER_NONE, 0), 0);
		assert_int_equal(set_owner(hogs[i], (struct record_key){ of.fs, 1, 2 }, 5, 0), 0);
	}
	/* a quarter of what is free, each */
	assert_true(RECORDS_MOST - count() > RECORDS_MOST / 2);
	owners_leave(hogs[0]);
	for (int i = 1; i < HOGS; i++) {
		for (uint64_t n = 2; hogs[i]->records > 0; n++)
			(void)!set_owner(hogs[i], (struct record_key){ 100 + (uint64_t)i, n / 2, 1 + n % 2 }, OWNER_NONE, 0);
		owners_leave(hogs[i]);
	}
	assert_int_equal(count(), before);
}

static off_t size_of_file(void)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/subuidless/records", home);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* What a broker does when a child of it has ended. */
static bool reap(void)
{
	int status;
	pid_t pid;
	bool good = true;

	while (good && (pid = waitpid(-1, &status, WNOHANG)) > 0)
		good = journal_reap(pid, status);
	return good;
}

/* Entries of a file that was written anew, since it is at 65,536 changes. */
#define SMALL 80000
#define MANY 140000

/* Changes one owner until the file is small: the disk may be slow. */
static void await_small(struct account *a, struct record_key of, uint32_t uid)
{
	for (uint32_t i = 0; i < 3000 && size_of_file() > SMALL * JOURNAL_ENTRY; i++) {
		usleep(10000);
		assert_int_equal(set_owner(a, of, uid + 1 + i % 2, 0), 0);
		assert_true(reap());
	}
	assert_int_equal(set_owner(a, of, uid, 0), 0);
	assert_in_range(size_of_file(), JOURNAL_ENTRY, SMALL * JOURNAL_ENTRY);
}

/* One object whose owner changes again and again. */
static void the_file_stays_small(void **state)
{
	struct account *a = start_container(6);

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(set_owner(a, (struct record_key){ 5, 5, 5 }, 1 + i % 2, 0), 0);
	await_small(a, (struct record_key){ 5, 5, 5 }, 7);
	assert_int_equal(owner_of((struct record_key){ 5, 5, 5 }), 7);
	assert_int_equal(set_owner(a, (struct record_key){ 5, 5, 5 }, OWNER_NONE, 0), 0);
	owners_leave(a);
}

struct command {
	struct record_key key;
	uint32_t uid, times; /* of changes, the last one to uid */
};

/* Sets an owner so many times, at last the uid, and answers whose the object is. */
static int another_broker(void)
{
	struct command c;
	struct account *a = NULL;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	another = pair[0];
	switch (fork()) {
	case -1:
		return -1;
	case 0:
		break;
	default:
		return close(pair[1]);
	}
	close(pair[0]);
	while (recv(pair[1], &c, sizeof(c), 0) == sizeof(c)) {
		uint32_t owner = 0;
		bool good = true;

		if (!a) {
			good = owners_open() == 0;
			a = start_container(8);
		}
		owners_catch_up();
		for (; c.times > 0 && good; c.times--) {
			good = set_owner(a, c.key, c.uid + (c.times - 1) % 2, 0) == 0;
		}
		good &= reap();
		owner = good ? owner_of(c.key) : UINT32_MAX;
		send(pair[1], &owner, sizeof(owner), 0);
	}
	_exit(0);
}

static uint32_t tell(struct record_key of, uint32_t uid, uint32_t times)
{
	struct command c = { of, uid, times };
	uint32_t owner;

	assert_int_equal(send(another, &c, sizeof(c), 0), sizeof(c));
	assert_int_equal(recv(another, &owner, sizeof(owner), 0), sizeof(owner));
	return owner;
}

/* Whoever writes the file anew, the other one goes on with the new one. */
static void two_brokers_write_the_file_anew(void **state)
{
	struct record_key ours = { 4, 4, 4 }, theirs = { 3, 3, 3 };
	struct account *a = start_container(9);

	(void)state;
	assert_int_equal(tell(theirs, 70, 1), 70);
	owners_catch_up();
	assert_int_equal(owner_of(theirs), 70);
	assert_int_equal(set_owner(a, ours, 60, 0), 0);
	assert_int_equal(tell(ours, 0, 0), 60);
	assert_int_equal(tell(theirs, 71, MANY), 71);
	for (int i = 0; i < 3000 && size_of_file() > SMALL * JOURNAL_ENTRY && usleep(10000) == 0; i++)
		assert_int_equal(tell(theirs, 71, 2), 71);
	assert_in_range(size_of_file(), JOURNAL_ENTRY, SMALL * JOURNAL_ENTRY);
	/* this one has the old file still, until it sees that, or adds to it */
	assert_int_equal(set_owner(a, ours, 61, 0), 0);
	assert_int_equal(owner_of(theirs), 71);
	assert_int_equal(tell(ours, 0, 0), 61);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(set_owner(a, ours, 62 + i % 2, 0), 0);
	await_small(a, ours, 63);
	assert_int_equal(tell(ours, 0, 0), 63);
	assert_int_equal(tell(theirs, 72, 1), 72);
	owners_catch_up();
	assert_int_equal(owner_of(theirs), 72);
	assert_int_equal(set_owner(a, theirs, OWNER_NONE, 0), 0);
	assert_int_equal(tell(theirs, 0, 0), 0);
	assert_int_equal(set_owner(a, ours, OWNER_NONE, 0), 0);
	owners_leave(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_gone_is_forgotten),
		cmocka_unit_test(made_and_removed_without_end),
		cmocka_unit_test(a_younger_object_has_the_number),
		cmocka_unit_test(what_passes_ends_with_its_container),
		cmocka_unit_test(the_file_stays_small),
		cmocka_unit_test(two_brokers_write_the_file_anew),
		cmocka_unit_test(nobody_takes_it_all),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
