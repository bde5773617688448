/* SPDX-License-Identifier: Apache-2.0 */
/* System calls on the file of the owner store that fail: what was answered is never lost, nor is what was refused done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemons.h"
#include "rule/journal.h"
#include "store/journal.h"
#include "store/owners.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* An errno of the file, that of chown(2), and what the log names. */
static const struct {
	int error, shown;
	const char *remedy;
} faults[] = {
	{ ENOSPC, ENOSPC, "free some space" }, { EDQUOT, EDQUOT, "quota(1)" }, { EROFS, EROFS, "writable again" }, { EIO, EIO, "dmesg(1)" }, { EFBIG, ENOSPC, "ulimit -f" },
};

static void no_write(struct account *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		for (size_t part = 0; part < JOURNAL_ENTRY; part++) {
			fault.write = faults[i].error;
			fault.part = part;
			CHECK(set_owner(a, 2, 99) == -faults[i].shown);
			CHECK(owner_of(2) == 12);
			CHECK(set_owner(a, 4, 99) == -faults[i].shown && owner_of(4) == 0);
		}
		/* the first of them alone has been said */
		CHECK(lines_with("cannot be changed now") == 1 && lines_with(faults[0].remedy) == 1);
	}
}

static void no_write_then_one(struct account *a)
{
	fault.write = EDQUOT;
	fault.part = 20;
	CHECK(set_owner(a, 2, 99) == -EDQUOT);
	CHECK(lines_with(faults[1].remedy) == 1 && lines_with("can be changed again") == 0);
	fault.write = 0;
	CHECK(set_owner(a, 2, 12) == 0 && set_owner(a, 3, 9) == 0 && set_owner(a, 3, 13) == 0);
	CHECK(lines_with("can be changed again") == 1);
	/* what a container can cause at will is not said each time */
	for (int i = 0; i < 10; i++) {
		fault.write = ENOSPC;
		CHECK(set_owner(a, 2, 99) == -ENOSPC);
		fault.write = 0;
		CHECK(set_owner(a, 2, 12) == 0 && set_owner(a, 3, 9) == 0 && set_owner(a, 3, 13) == 0);
	}
	CHECK(lines_with("") == 2);
}

static void a_write_that_fails_changes_nothing(void **state)
{
	(void)state;
	begin_with_three();
	daemon_does(no_write);
	daemon_does(has_three);
	daemon_does(no_write_then_one);
	daemon_does(has_three);
}

static void wait_for_retry(void)
{
	fault.read = fault.lock = 0;
	usleep(1100000);
}

static void cannot_read(struct account *a)
{
	CHECK(lines_with("cannot be changed now") == 1 && lines_with("dmesg(1)") == 1);
	CHECK(set_owner(a, 1, 99) == -EIO && set_owner(a, 4, 99) == -EIO && owner_of(4) == 0);
	wait_for_retry();
	CHECK(set_owner(a, 1, 11) == 0);
	CHECK(owner_of(2) == 12 && owner_of(3) == 13 && lines_with("can be changed again") == 1);
}

static void look_again(struct account *a)
{
	(void)a;
	CHECK(owner_of(1) == 0 && owners_retry_ms() > 0);
	wait_for_retry();
	/* changes or not */
	owners_catch_up();
	CHECK(owner_of(1) == 11 && owner_of(3) == 13 && owners_retry_ms() < 0 && lines_with("can be changed again") == 1);
}

static void a_read_that_fails_is_no_end_of_the_file(void **state)
{
	struct stat st;
	char bad[160];

	(void)state;
	for (off_t at = 0; at < (off_t)THREE; at += 2 * JOURNAL_ENTRY) {
		begin_with_three();
		fault.read = EIO;
		fault.beyond = at;
		daemon_does(cannot_read);
		fault.read = 0;
		daemon_does(has_three);
	}
	snprintf(bad, sizeof(bad), "%s.bad", records);
	assert_true(stat(bad, &st) < 0 && stat(records, &st) == 0 && st.st_size >= (off_t)THREE);
}

static int lock_error;

static void no_lock(struct account *a)
{
	double start = now();

	fault.lock = lock_error;
	CHECK(set_owner(a, 2, 99) == -EIO && owner_of(2) == 12);
	for (int i = 0; i < 100; i++)
		CHECK(set_owner(a, 4, 99) == -EIO && owner_of(4) == 0);
	/* who is served meanwhile waits for the first of these only */
	CHECK(now() - start < 2);
	CHECK(lines_with("cannot be changed now") == 1);
	CHECK(lines_with(lock_error == EAGAIN || lock_error == EACCES ? "lslocks(8)" : lock_error == ENOLCK ? "rpc.statd(8)" : "dmesg(1)") == 1);
	fault.lock = 0;
	CHECK(set_owner(a, 2, 9) == 0 && set_owner(a, 2, 12) == 0 && lines_with("can be changed again") == 1);
}

