/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/cred.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/prctl.h>

#define KEEP CRED_KEEP
#define BIT(n) (1ULL << (n))
#define ALL (BIT(41) - 1)
#define FS (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(9) | BIT(27) | BIT(32))

static struct cred root(void)
{
	return cred_root(0, ALL, ALL, ALL, 0);
}

static struct cred user(uint32_t r, uint32_t e, uint32_t s)
{
	struct cred c = root();

	assert_int_equal(cred_set_ids(&c, CRED_SETRESGID, (uint32_t[]){ r, e, s }), 0);
	assert_int_equal(cred_set_ids(&c, CRED_SETRESUID, (uint32_t[]){ r, e, s }), 0);
	return c;
}

static int64_t set(struct cred *c, enum cred_call call, uint32_t a, uint32_t b, uint32_t d)
{
	return cred_set_ids(c, call, (uint32_t[]){ a, b, d });
}

static int64_t prctl_of(struct cred *c, int option, uint64_t a, uint64_t b)
{
	return cred_prctl(c, option, (uint64_t[]){ a, b, 0, 0 });
}

static void assert_uids(const struct cred *c, uint32_t r, uint32_t e, uint32_t s, uint32_t fs)
{
	assert_int_equal(c->ruid, r);
	assert_int_equal(c->euid, e);
	assert_int_equal(c->suid, s);
	assert_int_equal(c->fsuid, fs);
	assert_true(cred_is_valid(c));
}

static void assert_gids(const struct cred *c, uint32_t r, uint32_t e, uint32_t s, uint32_t fs)
{
	assert_int_equal(c->rgid, r);
	assert_int_equal(c->egid, e);
	assert_int_equal(c->sgid, s);
	assert_int_equal(c->fsgid, fs);
}

/* the call fails and changes nothing */
static void assert_fails(const struct cred *c, enum cred_call call, int r, uint32_t a, uint32_t b, uint32_t d)
{
	struct cred copy = *c;

	assert_int_equal(set(&copy, call, a, b, d), r);
	assert_true(cred_equal(&copy, c));
}

static void root_becomes_a_user_for_good(void **state)
{
	struct cred c = root();

	(void)state;
	assert_fails(&c, CRED_SETUID, -EINVAL, KEEP, 0, 0);
	assert_int_equal(set(&c, CRED_SETGID, 999, 0, 0), 0);
	assert_gids(&c, 999, 999, 999, 999);
	assert_int_equal(set(&c, CRED_SETUID, 999, 0, 0), 0);
	assert_uids(&c, 999, 999, 999, 999);
	assert_true(c.permitted == 0 && c.effective == 0 && c.bounding == ALL);
	assert_fails(&c, CRED_SETUID, -EPERM, 0, 0, 0);
	assert_fails(&c, CRED_SETGID, -EPERM, 0, 0, 0);
	assert_fails(&c, CRED_SETREUID, -EPERM, 0, KEEP, 0);
	assert_fails(&c, CRED_SETREUID, -EPERM, KEEP, 0, 0);
	assert_fails(&c, CRED_SETRESUID, -EPERM, 999, 999, 0);
	assert_fails(&c, CRED_CALL_COUNT, -EINVAL, 0, 0, 0);
	assert_int_equal(set(&c, CRED_SETUID, 999, 0, 0), 0);
	assert_int_equal(set(&c, CRED_SETREUID, 999, 999, 0), 0);
	assert_int_equal(set(&c, CRED_SETRESUID, KEEP, KEEP, KEEP), 0);
	assert_uids(&c, 999, 999, 999, 999);
}

static void saved_ids_bring_root_back(void **state)
{
	struct cred c = user(1000, 1000, 0);

	(void)state;
	assert_true(c.permitted == ALL && c.effective == 0);
	assert_int_equal(set(&c, CRED_SETUID, 0, 0, 0), 0);
	assert_uids(&c, 1000, 0, 0, 0);
	assert_true(c.effective == ALL);
	assert_int_equal(set(&c, CRED_SETREUID, KEEP, 1000, 0), 0);
	assert_uids(&c, 1000, 1000, 0, 1000);
	assert_int_equal(set(&c, CRED_SETREUID, 1000, KEEP, 0), 0);
	assert_uids(&c, 1000, 1000, 1000, 1000);
	assert_true(c.permitted == 0);
	c = root();
	assert_int_equal(set(&c, CRED_SETREUID, KEEP, 7, 0), 0);
	assert_uids(&c, 0, 7, 7, 7);
	assert_int_equal(set(&c, CRED_SETREUID, 7, 0, 0), 0);
	assert_uids(&c, 7, 0, 0, 0);
}

