/* SPDX-License-Identifier: Apache-2.0 */
/* A file of the owner store that somebody has cut, garbled or replaced, or that another version has written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemons.h"
#include "rule/journal.h"
#include "store/owners.h"

static off_t cut_to;

static void is_cut(struct account *a)
{
	CHECK(truncate(records, cut_to) == 0);
	/* another change than those that are lost */
	CHECK(set_owner(a, 4, 14) == 0);
	CHECK(cut_to == (off_t)THREE || lines_with("written anew") == 1);
}

static void is_cut_and_noticed(struct account *a)
{
	(void)a;
	CHECK(truncate(records, cut_to) == 0);
	for (int i = 0; i < 5; i++)
		owners_catch_up();
}

static void is_removed(struct account *a)
{
	CHECK(unlink(records) == 0);
	CHECK(set_owner(a, 4, 14) == 0);
}

static void a_file_that_is_cut_under_a_daemon_is_restored(void **state)
{
	(void)state;
	for (cut_to = 0; cut_to <= (off_t)THREE; cut_to += step()) {
		begin_with_three();
		daemon_does(is_cut);
		daemon_does(has_four);
		begin_with_three();
		daemon_does(is_cut_and_noticed);
		daemon_does(has_three);
	}
	begin_with_three();
	daemon_does(is_removed);
	daemon_does(has_four);
}

static void has_what_is_left(struct account *a)
{
	for (uint32_t i = 1; i <= 3; i++)
		CHECK(owner_of(i) == (cut_to >= (off_t)(i + 1) * JOURNAL_ENTRY ? 10 + i : 0));
	CHECK(set_owner(a, 4, 14) == 0);
}

static void has_what_was_left(struct account *a)
{
	(void)a;
	for (uint32_t i = 1; i <= 3; i++)
		CHECK(owner_of(i) == (cut_to >= (off_t)(i + 1) * JOURNAL_ENTRY ? 10 + i : 0));
	CHECK(owner_of(4) == 14 && lines_with("") == 0);
}

static void a_file_that_was_cut_has_what_is_left(void **state)
{
	(void)state;
	for (cut_to = 0; cut_to <= (off_t)THREE; cut_to += step()) {
		begin_with_three();
		assert_int_equal(truncate(records, cut_to), 0);
		daemon_does(has_what_is_left);
		daemon_does(has_what_was_left);
	}
}

static off_t flipped;

static void has_all_but_one(struct account *a)
{
	uint32_t hit = (uint32_t)(flipped / JOURNAL_ENTRY);

	(void)a;
	for (uint32_t i = 1; i <= 3; i++)
		CHECK(owner_of(i) == (hit == 0 || hit == i ? 0 : 10 + i));
	CHECK(hit == 0 || (lines_with("1 damaged record") == 1 && owners_table()->count == 2));
	CHECK(hit > 0 || lines_with(flipped >= 44 ? "another version" : "records") == 1);
}

static void flip(off_t at, unsigned char bits)
{
	unsigned char byte;
	int fd = open(records, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0 && syscall(SYS_pread64, fd, &byte, 1, at) == 1);
	byte ^= bits;
	assert_int_equal(syscall(SYS_pwrite64, fd, &byte, 1, at), 1);
	close(fd);
}

static void a_byte_that_is_garbled(void **state)
{
	(void)state;
	for (flipped = 0; flipped < (off_t)THREE; flipped += step()) {
		begin_with_three();
		flip(flipped, (unsigned char)(1 << flipped % 8));
		daemon_does(has_all_but_one);
	}
}

static void of_another_version(struct account *a)
{
	CHECK(lines_with("another version") == 1 && owner_of(1) == 0);
	CHECK(set_owner(a, 1, 99) == 0 && owner_of(1) == 99);
}

static void is_put_aside(struct account *a)
{
	CHECK(lines_with("is no file of ours") == 1);
	CHECK(set_owner(a, 1, 11) == 0);
}

static void another_version_and_no_file_of_ours(void **state)
{
	char command[256];

	(void)state;
	begin_with_three();
	/* "format 1" */
	flip(44, '1' ^ '2');
	for (int i = 0; i < 2; i++)
		daemon_does(of_another_version);
	flip(44, '1' ^ '2');
	daemon_does(has_three);
	/* the first one that was put aside stays */
	for (int i = 1; i <= 3; i++) {
		snprintf(command, sizeof(command), "echo text %d >%s", i, records);
		assert_int_equal(system(command), 0);
		daemon_does(is_put_aside);
	}
	snprintf(command, sizeof(command), "cd %s/subuidless && [ \"$(cat records.bad records.bad.2 records.bad.3)\" = 'text 1\ntext 2\ntext 3' ]", home);
	assert_int_equal(system(command), 0);
}

/* As an NFS client does it where the file that is replaced is open: it has a name still. */
static void is_replaced(struct account *a)
{
	char old[160], copy[1000];

	snprintf(old, sizeof(old), "%s.nfs", records);
	CHECK(set_owner(a, 4, 14) == 0);
	snprintf(copy, sizeof(copy), "cp %s %s.copy && mv %s %s && mv %s.copy %s", records, records, records, old, records, records);
	CHECK(system(copy) == 0);
	CHECK(set_owner(a, 5, 15) == 0);
}

static void has_five(struct account *a)
{
	has_four(a);
	CHECK(owner_of(5) == 15);
}

static void a_file_that_was_replaced_but_has_a_name(void **state)
{
	(void)state;
	begin_with_three();
	daemon_does(is_replaced);
	daemon_does(has_five);
}

/* What another daemon writes comes in two parts. */
static void reads_a_part(struct account *a)
{
	struct record record = { .key = key_of(4), .owner = { 14, 14 } };
	unsigned char bytes[JOURNAL_ENTRY] = { 0 };
	int fd = open(records, O_WRONLY | O_APPEND | O_CLOEXEC);

	(void)a;
	CHECK(fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
	for (int i = 0; i < 3; i++)
		owners_catch_up();
	journal_encode(&record, 1, bytes);
	CHECK(syscall(SYS_pwrite64, open(records, O_WRONLY | O_CLOEXEC), bytes, sizeof(bytes), THREE) == sizeof(bytes));
	for (int i = 0; i < 3; i++)
		owners_catch_up();
	CHECK(owner_of(4) == 14 && lines_with("") == 0);
}

static void half_of_a_change_is_read_again(void **state)
{
	(void)state;
	begin_with_three();
	daemon_does(reads_a_part);
	daemon_does(has_four);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_cut_under_a_daemon_is_restored),
		cmocka_unit_test(a_file_that_was_cut_has_what_is_left),
		cmocka_unit_test(a_byte_that_is_garbled),
		cmocka_unit_test(another_version_and_no_file_of_ours),
		cmocka_unit_test(a_file_that_was_replaced_but_has_a_name),
		cmocka_unit_test(half_of_a_change_is_read_again),
	};

	return cmocka_run_group_tests(tests, daemons_set_up, daemons_tear_down);
}
