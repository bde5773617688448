/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects may be ones that are being made, so that a look at them waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/fsclock.h"
#include "object/object.h"
#include "object/pending.h"

static char name[] = "/tmp/subuidless-test-pending.XXXXXX";
static int fd;

static int set_up(void **state)
{
	(void)state;
	fd = mkstemp(name);
	return fd < 0 || unlink(name) < 0 ? -1 : pending_open() || fsclock_open();
}

static void only_what_was_just_born(void **state)
{
	struct statx stx, old;

	(void)state;
	assert_int_equal(object_stat(fd, &old), 0);
	fsclock_learn(&old);
	assert_true(pending_is_fresh(&old));
	usleep(1500000);
	/* what has not changed for a second is none, ... */
	assert_false(pending_is_fresh(&old));
	assert_int_equal(fchmod(fd, 0640), 0);
	assert_int_equal(object_stat(fd, &stx), 0);
	fsclock_learn(&stx);
	/* ... nor is what has, on a disk, which tells that it was born before */
	assert_int_equal(pending_is_fresh(&stx), stx.stx_dev_major == 0 || !(stx.stx_mask & STATX_BTIME));
	stx.stx_dev_major = 0;
	stx.stx_dev_minor = 77;
	fsclock_learn(&stx);
	/* of a server, say, nobody believes that */
	assert_true(pending_is_fresh(&stx));
}

static void what_says_nothing_may_be_one(void **state)
{
	struct statx stx;

	(void)state;
	assert_int_equal(object_stat(fd, &stx), 0);
	stx.stx_mask &= ~(unsigned int)STATX_BTIME;
	stx.stx_btime.tv_sec = 0;
	assert_int_equal(fchmod(fd, 0600), 0);
	fsclock_learn(&stx);
	assert_true(pending_is_fresh(&stx));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_just_born),
		cmocka_unit_test(what_says_nothing_may_be_one),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