static void fs_ids_follow_but_for_the_no_op(void **state)
{
	struct cred c = root();

	(void)state;
	assert_int_equal(set(&c, CRED_SETFSUID, 1, 0, 0), 0);
	assert_uids(&c, 0, 0, 0, 1);
	assert_true(c.effective == (ALL & ~FS));
	assert_int_equal(set(&c, CRED_SETFSUID, KEEP, 0, 0), 1);
	assert_int_equal(set(&c, CRED_SETRESUID, 0, KEEP, 0), 0);
	assert_uids(&c, 0, 0, 0, 1);
	assert_int_equal(set(&c, CRED_SETFSUID, 0, 0, 0), 1);
	assert_true(c.effective == ALL);
	assert_int_equal(set(&c, CRED_SETFSUID, 1, 0, 0), 0);
	assert_int_equal(set(&c, CRED_SETRESUID, KEEP, 0, KEEP), 0);
	assert_uids(&c, 0, 0, 0, 0);
	assert_true(c.effective == (ALL & ~FS));
	assert_int_equal(set(&c, CRED_SETFSGID, 0xfffffffe, 0, 0), 0);
	assert_int_equal(set(&c, CRED_SETFSGID, KEEP, 0, 0), 0xfffffffe);
	assert_int_equal(set(&c, CRED_SETREGID, KEEP, KEEP, 0), 0);
	assert_gids(&c, 0, 0, 0, 0);
	c = user(5, 6, 7);
	assert_int_equal(set(&c, CRED_SETFSUID, 8, 0, 0), 6);
	assert_int_equal(set(&c, CRED_SETFSUID, 5, 0, 0), 6);
	assert_int_equal(set(&c, CRED_SETFSUID, 7, 0, 0), 5);
	assert_uids(&c, 5, 6, 7, 7);
}

static void capabilities_follow_unless_told(void **state)
{
	struct cred c = root();

	(void)state;
	assert_int_equal(prctl_of(&c, PR_SET_KEEPCAPS, 1, 0), 0);
	assert_int_equal(prctl_of(&c, PR_GET_KEEPCAPS, 0, 0), 1);
	assert_int_equal(set(&c, CRED_SETUID, 5, 0, 0), 0);
	assert_true(c.permitted == ALL && c.effective == 0);
	assert_int_equal(cred_capset(&c, BIT(CAP_SETUID), ALL, ALL), 0);
	assert_int_equal(set(&c, CRED_SETRESUID, 6, 0, 6), 0);
	assert_true(c.effective == ALL);
	assert_int_equal(prctl_of(&c, PR_SET_KEEPCAPS, 2, 0), -EINVAL);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS_LOCKED, 0), 0);
	assert_int_equal(prctl_of(&c, PR_SET_KEEPCAPS, 1, 0), -EPERM);
	assert_int_equal(set(&c, CRED_SETUID, 5, 0, 0), 0);
	assert_true(c.permitted == ALL && c.effective == ALL);
}

static void groups_are_sorted(void **state)
{
	uint32_t many[LIMIT_GROUPS + 1] = { 0 };
	struct cred c = root(), before;

	(void)state;
	assert_int_equal(cred_setgroups(&c, (uint32_t[]){ 9, 3, 0xfffffffe, 3, 5 }, 5), 0);
	assert_int_equal(c.n_groups, 5);
	assert_memory_equal(c.groups, ((uint32_t[]){ 3, 3, 5, 9, 0xfffffffe, 0 }), 24);
	assert_true(cred_is_valid(&c) && cred_in_group(&c, 5) && cred_in_group(&c, 0) && !cred_in_group(&c, 4));
	before = c;
	assert_int_equal(cred_setgroups(&c, (uint32_t[]){ 1, KEEP }, 2), -EINVAL);
	assert_int_equal(cred_setgroups(&c, many, LIMIT_GROUPS + 1), -EINVAL);
	assert_true(cred_equal(&c, &before));
	for (uint32_t i = 0; i < LIMIT_GROUPS; i++)
		many[i] = LIMIT_GROUPS - i;
	assert_int_equal(cred_setgroups(&c, many, LIMIT_GROUPS), 0);
	assert_true(cred_is_valid(&c) && c.groups[0] == 1 && c.groups[LIMIT_GROUPS - 1] == LIMIT_GROUPS);
	assert_int_equal(cred_setgroups(&c, NULL, 0), 0);
	before = root();
	assert_true(cred_equal(&c, &before));
	c = user(5, 5, 5);
	assert_int_equal(cred_setgroups(&c, NULL, 0), -EPERM);
}

