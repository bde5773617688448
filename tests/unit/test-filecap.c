/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/filecap.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define BIT(n) (1ULL << (n))

/* What setcap(8) writes for cap_chown,cap_checkpoint_restore+ep cap_kill+i, and what the kernel makes of it. */
static const unsigned char value[FILECAP_MAX] = { 1, 0, 0, 2, 1, 0, 0, 0, 32, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };

static struct cred_file decoded(const unsigned char *bytes, size_t n)
{
	struct cred_file file = { 0 };

	filecap_decode(bytes, n, &file);
	return file;
}

static void reads_both_revisions(void **state)
{
	unsigned char bytes[FILECAP_MAX];

	(void)state;
	memcpy(bytes, value, sizeof(bytes));
	for (int revision = 2; revision <= 3; revision++) {
		struct cred_file file;

		bytes[3] = (unsigned char)revision;
		file = decoded(bytes, revision == 2 ? 20 : 24);
		assert_true(filecap_is_value(bytes, revision == 2 ? 20 : 24) && !filecap_is_value(bytes, revision == 2 ? 24 : 20));
		assert_true(file.has_capabilities && file.effective && !file.set_uid && !file.set_gid);
		assert_true(file.permitted == (BIT(CAP_CHOWN) | BIT(CAP_CHECKPOINT_RESTORE)));
		assert_true(file.inheritable == BIT(CAP_KILL));
	}
	bytes[0] = 0;
	assert_false(decoded(bytes, 24).effective);
	assert_true(decoded(bytes, 24).has_capabilities);
}

static void another_root_is_none(void **state)
{
	unsigned char bytes[FILECAP_MAX];

	(void)state;
	memcpy(bytes, value, sizeof(bytes));
	bytes[3] = 3;
	bytes[23] = 1;
	assert_false(decoded(bytes, 24).has_capabilities);
}

static void other_forms_are_none(void **state)
{
	unsigned char bytes[FILECAP_MAX];

	(void)state;
	for (unsigned int revision = 0; revision < 256; revision++) {
		memcpy(bytes, value, sizeof(bytes));
		bytes[3] = (unsigned char)revision;
		for (size_t n = 0; n <= sizeof(bytes); n++)
			assert_int_equal(decoded(bytes, n).has_capabilities, (revision == 2 && n == 20) || (revision == 3 && n == 24));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_revisions),
		cmocka_unit_test(another_root_is_none),
		cmocka_unit_test(other_forms_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
