/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of calls that mount file systems, and the options in them. */
#include "rule/mount.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mount.h>

#include "base/reason.h"
#include "calls.h"
#include "decode/mount.h"

static const struct owner self = { 0, 0 };

static void ids(void **state)
{
	static const struct { const char *text; int64_t id; } ids[] = {
		{ "0", 0 }, { "5", 5 }, { "+5", 5 }, { "05", 5 }, { "010", 8 }, { "0x10", 16 }, { "0X1f", 31 }, { "+0x0", 0 }, { "5\n", 5 },
		{ "4294967294", 0xfffffffe }, { "0xfffffffe", 0xfffffffe }, { "4294967295", -1 }, { "4294967296", -1 }, { "18446744073709551621", -1 },
		{ "", -1 }, { "+", -1 }, { "-1", -1 }, { "++5", -1 }, { "08", -1 }, { "0x", -1 }, { "0xg", -1 }, { "5a", -1 }, { " 5", -1 }, { "5 ", -1 },
		{ "5\n\n", -1 }, { "\n", -1 }, { "abc", -1 }, { "0b1", -1 },
	};
	char text[MOUNT_ID_TEXT];
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(mount_id(ids[i].text, &id), ids[i].id < 0 ? -EINVAL : 0);
		assert_true(ids[i].id < 0 || id == (uint32_t)ids[i].id);
	}
	mount_id_text(4294967294, text);
	assert_string_equal(text, "4294967294");
	mount_id_text(0, text);
	assert_string_equal(text, "0");
}

static void options_are_taken_apart(void **state)
{
	char text[] = "uid=5,,nosuid,=x,mpol=bind:1,2-3,gid=,a=b=c,", *rest = text;
	static const struct mount_option joined[] = {
		{ "uid", "5" }, { "nosuid", NULL }, { "mpol", "bind:1,2-3" }, { "gid", "" }, { "a", "b=c" },
	};
	struct mount_option option;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(joined); i++) {
		assert_true(mount_option_next(&rest, true, &option));
		assert_string_equal(option.key, joined[i].key);
		assert_int_equal(option.value == NULL, joined[i].value == NULL);
		assert_true(!option.value || strcmp(option.value, joined[i].value) == 0);
	}
	assert_false(mount_option_next(&rest, true, &option));
	strcpy(text, "max=1,2");
	rest = text;
	assert_true(mount_option_next(&rest, false, &option) && strcmp(option.value, "1") == 0);
	assert_true(mount_option_next(&rest, false, &option) && strcmp(option.key, "2") == 0 && !option.value);
}

static void what_is_asked_for(void **state)
{
	static const struct { const char *type, *options; struct owner self; bool asks; struct owner owner; } asked[] = {
		{ "tmpfs", "uid=5,gid=6,mode=1770", { 0, 0 }, true, { 5, 6 } },
		{ "devpts", "gid=5,mode=620", { 0, 0 }, true, { OWNER_NONE, 5 } },
		{ "tmpfs", "uid=0,gid=0", { 0, 0 }, false, { 0, 0 } },
		{ "tmpfs", "size=5", { 0, 0 }, false, { OWNER_NONE, OWNER_NONE } },
		{ "tmpfs", "uid=5,uid=0", { 0, 0 }, true, { 0, OWNER_NONE } }, /* which the kernel would refuse */
		{ "tmpfs", "uid=1000", { 1000, 1000 }, false, { 1000, OWNER_NONE } },
		{ "tmpfs", "gid=0", { 1000, 1000 }, true, { OWNER_NONE, 0 } },
		{ "tmpfs", "uid=x,gid=5", { 0, 0 }, true, { OWNER_NONE, 5 } },
		{ "tmpfs", "uid,gid", { 0, 0 }, false, { OWNER_NONE, OWNER_NONE } },
		{ "tmpfs", "context=\"a,uid=5\"", { 0, 0 }, false, { OWNER_NONE, OWNER_NONE } },
		{ "tmpfs", "mpol=bind:1,2,uid=5", { 0, 0 }, true, { 5, OWNER_NONE } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct owner owner;

		assert_int_equal(mount_asks(mount_type_find(asked[i].type), asked[i].options, asked[i].self, &owner), asked[i].asks);
		assert_true(owner_equal(owner, asked[i].owner) || strchr(asked[i].options, '"'));
	}
	assert_null(mount_type_find("proc"));
	assert_null(mount_type_find("tmpfs2"));
}

/* The kernel reads a page. */
static void bounds_options(void **state)
{
	static char long_options[MOUNT_DATA_MAX + 1];
	struct owner owner;

	(void)state;
	memset(long_options, 'x', MOUNT_DATA_MAX);
	memcpy(long_options, "uid=5,", 6);
	assert_false(mount_asks(mount_type_find("tmpfs"), long_options, self, &owner));
	long_options[MOUNT_DATA_MAX - 1] = '\0';
	assert_true(mount_asks(mount_type_find("tmpfs"), long_options, self, &owner));
}

/* What mount(2) does beside a new mount, and what it reads before. */
static void flags_and_strings_of_mount(void **state)
{
	static const struct { uint64_t flags; int outcome; } flags[] = {
		{ 0, 0 }, { MS_NOSUID | MS_NODEV | MS_STRICTATIME | MS_LAZYTIME, 0 }, { 0xc0ed0000, 0 }, { 0xc0ed0000 | MS_RDONLY, 0 },
		{ MS_BIND, REASON_other_option }, { MS_REMOUNT, REASON_other_option }, { MS_MOVE, REASON_other_option }, { MS_PRIVATE, REASON_other_option },
		{ MS_SHARED, REASON_other_option }, { MS_UNBINDABLE, REASON_other_option }, { MS_SLAVE, REASON_other_option }, { 1UL << 31, REASON_other_option },
		{ 1UL << 40, REASON_other_option }, { MS_POSIXACL, REASON_other_option },
	};

	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, '2'))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
			set_arg(&data, call, '3', flags[i].flags);
			assert_int_equal(run(&data), flags[i].flags >> 32 && abi == ABI_I386 ? 0 : flags[i].outcome);
		}
		set_arg(&data, call, '3', 0);
		assert_int_equal(run(&data), 0);
		assert_string_equal(req.fs_type, "tmpfs");
		assert_string_equal((char *)req.value, "uid=5");
		assert_true(req.has_source);
		set_arg(&data, call, '1', 0);
		assert_int_equal(run(&data), 0);
		assert_false(req.has_source);
		memset(options, 'x', MOUNT_DATA_MAX);
		assert_int_equal(run(&data), 0);
		assert_int_equal(strlen((char *)req.value), MOUNT_DATA_MAX - 1);
		strcpy(fs_type, "a type that is longer");
		assert_int_equal(run(&data), REASON_other_option);
		set_arg(&data, call, '2', T_NOWHERE);
		assert_int_equal(run(&data), REASON_kernel_refuses);
		set_arg(&data, call, '4', 0);
		assert_int_equal(run(&data), REASON_other_option);
		usual_memory(state);
	}
}

