/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/acl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define ENTRY(tag, perm, id) tag, 0, perm, 0, (id) & 255, (id) >> 8 & 255, (id) >> 16 & 255, (id) >> 24 & 255
#define NO_ID 0xffffffffU

/* u::rwx u:4242:rw- g::r-x g:60:--x m::rw- o::r--, as setfacl(1) writes it */
static const unsigned char full[] = {
	2, 0, 0, 0, ENTRY(1, 7, NO_ID), ENTRY(2, 6, 4242U), ENTRY(4, 5, NO_ID), ENTRY(8, 1, 60U), ENTRY(16, 6, NO_ID), ENTRY(32, 4, NO_ID),
};
static const unsigned char plain[] = { 2, 0, 0, 0, ENTRY(1, 6, NO_ID), ENTRY(4, 5, NO_ID), ENTRY(32, 1, NO_ID) };
static struct acl acl;

static void goes_and_comes_back(void **state)
{
	unsigned char bytes[ACL_ENCODED_MAX];

	(void)state;
	assert_int_equal(acl_decode(full, sizeof(full), &acl), 0);
	assert_int_equal(acl.n, 6);
	assert_int_equal(acl.entries[1].id, 4242);
	assert_true(acl_is_valid(&acl) && !acl_is_mode(&acl));
	assert_int_equal(acl_encode(&acl, bytes), sizeof(full));
	assert_memory_equal(bytes, full, sizeof(full));
}

static void refuses_as_setxattr(void **state)
{
	unsigned char bytes[ACL_ENCODED_MAX + 8] = { 2 };

	(void)state;
	assert_int_equal(acl_decode(full, 0, &acl), 0);
	assert_int_equal(acl.n, 0);
	assert_int_equal(acl_decode(full, 4, &acl), 0);
	assert_int_equal(acl.n, 0);
	for (size_t n = 1; n < sizeof(full); n++)
		assert_int_equal(acl_decode(full, n, &acl), n < 4 || n % 8 != 4 ? -EINVAL : 0);
	memcpy(bytes, full, sizeof(full));
	bytes[0] = 1;
	assert_int_equal(acl_decode(bytes, sizeof(full), &acl), -EOPNOTSUPP);
	bytes[0] = 2;
	bytes[4] = 3;
	assert_int_equal(acl_decode(bytes, sizeof(full), &acl), -EINVAL);
	bytes[4] = 1;
	memset(bytes + 16, 255, 4);
	assert_int_equal(acl_decode(bytes, sizeof(full), &acl), -EINVAL);
	for (size_t i = 0; i <= LIMIT_ACL_ENTRIES; i++)
		memcpy(bytes + 4 + 8 * i, full + 4, 8);
	assert_int_equal(acl_decode(bytes, sizeof(bytes), &acl), -ENOSPC);
	assert_int_equal(acl_decode(bytes, sizeof(bytes) - 8, &acl), 0);
	assert_int_equal(acl.n, LIMIT_ACL_ENTRIES);
	assert_false(acl_is_valid(&acl));
}

static void follows_a_mode(void **state)
{
	(void)state;
	assert_int_equal(acl_decode(full, sizeof(full), &acl), 0);
	assert_int_equal(acl_mode(&acl, 06111), 06764);
	acl_follow(&acl, 06135);
	assert_int_equal(acl.entries[0].perm, 1);
	assert_int_equal(acl.entries[2].perm, 5); /* the mask stands for it */
	assert_int_equal(acl.entries[4].perm, 3);
	assert_int_equal(acl.entries[5].perm, 5);
	assert_int_equal(acl_decode(plain, sizeof(plain), &acl), 0);
	assert_true(acl_is_valid(&acl) && acl_is_mode(&acl));
	assert_int_equal(acl_mode(&acl, 01777), 01651);
	acl_follow(&acl, 0777);
	assert_int_equal(acl.entries[1].perm, 7);
}

static void is_inherited(void **state)
{
	(void)state;
	assert_int_equal(acl_decode(full, sizeof(full), &acl), 0);
	assert_int_equal(acl_inherit(&acl, 0666), 0664);
	assert_int_equal(acl_inherit(&acl, 042753), 042740);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_and_comes_back),
		cmocka_unit_test(refuses_as_setxattr),
		cmocka_unit_test(follows_a_mode),
		cmocka_unit_test(is_inherited),
	};

	return cmocka_run_group_tests_name("acl", tests, NULL, NULL);
}
