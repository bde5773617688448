/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker can do to the memory that it shares. */
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
#include <sys/wait.h>

#include "object/owner_store.h"
#include "serve/counters.h"
#include "serve/store.h"

static const struct record_key key = { 1, 2, 3 };

static char home[] = "/tmp/subuidless-test-store.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(home) || setenv("XDG_STATE_HOME", home, 1) < 0)
		return -1;
	return store_open() || counters_open();
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
	struct owner owner;

	if (records_find(store_table(), &key, &owner) != 1 || owner.cuid != 42)
		_exit(1);
}

static void read_credentials(void)
{
	struct cred c;

	if (creds_count(store_credentials()) != 2 || !creds_get(store_credentials(), 1, &c) || c.euid != 42)
		_exit(1);
}

static void a_child_reads_what_the_broker_writes(void **state)
{
	struct cred c = cred_root(0, 0, 0, 0, 0);

	(void)state;
	assert_int_equal(store_set(&(struct record){ key, { 42, 43 } }), 1);
	assert_int_equal(in_child(read_it), 0);
	assert_int_equal(store_add_credentials(&c), 0);
	c.euid = 42;
	assert_int_equal(store_add_credentials(&c), 1);
	assert_int_equal(store_add_credentials(&c), 1);
	c.euid = CRED_KEEP;
	assert_int_equal(store_add_credentials(&c), -EINVAL);
	assert_int_equal(in_child(read_credentials), 0);
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
	a_child_cannot_write(store_table(), sizeof(struct records), "subuidless-records");
	a_child_cannot_write(store_credentials(), sizeof(struct creds), "subuidless-credentials");
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
	owner_store_init(records);
	assert_int_equal(records_set(records, &key, (struct owner){ 7, 7 }), 1);
	assert_int_equal(owner_store_find(&key, &found), 1);
	for (size_t i = 0; !slot; i++)
		slot = records->slots[i].key.ino ? &records->slots[i] : NULL;
	/* amid a write */
	slot->owner.cuid = 9;
	__atomic_add_fetch(&records->sequence, 1, __ATOMIC_RELAXED);
	assert_int_equal(pthread_create(&writer, NULL, end_write, &(struct writing){ records, slot }), 0);
	assert_int_equal(owner_store_find(&key, &found), 1);
	assert_int_equal(found.cuid, 8);
	pthread_join(writer, NULL);
	/* and for one that does not go on not for ever */
	__atomic_add_fetch(&records->sequence, 1, __ATOMIC_RELAXED);
	assert_int_equal(owner_store_find(&key, &found), -EAGAIN);
	munmap(records, sizeof(*records));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_reads_what_the_broker_writes),
		cmocka_unit_test(a_child_cannot_write_the_table),
		cmocka_unit_test(a_child_keeps_only_its_slot),
		cmocka_unit_test(a_reader_waits_for_a_writer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