static void no_lock_at_the_start(struct account *a)
{
	CHECK(set_owner(a, 1, 99) == -EIO);
	CHECK(lines_with("cannot be changed now") == 1);
	wait_for_retry();
	CHECK(set_owner(a, 1, 11) == 0 && owner_of(2) == 12);
}

static void never_a_lock(struct account *a)
{
	CHECK(lines_with("last as long as this process") == 1 && lines_with("local disk") == 1);
	CHECK(set_owner(a, 1, 99) == 0 && owner_of(1) == 99);
}

static void a_lock_that_cannot_be_had(void **state)
{
	static const int errors[] = { EAGAIN, EACCES, ENOLCK, EIO, ETIMEDOUT };

	(void)state;
	begin_with_three();
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		/* the other name of the same, which takes as long */
		if (errors[i] == EACCES && step() > 1)
			continue;
		lock_error = errors[i];
		daemon_does(no_lock);
		daemon_does(has_three);
	}
	fault.lock = EAGAIN;
	daemon_does(no_lock_at_the_start);
	daemon_does(look_again);
	fault.lock = ENOLCK;
	daemon_does(never_a_lock);
	fault.lock = 0;
	daemon_does(has_three);
}

/* As many as make the next daemon write the file anew. */
static void change_often(struct account *a)
{
	for (uint32_t i = 0; i < 5000; i++)
		CHECK(set_owner(a, 4, 20 + i % 2) == 0);
	CHECK(set_owner(a, 4, 14) == 0);
}

static void a_file_that_cannot_be_written_anew(void **state)
{
	struct stat st;

	(void)state;
	begin_with_three();
	daemon_does(change_often);
	fault.sync = EIO;
	daemon_does(has_four);
	fault.sync = 0;
	fault.write = ENOSPC;
	daemon_does(has_four);
	fault.write = 0;
	assert_true(stat(records, &st) == 0 && st.st_size > 5000 * JOURNAL_ENTRY);
	daemon_does(has_four);
	assert_true(stat(records, &st) == 0 && st.st_size == 5 * JOURNAL_ENTRY);
	daemon_does(has_four);
}

static ino_t number_of_file(void)
{
	struct stat st;

	CHECK(stat(records, &st) == 0);
	return st.st_ino;
}

/* As a broker does it, after some time. */
static void ask_the_disk(bool has_it)
{
	int status;
	pid_t pid;

	fault.ahead += 60;
	fault.sync = has_it ? 0 : EIO;
	owners_catch_up();
	pid = waitpid(-1, &status, 0);
	CHECK(pid > 0 && (status == 0) == has_it);
	CHECK(journal_reap(pid, status));
	CHECK(waitpid(-1, &status, WNOHANG) < 0);
}

static void does_not_reach_the_disk(struct account *a)
{
	ino_t number = number_of_file();

	CHECK(set_owner(a, 4, 9) == 0 && owners_retry_ms() > 1000);
	ask_the_disk(true);
	CHECK(number_of_file() == number && owners_retry_ms() == -1 && lines_with("") == 0);
	/* nor does what is written instead */
	CHECK(set_owner(a, 4, 14) == 0);
	ask_the_disk(false);
	CHECK(set_owner(a, 1, 99) == -EIO && owner_of(1) == 11);
	for (int i = 0; i < 3; i++)
		owners_catch_up();
	CHECK(lines_with("could not be written to the disk") == 1 && lines_with("cannot be changed now") == 1 && lines_with("") == 2);
	/* it does again */
	fault.sync = 0;
	owners_catch_up();
	CHECK(number_of_file() != number && lines_with("can be changed again") == 1);
	number = number_of_file();
	CHECK(set_owner(a, 1, 9) == 0 && set_owner(a, 1, 11) == 0 && number_of_file() == number);
}

static void what_does_not_reach_the_disk_is_written_elsewhere(void **state)
{
	(void)state;
	begin_with_three();
	daemon_does(does_not_reach_the_disk);
	daemon_does(has_four);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_that_fails_changes_nothing),
		cmocka_unit_test(a_read_that_fails_is_no_end_of_the_file),
		cmocka_unit_test(a_lock_that_cannot_be_had),
		cmocka_unit_test(a_file_that_cannot_be_written_anew),
		cmocka_unit_test(what_does_not_reach_the_disk_is_written_elsewhere),
	};

	return cmocka_run_group_tests(tests, daemons_set_up, daemons_tear_down);
}
