/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/device.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/limits.h"
#include "rule/owner.h"

#define BYTES(text) text, sizeof(text) - 1

struct vector {
	const char *bytes;
	size_t n;
	struct device device;
};

static void decodes(void **state)
{
	static const struct vector vectors[] = {
		{ BYTES("0:0:0666:char-1-3"), { S_IFCHR, 1, 3 } },
		{ BYTES("0:6:0660:block-8-0"), { S_IFBLK, 8, 0 } },
		{ BYTES("4294967295:4294967295:7777:block-4095-1048575"), { S_IFBLK, 4095, 1048575 } },
		{ BYTES("0:0:0:char-0-0"), { S_IFCHR, 0, 0 } },
		/* the type with the mode; more digits than need be */
		{ BYTES("0:0:0100644:char-5-1"), { S_IFCHR, 5, 1 } },
		{ BYTES("0:0:177777:char-5-1"), { S_IFCHR, 5, 1 } },
		{ BYTES("00042:0:00644:char-005-00001"), { S_IFCHR, 5, 1 } },
		{ BYTES("000000000000000000000000000000000000000000000:0:0:char-0001-0003"), { S_IFCHR, 1, 3 } },
	};

	(void)state;
	assert_int_equal(vectors[ARRAY_SIZE(vectors) - 1].n, LIMIT_OVERRIDE_BYTES);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct device got = { 9, 9, 9 };

		assert_int_equal(device_decode((const unsigned char *)vectors[i].bytes, vectors[i].n, &got), 0);
		assert_true(device_equal(&got, &vectors[i].device));
	}
}

static void refuses(void **state)
{
	static const struct vector vectors[] = {
		{ BYTES(""), { 0 } },
		/* no device, as both tools write it; no type, as fuse-overlayfs does */
		{ BYTES("0:0:0644:file"), { 0 } },
		{ BYTES("0:0:0755:dir"), { 0 } },
		{ BYTES("0:0:0644:pipe"), { 0 } },
		{ BYTES("0:0:0644:socket"), { 0 } },
		{ BYTES("0:0:0777:symlink"), { 0 } },
		{ BYTES("0:0:644"), { 0 } },
		{ BYTES("0:0:0644:"), { 0 } },
		/* something is missing, or left over */
		{ BYTES("0:0:0644:char"), { 0 } },
		{ BYTES("0:0:0644:char-1"), { 0 } },
		{ BYTES("0:0:0644:char-1-"), { 0 } },
		{ BYTES("0:0:0644:char--3"), { 0 } },
		{ BYTES("0:0:0644:char-1-3-7"), { 0 } },
		{ BYTES("0:0:0644:char-1-3:7"), { 0 } },
		{ BYTES("0:0:0644:char-1-3\n"), { 0 } },
		{ BYTES("0:0:0644:char-1-3\0"), { 0 } },
		{ BYTES("0:0::char-1-3"), { 0 } },
		{ BYTES("0::0644:char-1-3"), { 0 } },
		{ BYTES(":0:0644:char-1-3"), { 0 } },
		{ BYTES("0:0644:char-1-3"), { 0 } },
		{ BYTES(" 0:0:0644:char-1-3"), { 0 } },
		/* no numbers */
		{ BYTES("-1:0:0644:char-1-3"), { 0 } },
		{ BYTES("+1:0:0644:char-1-3"), { 0 } },
		{ BYTES("0x1:0:0644:char-1-3"), { 0 } },
		{ BYTES("0:0:0648:char-1-3"), { 0 } },
		{ BYTES("0:0:0644:char-1-0x3"), { 0 } },
		{ BYTES("0:0:0644:char-a-3"), { 0 } },
		/* too great */
		{ BYTES("4294967296:0:0644:char-1-3"), { 0 } },
		{ BYTES("0:4294967296:0644:char-1-3"), { 0 } },
		{ BYTES("0:99999999999999999999:0644:char-1-3"), { 0 } },
		{ BYTES("0:0:200000:char-1-3"), { 0 } },
		{ BYTES("0:0:0644:char-4096-3"), { 0 } },
		{ BYTES("0:0:0644:char-1-1048576"), { 0 } },
		/* other types */
		{ BYTES("0:0:0644:chart-1-3"), { 0 } },
		{ BYTES("0:0:0644:Char-1-3"), { 0 } },
		{ BYTES("0:0:0644:cha-1-3"), { 0 } },
		{ BYTES("0:0:0644:blockchar-1-3"), { 0 } },
		/* one byte more than is looked at */
		{ BYTES("0000000000000000000000000000000000000000000000:0:0:char-0001-0003"), { 0 } },
	};

	(void)state;
	assert_int_equal(vectors[ARRAY_SIZE(vectors) - 1].n, LIMIT_OVERRIDE_BYTES + 1);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct device before = { 9, 8, 7 };
		struct device got = before;

		assert_int_equal(device_decode((const unsigned char *)vectors[i].bytes, vectors[i].n, &got), -EBADMSG);
		assert_true(device_equal(&got, &before));
	}
}

