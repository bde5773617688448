/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker can do to the memory that it shares, and what stays in the table of credentials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cred/cookie.h"
#include "object/owner_store.h"
#include "proc/task.h"
#include "rule/journal.h"
#include "serve/counters.h"
#include "store/account.h"
#include "store/cred_store.h"
#include "store/owners.h"

static const struct record_key key = { 1, 2, 3 };

static char home[] = "/tmp/subuidless-test-store.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(home) || setenv("XDG_STATE_HOME", home, 1) < 0)
		return -1;
	return cookie_prepare() || owners_open() || cred_store_open() || counters_open();
}

static int tear_down(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/subuidless/records", home);
	if (unlink(path) < 0)
		return -1;
	*strrchr(path, '/') = '\0';
	return rmdir(path) < 0 || rmdir(home) < 0 ? -1 : 0;
}

/* Runs f in a child, as the broker's children run: its status. */
static int in_child(void (*f)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void read_it(void)
{
	struct record record;

	if (records_find(owners_table(), &key, &record) != 1 || record.owner.cuid != 42)
		_exit(1);
}

static void read_credentials(void)
{
	struct cred c;

	if (creds_count(cred_store_table()) != 2 || !creds_get(cred_store_table(), 1, &c) || c.euid != 42)
		_exit(1);
}

/* The container of this process. */
static struct account *join(uint16_t listener)
{
	struct container c = { open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), -1 };
	struct account *a = cred_store_join(listener, &c);

	assert_non_null(a);
	close(c.userns);
	close(c.mntns);
	return a;
}

static void a_child_reads_what_the_broker_writes(void **state)
{
	struct account *a = join(1);
	struct cred c = cred_root(0, 0, 0, 0, 0);

	(void)state;
	assert_int_equal(owners_set(a, &(struct watched_record){ .record = { .key = key, .owner = { 42, 43 } }, .watch = -1 }), 0);
	cred_store_leave(1);
	owners_leave(a);
	assert_int_equal(in_child(read_it), 0);
	assert_int_equal(cred_store_add(1, &c), 0);
	c.euid = 42;
	assert_int_equal(cred_store_add(1, &c), 1);
	assert_int_equal(cred_store_add(1, &c), 1);
	c.euid = CRED_KEEP;
	assert_int_equal(cred_store_add(1, &c), -EINVAL);
	assert_int_equal(in_child(read_credentials), 0);
}

static off_t size_of_file(void)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/subuidless/records", home);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void what_has_a_handle_outlasts_its_container(void **state)
{
	struct watched_record w = { .record = { .key = { 7, 1, 0 }, .owner = { 1, 1 } }, .watch = -1 };
	struct account *a = join(1);
	off_t size = size_of_file();
	struct record found;

	(void)state;
	assert_int_equal(owners_set(a, &w), 0);
	assert_int_equal(size_of_file(), size);
	w.record.key.ino = 2;
	w.record.flags = RECORD_HANDLE;
	assert_int_equal(owners_set(a, &w), 0);
	assert_int_equal(size_of_file(), size + JOURNAL_ENTRY);
	cred_store_leave(1);
	owners_leave(a);
	assert_int_equal(records_find(owners_table(), &w.record.key, &found), 1);
	assert_int_equal(records_find(owners_table(), &(struct record_key){ 7, 1, 0 }, &found), 0);
}

/* One of the two. */
static struct {
	const void *address;
	size_t size;
	const char *name;
} table;

static void write_to_it(void)
{
	signal(SIGSEGV, SIG_DFL);
	*(volatile uint32_t *)(uintptr_t)table.address = 7;
}

static void make_it_writable(void)
{
	if (mprotect((void *)(uintptr_t)table.address, table.size, PROT_READ | PROT_WRITE) == 0)
		_exit(1);
}

/* Neither a mapping nor the descriptor of the table that could be mapped anew is left to it, but the read-only one. */
static void look_for_another(void)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	int n = 0;

	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, table.name))
			continue;
		n++;
		if (!strstr(line, " r--s "))
			_exit(1);
	}
	_exit(n != 1);
}

static void map_it_again(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)table.address,
		 ((unsigned long)table.address + table.size + 4095) & ~4095UL);
	fd = open(path, O_RDWR);
	if (fd >= 0 && mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED)
		_exit(1);
}

static void a_child_cannot_write(const void *address, size_t size, const char *name)
{
	int status;

	table.address = address;
	table.size = size;
	table.name = name;
	status = in_child(write_to_it);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	assert_int_equal(in_child(make_it_writable), 0);
	assert_int_equal(in_child(look_for_another), 0);
	assert_int_equal(in_child(map_it_again), 0);
}

static void a_child_cannot_write_the_table(void **state)
{
	(void)state;
	a_child_cannot_write(owners_table(), sizeof(struct records), "subuidless-records");
	a_child_cannot_write(cred_store_table(), sizeof(struct creds), "subuidless-credentials");
}

static struct slot *own, *other;

static void touch_other(void)
{
	signal(SIGSEGV, SIG_DFL);
	counters_keep_only(own);
	own->isolation = 1;
	other->isolation = 1;
}