static void options_of_fsconfig(void **state)
{
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, '5'))
			continue;
		set_arg(&data, call, '!', GARBAGE | FSCONFIG_SET_STRING);
		assert_int_equal(run(&data), 0);
		assert_string_equal(req.name, "uid");
		assert_string_equal((char *)req.value, "uid=5");
		strcpy(fs_key, "uids");
		assert_int_equal(run(&data), REASON_other_option);
		strcpy(fs_key, "gid");
		memset(options, '1', 256);
		options[256] = '\0';
		assert_int_equal(run(&data), REASON_kernel_refuses);
		options[255] = '\0';
		assert_int_equal(run(&data), 0);
		memset(fs_key, 'x', 256);
		assert_int_equal(run(&data), REASON_kernel_refuses);
		set_arg(&data, call, '9', 1);
		assert_int_equal(run(&data), REASON_kernel_refuses);
		/* other commands have no strings */
		set_arg(&data, call, '!', FSCONFIG_CMD_RECONFIGURE);
		assert_int_equal(run(&data), 0);
		assert_int_equal(fake_read_count, 0);
		set_arg(&data, call, '!', FSCONFIG_CMD_CREATE);
		assert_int_equal(run(&data), REASON_other_option);
		usual_memory(state);
	}
}

static void what_move_mount_moves(void **state)
{
	(void)state;
	FOR_EACH_CALL(abi, call) {
		struct seccomp_data data = call_of(abi, call);

		if (!has(call, '7'))
			continue;
		assert_int_equal(run(&data), 0);
		assert_true(req.t_socket == 9 && req.t_dirfd == 7 && req.follow && !req.empty_path);
		set_arg(&data, call, '8', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
		assert_int_equal(run(&data), 0);
		assert_true(!req.follow && req.empty_path);
		set_arg(&data, call, '7', 0);
		assert_int_equal(run(&data), 0);
		set_arg(&data, call, '7', T_PATH);
		assert_int_equal(run(&data), REASON_other_option);
		set_arg(&data, call, '7', T_EMPTY);
		set_arg(&data, call, '8', MOVE_MOUNT_T_EMPTY_PATH);
		assert_int_equal(run(&data), REASON_other_option);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(options_are_taken_apart),
		cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(bounds_options),
		cmocka_unit_test_setup(flags_and_strings_of_mount, usual_memory),
		cmocka_unit_test_setup(options_of_fsconfig, usual_memory),
		cmocka_unit_test_setup(what_move_mount_moves, usual_memory),
	};

	return cmocka_run_group_tests_name("mount", tests, bind_numbers, NULL);
}