static void capset_gives_nothing(void **state)
{
	struct cred c = root(), before;

	(void)state;
	assert_int_equal(prctl_of(&c, PR_CAPBSET_DROP, 41, 0), -EINVAL);
	assert_int_equal(prctl_of(&c, PR_CAPBSET_DROP, CAP_MKNOD, 0), 0);
	assert_int_equal(prctl_of(&c, PR_CAPBSET_READ, CAP_MKNOD, 0), 0);
	assert_int_equal(prctl_of(&c, PR_CAPBSET_READ, 40, 0), 1);
	assert_int_equal(prctl_of(&c, PR_CAPBSET_READ, 41, 0), -EINVAL);
	before = c;
	assert_int_equal(cred_capset(&c, ALL, ALL, ALL), -EPERM);
	assert_int_equal(cred_capset(&c, ALL, 1, 0), -EPERM);
	assert_true(cred_equal(&c, &before));
	assert_int_equal(cred_capset(&c, 0, ~0ULL, 6), 0);
	assert_true(c.permitted == ALL && c.effective == 0 && c.inheritable == 6);
	assert_int_equal(prctl_of(&c, PR_CAPBSET_DROP, 99, 0), -EPERM);
	assert_int_equal(cred_capset(&c, 0, 3, 3), 0);
	assert_int_equal(cred_capset(&c, 0, 7, 3), -EPERM);
	assert_int_equal(cred_capset(&c, 0, 3, 4), -EPERM);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 1), 0);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 2), -EPERM);
	assert_int_equal(cred_capset(&c, 0, 3, 1), 0);
	assert_true(c.ambient == 0 && cred_is_valid(&c));
}

static void ambient_has_its_calls(void **state)
{
	struct cred c = cred_root(6, ALL, ALL, ALL, 0), before = c;

	(void)state;
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0), -EPERM);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 41), -EINVAL);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1), -EINVAL);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, 9, 1), -EINVAL);
	assert_int_equal(cred_prctl(&c, PR_CAP_AMBIENT, (uint64_t[]){ PR_CAP_AMBIENT_RAISE, 1, 0, 1 }), -EINVAL);
	assert_true(cred_equal(&c, &before));
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 1), 0);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 2), 0);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 1), 0);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1), 0);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 2), 1);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0), 0);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE, 0), 0);
	assert_int_equal(prctl_of(&c, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 2), -EPERM);
	assert_int_equal(prctl_of(&c, PR_SET_NAME, 0, 0), -EINVAL);
	assert_true(cred_has_prctl(PR_CAP_AMBIENT) && cred_has_prctl(PR_SET_KEEPCAPS) && !cred_has_prctl(PR_SET_NAME));
}

static void securebits_lock(void **state)
{
	struct cred c = root();

	(void)state;
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, 1 << 12, 0), -EPERM);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, 1ULL << 32, 0), -EPERM);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP_LOCKED, 0), 0);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED, 0), -EPERM);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, SECBIT_NOROOT, 0), -EPERM);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP_LOCKED, 0), 0);
	assert_int_equal(prctl_of(&c, PR_GET_SECUREBITS, 0, 0), SECBIT_NO_SETUID_FIXUP_LOCKED);
	c = user(5, 5, 5);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, 0, 0), -EPERM);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, 1, 0), -EPERM);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, 0xf00, 0), 0);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, 0, 0), -EPERM);
	assert_int_equal(c.securebits, 0xf00);
}

static void exec_of_plain_files(void **state)
{
	const struct cred_file plain = { 0 };
	struct cred c = root();

	(void)state;
	assert_int_equal(prctl_of(&c, PR_SET_KEEPCAPS, 1, 0), 0);
	assert_int_equal(cred_capset(&c, 0, 3, 0), 0);
	assert_int_equal(cred_exec(&c, &plain), 0);
	assert_true(c.permitted == ALL && c.effective == ALL && c.securebits == 0);
	c = user(5, 5, 0);
	assert_int_equal(cred_exec(&c, &plain), 0);
	assert_uids(&c, 5, 5, 5, 5);
	assert_true(c.permitted == 0);
	c = user(5, 0, 5);
	assert_int_equal(cred_exec(&c, &plain), 1);
	assert_uids(&c, 5, 0, 0, 0);
	assert_true(c.effective == ALL);
	c = user(0, 5, 5);
	assert_int_equal(cred_exec(&c, &plain), 1);
	assert_true(c.permitted == ALL && c.effective == 0);
	c = cred_root(2, ALL, ALL, ALL, 2);
	assert_int_equal(prctl_of(&c, PR_SET_SECUREBITS, SECBIT_NOROOT, 0), 0);
	assert_int_equal(cred_exec(&c, &plain), 0);
	assert_true(c.permitted == 2 && c.effective == 2 && c.ambient == 2);
}