static void a_child_keeps_only_its_slot(void **state)
{
	int status;

	(void)state;
	other = counters_take();
	for (int i = 0; i < 3; i++) {
		own = counters_take();
		status = in_child(touch_other);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
		assert_int_equal(own->isolation, 1);
		assert_int_equal(other->isolation, 0);
		own->isolation = 0;
		other = own;
	}
}

struct writing {
	struct records *records;
	struct record *slot;
};

/* Ends a write that it finds begun, after what the broker waits for a processor on a busy machine. */
static void *end_write(void *argument)
{
	const struct timespec wait = { 0, 20000000 };
	struct writing *w = argument;

	nanosleep(&wait, NULL);
	w->slot->owner.cuid = 8;
	__atomic_add_fetch(&w->records->sequence, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void a_reader_waits_for_a_writer(void **state)
{
	struct records *records = mmap(NULL, sizeof(*records), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct record *slot = NULL;
	struct owner found;
	pthread_t writer;

	(void)state;
	assert_ptr_not_equal(records, MAP_FAILED);
	owner_store_init(records, -1);
	assert_int_equal(records_set(records, &(struct record){ .key = key, .owner = { 7, 7 } }), 1);
	assert_int_equal(owner_store_find(-1, &key, &found), 1);
	for (size_t i = 0; !slot; i++)
		slot = records->slots[i].key.ino ? &records->slots[i] : NULL;
	/* amid a write */
	slot->owner.cuid = 9;
	__atomic_add_fetch(&records->sequence, 1, __ATOMIC_RELAXED);
	assert_int_equal(pthread_create(&writer, NULL, end_write, &(struct writing){ records, slot }), 0);
	assert_int_equal(owner_store_find(-1, &key, &found), 1);
	assert_int_equal(found.cuid, 8);
	pthread_join(writer, NULL);
	/* and for one that does not go on not for ever */
	__atomic_add_fetch(&records->sequence, 1, __ATOMIC_RELAXED);
	assert_int_equal(owner_store_find(-1, &key, &found), -EAGAIN);
	munmap(records, sizeof(*records));
}

static void credentials_have_their_end_too(void **state)
{
	struct cred c = cred_root(0, 0, 0, 0, 0);
	struct account *a = join(2);
	uint32_t before = creds_count(cred_store_table()), n = 0;
	int32_t r;

	(void)state;
	for (r = 0; r >= 0 && n < LIMIT_CREDENTIALS; n += r >= 0) {
		c.ruid = n;
		r = cred_store_add(2 + n % 2, &c);
		/* two listeners, one share */
		assert_in_range(a->credentials, 1, LIMIT_CREDENTIALS / (LIMIT_SHARE + 1) + 1);
		if (n == 1)
			assert_ptr_equal(join(3), a);
	}
	assert_true(r == -ENOSPC || n == LIMIT_CREDENTIALS);
	/* another container has room */
	c.ruid = 1;
	assert_true(cred_store_add(4, &c) >= 0);
	/* no process carries those: two looks at all processes, a second apart, and there is room again */
	for (int i = 0; i < 200 && r < 0; i++) {
		const struct timespec step = { 0, 100000000 };

		nanosleep(&step, NULL);
		c.ruid = LIMIT_CREDENTIALS + i;
		r = cred_store_add(2, &c);
	}
	assert_true(r >= 0 && a->credentials < LIMIT_CREDENTIALS / 2 / LIMIT_SHARE);
	for (uint16_t listener = 2; listener <= 4; listener++)
		cred_store_leave(listener);
	assert_in_range(creds_count(cred_store_table()), 0, before);
	owners_leave(a);
	owners_leave(a);
}

static void what_a_process_carries_stays(void **state)
{
	struct cred c = cred_root(0, 0, 0, 0, 0), got;
	struct rlimit old, new;
	int32_t index;

	(void)state;
	c.euid = 77;
	index = cred_store_add(5, &c);
	assert_true(index >= 0);
	assert_int_equal(getrlimit(RLIMIT_LOCKS, &old), 0);
	new = (struct rlimit){ cookie_of(index), RLIM_INFINITY };
	if (setrlimit(RLIMIT_LOCKS, &new) < 0)
		skip();
	for (uint32_t i = 0; i < LIMIT_CREDENTIALS / 2; i++) {
		const struct timespec step = { 0, 100000 };
		struct cred more = cred_root(0, 0, 0, 0, 0);

		more.ruid = i;
		if (cred_store_add(5, &more) < 0 || i % 8 == 0)
			nanosleep(&step, NULL);
	}
	assert_true(creds_get(cred_store_table(), (uint32_t)index, &got) && got.euid == 77);
	assert_true(creds_is_sure(cred_store_table(), (uint32_t)index));
	assert_int_equal(setrlimit(RLIMIT_LOCKS, &old), 0);
	cred_store_leave(5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_reads_what_the_broker_writes),
		cmocka_unit_test(what_has_a_handle_outlasts_its_container),
		cmocka_unit_test(a_child_cannot_write_the_table),
		cmocka_unit_test(a_child_keeps_only_its_slot),
		cmocka_unit_test(a_reader_waits_for_a_writer),
		cmocka_unit_test(credentials_have_their_end_too),
		cmocka_unit_test(what_a_process_carries_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
