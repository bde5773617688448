/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/owner.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/limits.h"

#define NONE OWNER_NONE

static const uint32_t edges[] = {
	0, 1, 42, 127, 128, 999, 16383, 16384, 65534, 65535, 65536, 0x1fffff, 0x200000, 0xfffffff, 0x10000000,
	0x7fffffff, 0x80000000, 0xfffffffe, NONE
};

static void assert_owner(struct owner got, uint32_t cuid, uint32_t cgid)
{
	assert_int_equal(got.cuid, cuid);
	assert_int_equal(got.cgid, cgid);
}

static void shows_record_over_host(void **state)
{
	const struct owner host = { 0, 65534 };

	(void)state;
	assert_owner(owner_shown((struct owner){ NONE, NONE }, host), 0, 65534);
	assert_owner(owner_shown((struct owner){ 5, NONE }, host), 5, 65534);
	assert_owner(owner_shown((struct owner){ NONE, 6 }, host), 0, 6);
	assert_owner(owner_shown((struct owner){ 5, 6 }, host), 5, 6);
	assert_owner(owner_shown((struct owner){ 0, 0 }, host), 0, 0);
	assert_owner(owner_shown((struct owner){ 0xfffffffe, 65534 }, host), 0xfffffffe, 65534);
}

static void merges_halves(void **state)
{
	const struct owner host = { 0, 0 }, foreign = { 65534, 65534 }, none = { NONE, NONE }, old = { 7, 8 };

	(void)state;
	assert_owner(owner_merge(none, (struct owner){ 42, 43 }, host), 42, 43);
	assert_owner(owner_merge(none, (struct owner){ 42, NONE }, host), 42, NONE);
	assert_owner(owner_merge(none, (struct owner){ NONE, 43 }, host), NONE, 43);
	assert_owner(owner_merge(none, none, host), NONE, NONE);
	assert_owner(owner_merge(old, none, host), 7, 8);
	assert_owner(owner_merge(old, (struct owner){ NONE, 9 }, host), 7, 9);
	assert_owner(owner_merge(old, (struct owner){ 9, NONE }, host), 9, 8);
	assert_owner(owner_merge(old, (struct owner){ 0, 0 }, host), NONE, NONE);
	assert_owner(owner_merge(old, (struct owner){ 0, NONE }, host), NONE, 8);
	assert_owner(owner_merge(none, (struct owner){ 0, 0 }, foreign), 0, 0);
	assert_owner(owner_merge(old, (struct owner){ 65534, 5 }, foreign), NONE, 5);
}

/* Whatever was asked for is what is seen afterwards, and what was not asked for stays. */
static void merge_is_seen(void **state)
{
	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(edges); r++)
		for (size_t w = 0; w < ARRAY_SIZE(edges); w++)
			for (size_t h = 0; h < ARRAY_SIZE(edges) - 1; h++) {
				struct owner record = { edges[r], 3 }, want = { edges[w], NONE }, host = { edges[h], 4 };
				struct owner merged = owner_merge(record, want, host);
				uint32_t before = owner_shown(record, host).cuid;

				assert_owner(owner_shown(merged, host), want.cuid == NONE ? before : want.cuid, 3);
				merged = owner_merge((struct owner){ 3, record.cuid }, (struct owner){ NONE, want.cuid },
						     (struct owner){ 4, host.cuid });
				assert_owner(owner_shown(merged, (struct owner){ 4, host.cuid }), 3,
					     want.cuid == NONE ? before : want.cuid);
			}
}

static void is_none_and_equal(void **state)
{
	(void)state;
	assert_true(owner_is_none((struct owner){ NONE, NONE }));
	assert_false(owner_is_none((struct owner){ 0, NONE }));
	assert_false(owner_is_none((struct owner){ NONE, 0 }));
	assert_true(owner_equal((struct owner){ 1, 2 }, (struct owner){ 1, 2 }));
	assert_false(owner_equal((struct owner){ 1, 2 }, (struct owner){ 1, 3 }));
	assert_false(owner_equal((struct owner){ 1, 2 }, (struct owner){ 2, 2 }));
}

static int set_cap_chown(int on)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	data[0].effective = on ? data[0].effective | 1U << CAP_CHOWN : data[0].effective & ~(1U << CAP_CHOWN);
	return (int)syscall(SYS_capset, &header, data);
}

/* One change, by the kernel: -1 when it could not be set up, 0 for EPERM, 1 for done. */
static int kernel_may_change(int fd, int cap_chown, struct owner actor, struct owner shown, struct owner want)
{
	int r;

	setfsuid(actor.cuid);
	setfsgid(actor.cgid);
	if (set_cap_chown(1) < 0 || fchown(fd, shown.cuid, shown.cgid) < 0)
		return -1;
	if (set_cap_chown(cap_chown) < 0)
		return -1;
	r = fchown(fd, want.cuid, want.cgid);
	if (r < 0 && errno != EPERM)
		return -1;
	return r == 0;
}