static void exec_of_set_id_files(void **state)
{
	const struct cred_file su = { .set_uid = true, .uid = 0, .gid = 42 }, wall = { .set_gid = true, .uid = 0, .gid = 5 };
	struct cred_file kept = su;
	struct cred c = user(1000, 1000, 1000);

	(void)state;
	assert_int_equal(cred_exec(&c, &su), 1);
	assert_uids(&c, 1000, 0, 0, 0);
	assert_gids(&c, 1000, 1000, 1000, 1000);
	assert_true(c.effective == ALL);
	c = user(1000, 1000, 1000);
	assert_int_equal(cred_exec(&c, &wall), 1);
	assert_gids(&c, 1000, 5, 5, 5);
	assert_true(c.permitted == 0);
	kept.no_new_privs = true;
	c = user(1000, 1000, 1000);
	assert_int_equal(cred_exec(&c, &kept), 0);
	assert_uids(&c, 1000, 1000, 1000, 1000);
	/* it would have changed: that is enough to be careful */
	kept.no_new_privs = false, kept.observed = true;
	assert_int_equal(cred_exec(&c, &kept), 1);
	assert_uids(&c, 1000, 1000, 1000, 1000);
	c = user(1000, 0, 1000);
	assert_int_equal(cred_capset(&c, BIT(CAP_SETUID), BIT(CAP_SETUID), 0), 0);
	kept.uid = 7;
	assert_int_equal(cred_exec(&c, &kept), 1);
	assert_uids(&c, 1000, 7, 7, 7);
}

static void exec_of_files_with_capabilities(void **state)
{
	const struct cred_file ping = { .has_capabilities = true, .effective = true, .permitted = BIT(CAP_NET_RAW) };
	struct cred_file file = ping;
	struct cred c = user(5, 5, 5), before;

	(void)state;
	assert_int_equal(cred_exec(&c, &ping), 1);
	assert_true(c.permitted == BIT(CAP_NET_RAW) && c.effective == BIT(CAP_NET_RAW));
	c = root();
	assert_int_equal(prctl_of(&c, PR_CAPBSET_DROP, CAP_NET_RAW, 0), 0);
	before = c;
	assert_int_equal(cred_exec(&c, &ping), -EPERM);
	assert_true(cred_equal(&c, &before));
	file.effective = false;
	assert_int_equal(cred_exec(&c, &file), 0);
	assert_true(c.permitted == (ALL & ~BIT(CAP_NET_RAW)));
	file = (struct cred_file){ .set_uid = true, .has_capabilities = true, .permitted = 1 };
	c = user(5, 5, 5);
	assert_int_equal(cred_exec(&c, &file), 1);
	assert_true(c.euid == 0 && c.permitted == 1 && c.effective == 0);
	c = root();
	file.no_new_privs = true;
	assert_int_equal(cred_capset(&c, 6, 6, 0), 0);
	assert_int_equal(cred_exec(&c, &file), 0);
	assert_true(c.permitted == 6 && c.effective == 6);
}

static void tells_what_cannot_be(void **state)
{
	const struct cred good = cred_root(3, 3, 3, 1, 3);
	struct cred c = good;

	(void)state;
	assert_true(cred_is_valid(&good));
#define BAD(change) (c = good, (change), assert_false(cred_is_valid(&c)), assert_false(cred_equal(&c, &good)))
	BAD(c.fsgid = KEEP);
	BAD(c.ruid = KEEP);
	BAD(c.n_groups = LIMIT_GROUPS + 1);
	BAD(c.groups[LIMIT_GROUPS - 1] = 1);
	BAD((c.n_groups = 2, c.groups[0] = 1));
	BAD((c.n_groups = 1, c.groups[0] = KEEP));
	BAD(c.effective = 4);
	BAD(c.permitted = 1);
	BAD(c.inheritable = 1);
	BAD(c.bounding = BIT(41));
	BAD(c.securebits = 1 << 12);
	c = good;
	assert_true(cred_capable(&c, 0) && cred_capable(&c, 1) && !cred_capable(&c, 2));
	assert_true(!cred_capable(&c, 41) && !cred_capable(&c, -1) && !cred_capable(&c, 64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_becomes_a_user_for_good),
		cmocka_unit_test(saved_ids_bring_root_back),
		cmocka_unit_test(fs_ids_follow_but_for_the_no_op),
		cmocka_unit_test(capabilities_follow_unless_told),
		cmocka_unit_test(groups_are_sorted),
		cmocka_unit_test(capset_gives_nothing),
		cmocka_unit_test(ambient_has_its_calls),
		cmocka_unit_test(securebits_lock),
		cmocka_unit_test(exec_of_plain_files),
		cmocka_unit_test(exec_of_set_id_files),
		cmocka_unit_test(exec_of_files_with_capabilities),
		cmocka_unit_test(tells_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