/* As containers/storage: FormatContainersOverrideXattrDevice() of pkg/idtools. */
static void encodes(void **state)
{
	static const struct {
		const char *text;
		struct device device;
		struct owner owner;
		uint32_t mode;
	} vectors[] = {
		{ "0:0:0666:char-1-3", { S_IFCHR, 1, 3 }, { 0, 0 }, S_IFREG | 0666 },
		{ "0:6:0660:block-8-0", { S_IFBLK, 8, 0 }, { 0, 6 }, 0660 },
		{ "42:43:0000:char-0-0", { S_IFCHR, 0, 0 }, { 42, 43 }, S_IFCHR },
		{ "1:2:4755:char-5-1", { S_IFCHR, 5, 1 }, { 1, 2 }, 04755 },
		{ "4294967295:4294967294:7777:block-4095-1048575", { S_IFBLK, 4095, 1048575 }, { UINT32_MAX, UINT32_MAX - 1 }, UINT32_MAX },
	};

	(void)state;
	assert_int_equal(strlen(vectors[ARRAY_SIZE(vectors) - 1].text), DEVICE_ENCODED_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		unsigned char bytes[DEVICE_ENCODED_MAX + 4];
		size_t n;

		memset(bytes, 0xa5, sizeof(bytes));
		n = device_encode(&vectors[i].device, &vectors[i].owner, vectors[i].mode, bytes);
		assert_int_equal(n, strlen(vectors[i].text));
		assert_memory_equal(bytes, vectors[i].text, n);
		assert_memory_equal(bytes + n, "\xa5\xa5\xa5\xa5", 4);
	}
}

static void round_trips(void **state)
{
	static const uint32_t ids[] = { 0, 9, 10, 65534, 999999999, 1000000000, UINT32_MAX }, majors[] = { 0, 1, 9, 10, 999, 1000, 4095 },
			      minors[] = { 0, 255, 256, 99999, 100000, 1048575 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids) * ARRAY_SIZE(majors) * ARRAY_SIZE(minors) * 2; i++) {
		size_t n = i / 2;
		struct owner owner = { ids[n % 7], ids[(n + 3) % 7] };
		struct device want = { i % 2 ? S_IFCHR : S_IFBLK, majors[n / 7 % 7], minors[n / 49] }, got = { 0 };
		unsigned char bytes[DEVICE_ENCODED_MAX];

		n = device_encode(&want, &owner, (uint32_t)i * 41, bytes);
		assert_in_range(n, 17, DEVICE_ENCODED_MAX);
		assert_int_equal(device_decode(bytes, n, &got), 0);
		assert_true(device_equal(&got, &want));
	}
}