/* How many answers of ours are not the kernel's; in a child that loses its groups. 255: it cannot be asked. */
static int count_differences(void)
{
	static const uint32_t uids[] = { 0, 5, 6 }, gids[] = { 0, 7, 8 }, wanted[] = { NONE, 0, 5, 6 }, groups[] = { NONE, 0, 7, 8 };
	char name[] = "/tmp/test-owner.XXXXXX";
	int fd = mkstemp(name), differences = 0;

	if (fd < 0 || unlink(name) < 0 || setgroups(0, NULL) < 0)
		return 255;
	for (unsigned int i = 0; i < 2 * 3 * 3 * 3 * 3 * 4 * 4; i++) {
		unsigned int n = i / 2;
		struct owner actor = { uids[n % 3], gids[n / 3 % 3] }, shown = { uids[n / 9 % 3], gids[n / 27 % 3] };
		struct owner want = { wanted[n / 81 % 4], groups[n / 324 % 4] };
		int kernel = kernel_may_change(fd, i % 2, actor, shown, want);

		if (kernel < 0)
			return 255;
		differences += kernel != owner_may_change(i % 2, actor, shown, want);
	}
	return differences > 254 ? 254 : differences;
}

static void permits_what_the_kernel_permits(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(count_differences());
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == 255 && geteuid() != 0) {
		print_message("# only root can have the kernel change owners\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void permits_by_rule(void **state)
{
	const struct owner actor = { 5, 7 };

	(void)state;
	assert_true(owner_may_change(true, actor, (struct owner){ 1, 1 }, (struct owner){ 2, 2 }));
	assert_true(owner_may_change(false, actor, (struct owner){ 5, 1 }, (struct owner){ 5, 7 }));
	assert_true(owner_may_change(false, actor, (struct owner){ 5, 1 }, (struct owner){ NONE, 1 }));
	assert_true(owner_may_change(false, actor, (struct owner){ 1, 1 }, (struct owner){ NONE, NONE }));
	assert_false(owner_may_change(false, actor, (struct owner){ 5, 7 }, (struct owner){ 6, NONE }));
	assert_false(owner_may_change(false, actor, (struct owner){ 5, 7 }, (struct owner){ NONE, 8 }));
	assert_false(owner_may_change(false, actor, (struct owner){ 1, 1 }, (struct owner){ 1, NONE }));
	assert_false(owner_may_change(false, actor, (struct owner){ 1, 1 }, (struct owner){ 5, NONE }));
	assert_false(owner_may_change(false, actor, (struct owner){ 1, 7 }, (struct owner){ NONE, 7 }));
}

#define BYTES(text) text, sizeof(text) - 1

struct vector {
	const char *bytes;
	size_t n;
	uint32_t cuid, cgid;
};

static void decodes(void **state)
{
	static const struct vector vectors[] = {
		/* as umoci 0.4.7 writes them */
		{ BYTES("\x08\xe7\x07\x10\xe7\x07"), 999, 999 },
		{ BYTES("\x08\x01\x10\x01"), 1, 1 },
		{ BYTES("\x08\xff\xff\xff\xff\x0f\x10\x2a"), NONE, 42 },
		{ BYTES("\x08\xfe\xff\xff\xff\x0f\x10\xff\xff\xff\xff\x0f"), 0xfffffffe, NONE },
		{ BYTES("\x08\x05"), 5, 0 },
		{ BYTES("\x10\x05"), 0, 5 },
		{ BYTES("\x08\x00\x10\x00"), 0, 0 },
		{ BYTES(""), NONE, NONE },
		{ BYTES("\x10\x02\x08\x01"), 1, 2 },
		{ BYTES("\x08\x01\x10\x02\x08\x03"), 3, 2 },
		/* longer than need be */
		{ BYTES("\x08\x85\x80\x80\x80\x00\x10\x86\x00"), 5, 6 },
		{ BYTES("\x08\x85\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 5, 0 },
		{ BYTES("\x88\x80\x00\x05"), 5, 0 },
		/* fields that we do not know: varint, 64 bits, bytes, 32 bits */
		{ BYTES("\x18\x07\x08\x05\x10\x06"), 5, 6 },
		{ BYTES("\x19\x01\x02\x03\x04\x05\x06\x07\x08\x08\x05"), 5, 0 },
		{ BYTES("\x08\x05\x1a\x03xyz\x10\x06"), 5, 6 },
		{ BYTES("\x08\x05\x10\x06\x1d\x01\x02\x03\x04"), 5, 6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct owner got = { 0x11111111, 0x22222222 };

		assert_int_equal(owner_decode((const unsigned char *)vectors[i].bytes, vectors[i].n, &got), 0);
		assert_owner(got, vectors[i].cuid, vectors[i].cgid);
	}
}

static void assert_refused(const char *bytes, size_t n)
{
	struct owner got = { 0x11111111, 0x22222222 };

	assert_int_equal(owner_decode((const unsigned char *)bytes, n, &got), -EBADMSG);
	assert_owner(got, 0x11111111, 0x22222222);
}

static void refuses(void **state)
{
	static const struct vector vectors[] = {
		{ BYTES("\x08"), 0, 0 },
		{ BYTES("\x08\x85"), 0, 0 },
		{ BYTES("\x08\x01\x10"), 0, 0 },
		{ BYTES("\x08\x01\x10\xff\xff"), 0, 0 },
		{ BYTES("\x88"), 0, 0 },
		{ BYTES("\x08\x05\x1a\x04xyz"), 0, 0 },
		{ BYTES("\x08\x05\x1d\x01\x02\x03"), 0, 0 },
		/* more than 32 bits, more than 64, more than ten bytes */
		{ BYTES("\x08\x80\x80\x80\x80\x10"), 0, 0 },
		{ BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0, 0 },
		{ BYTES("\x08\x01\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0, 0 },
		/* another type: bytes, 32 bits; a group; no field */
		{ BYTES("\x08\x01\x12\x01\x35"), 0, 0 },
		{ BYTES("\x0d\x01\x00\x00\x00"), 0, 0 },
		{ BYTES("\x08\x05\x1b\x1c"), 0, 0 },
		{ BYTES("\x08\x05\x00\x00"), 0, 0 },
		{ BYTES("garbage"), 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)
		assert_refused(vectors[i].bytes, vectors[i].n);
}

static void bounds_length(void **state)
{
	/* field 3 as bytes, so long that all is one valid message */
	char bytes[LIMIT_OVERRIDE_BYTES + 1] = "\x08\x05\x1a";
	struct owner got = { 1, 2 };

	(void)state;
	bytes[3] = LIMIT_OVERRIDE_BYTES - 4;
	assert_int_equal(owner_decode((const unsigned char *)bytes, LIMIT_OVERRIDE_BYTES, &got), 0);
	assert_owner(got, 5, 0);
	bytes[3]++;
	assert_refused(bytes, LIMIT_OVERRIDE_BYTES + 1);
}

static void encodes_as_umoci(void **state)
{
	static const struct vector vectors[] = {
		{ BYTES("\x08\xe7\x07\x10\xe7\x07"), 999, 999 },
		{ BYTES("\x08\x01\x10\x01"), 1, 1 },
		{ BYTES("\x08\xff\xff\xff\xff\x0f\x10\x2a"), NONE, 42 },
		{ BYTES("\x08\xfe\xff\xff\xff\x0f\x10\xff\xff\xff\xff\x0f"), 0xfffffffe, NONE },
	};
	unsigned char bytes[OWNER_ENCODED_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		size_t n = owner_encode((struct owner){ vectors[i].cuid, vectors[i].cgid }, bytes);

		assert_int_equal(n, vectors[i].n);
		assert_memory_equal(bytes, vectors[i].bytes, n);
	}
}

/* Also of 0:0, the record of an object that an unmapped id owns: an empty value would record nothing. */
static void round_trips(void **state)
{
	(void)state;
	for (size_t u = 0; u < ARRAY_SIZE(edges); u++)
		for (size_t g = 0; g < ARRAY_SIZE(edges); g++) {
			unsigned char bytes[OWNER_ENCODED_MAX + 4];
			struct owner got = { 0x11111111, 0x22222222 };
			size_t n;

			memset(bytes, 0xa5, sizeof(bytes));
			n = owner_encode((struct owner){ edges[u], edges[g] }, bytes);
			assert_in_range(n, 1, OWNER_ENCODED_MAX);
			assert_memory_equal(bytes + OWNER_ENCODED_MAX, "\xa5\xa5\xa5\xa5", 4);
			assert_int_equal(owner_decode(bytes, n, &got), 0);
			assert_owner(got, edges[u], edges[g]);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_record_over_host),
		cmocka_unit_test(merges_halves),
		cmocka_unit_test(merge_is_seen),
		cmocka_unit_test(is_none_and_equal),
		cmocka_unit_test(permits_by_rule),
		cmocka_unit_test(permits_what_the_kernel_permits),
		cmocka_unit_test(decodes),
		cmocka_unit_test(refuses),
		cmocka_unit_test(bounds_length),
		cmocka_unit_test(encodes_as_umoci),
		cmocka_unit_test(round_trips),
	};

	return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
