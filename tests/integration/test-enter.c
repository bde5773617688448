/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "cred/enter.h"

static void the_kept_proc_has_no_way_up(void **state)
{
	int proc = enter_open_host_proc();
	struct stat kept, up, real;

	(void)state;
	assert_true(proc >= 0);
	assert_int_equal(fstatat(proc, "self/status", &kept, 0), 0);
	assert_int_equal(fstat(proc, &kept), 0);
	assert_int_equal(stat("/proc", &real), 0);
	assert_int_equal(kept.st_dev, real.st_dev);
	if (fstatat(proc, "..", &up, 0) == 0) {
		assert_int_equal(up.st_ino, kept.st_ino);
		assert_int_equal(up.st_dev, kept.st_dev);
	}
	assert_int_equal(fstatat(proc, "../../../..", &up, 0), 0);
	assert_int_equal(up.st_dev, kept.st_dev);
	close(proc);
}

static void a_worker_is_not_dumpable(void **state)
{
	int proc = enter_open_host_proc();

	(void)state;
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
	assert_int_equal(enter_prepare(proc), 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kept_proc_has_no_way_up),
		cmocka_unit_test(a_worker_is_not_dumpable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