static void says_what_mknod_makes(void **state)
{
	static const struct {
		uint32_t mode, dev;
		struct device device;
	} vectors[] = {
		{ S_IFCHR | 0666, 0x103, { S_IFCHR, 1, 3 } },
		{ S_IFBLK, 0x800, { S_IFBLK, 8, 0 } },
		/* the kernel looks at 16 bits */
		{ 0xabcd0000 | S_IFCHR, 0x103, { S_IFCHR, 1, 3 } },
		/* the minor number's upper bits are above the major number */
		{ S_IFCHR, UINT32_MAX, { S_IFCHR, 0xfff, 0xfffff } },
		{ S_IFCHR, 0xfff00000, { S_IFCHR, 0, 0xfff00 } },
		{ S_IFCHR, 0x000fff00, { S_IFCHR, 0xfff, 0 } },
		{ S_IFCHR, 0x12345678, { S_IFCHR, 0x456, 0x12378 } },
		{ 0, 0x103, { 0, 0, 0 } },
		{ S_IFREG, 0x103, { 0, 0, 0 } },
		{ S_IFIFO, 0x103, { 0, 0, 0 } },
		{ S_IFSOCK, 0x103, { 0, 0, 0 } },
		{ S_IFDIR, 0x103, { 0, 0, 0 } },
		{ S_IFLNK, 0x103, { 0, 0, 0 } },
		{ S_IFCHR | S_IFIFO | S_IFBLK, 0x103, { 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct device got = device_of_mknod(vectors[i].mode, vectors[i].dev);

		assert_true(device_equal(&got, &vectors[i].device));
		assert_int_equal(device_is_none(&got), vectors[i].device.type == 0);
	}
}

/* The same numbers by the kernel. */
static void decodes_numbers_as_the_kernel(void **state)
{
	static const uint32_t devs[] = { 0, 1, 0x103, 0xff, 0x100, 0xfff00, 0x100000, 0xfffff, 0xfff00000, 0x12345678, 0x9abcdef0, UINT32_MAX };
	char dir[] = "/tmp/test-device.XXXXXX", name[64];
	bool permitted = true;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/node", dir);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(devs) && permitted; i++) {
		uint32_t mode = (i % 2 ? S_IFCHR : S_IFBLK) | 0600;
		struct device want = device_of_mknod(mode, devs[i / 2]);
		struct stat st;

		permitted = syscall(SYS_mknodat, AT_FDCWD, name, mode, devs[i / 2]) == 0;
		if (!permitted)
			break;
		assert_int_equal(lstat(name, &st), 0);
		unlink(name);
		assert_int_equal(st.st_mode & S_IFMT, want.type);
		assert_int_equal(major(st.st_rdev), want.major);
		assert_int_equal(minor(st.st_rdev), want.minor);
	}
	rmdir(dir);
	if (!permitted) {
		print_message("# only root can have the kernel make devices\n");
		skip();
	}
}

static void statx_of(const char *name, struct statx *stx)
{
	memset(stx, 0, sizeof(*stx));
	assert_int_equal(statx(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, 0x7fffffff, stx), 0);
	stx->stx_ino = 0;
	stx->stx_atime = stx->stx_mtime = stx->stx_ctime = stx->stx_btime = (struct statx_timestamp){ 0 };
}

/* All that this kernel tells of a node and of an empty file that stands for one. */
static void shows_what_a_node_shows(void **state)
{
	static const char *const dirs[] = { "/tmp", "/dev/shm", "/var/tmp" };
	const struct device device = { S_IFCHR, 0x456, 0x12378 };
	bool permitted = true;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dirs) && permitted; i++) {
		char node[64], file[64];
		struct statx want, got;
		int fd;

		snprintf(node, sizeof(node), "%s/test-device-node.%d", dirs[i], (int)getpid());
		snprintf(file, sizeof(file), "%s/test-device-file.%d", dirs[i], (int)getpid());
		permitted = mknod(node, S_IFCHR | 0600, makedev(device.major, device.minor)) == 0;
		fd = open(file, O_CREAT | O_EXCL | O_WRONLY, 0600);
		assert_true(fd >= 0);
		close(fd);
		if (permitted) {
			statx_of(node, &want);
			statx_of(file, &got);
			device_show(&device, &got);
		}
		unlink(node);
		unlink(file);
		if (permitted)
			assert_memory_equal(&got, &want, sizeof(got));
	}
	if (!permitted) {
		print_message("# only root can have the kernel make devices\n");
		skip();
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),
		cmocka_unit_test(refuses),
		cmocka_unit_test(encodes),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(says_what_mknod_makes),
		cmocka_unit_test(decodes_numbers_as_the_kernel),
		cmocka_unit_test(shows_what_a_node_shows),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
