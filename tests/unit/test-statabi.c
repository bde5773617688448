/* SPDX-License-Identifier: Apache-2.0 */
#include "reply/statabi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* the layout of most 64-bit ABIs, aarch64's too, as the kernel's headers have it */
#undef st_atime
#undef st_mtime
#undef st_ctime
#define stat generic_stat
#include <asm-generic/stat.h>
#undef stat

#define GUARD 0xa5
#define FILES_MAX 40

/* As stat32.c writes it. */
struct result {
	int32_t r;
	unsigned char bytes[96];
};

static char dirs[2][32] = { "/tmp/test-statabi.XXXXXX", "/dev/shm/test-statabi.XXXXXX" };
static char files[FILES_MAX][128];
static size_t file_count;

static void file(const char *name)
{
	assert_true(file_count < FILES_MAX);
	snprintf(files[file_count++], sizeof(files[0]), "%s", name);
}

static const char *in(const char *dir, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* A file of the size, owner and times. */
static void make_file(const char *dir, const char *name, off_t size, uint32_t id, int64_t seconds)
{
	const struct timespec times[2] = { { seconds, 123456789 }, { seconds + 1, 999999999 } };
	int fd = open(in(dir, name), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(utimensat(AT_FDCWD, in(dir, name), times, 0), 0);
	if (fchown(fd, id, id) < 0)
		print_message("# %s keeps its owner: %s\n", in(dir, name), strerror(errno));
	close(fd);
	file(in(dir, name));
}

static void make_node(const char *dir, const char *name, unsigned int type, unsigned int major, unsigned int minor)
{
	/* as the kernel takes it */
	unsigned int dev = (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;

	if (syscall(SYS_mknodat, AT_FDCWD, in(dir, name), type | 0600, dev) == 0)
		file(in(dir, name));
	else
		print_message("# no %s: %s\n", in(dir, name), strerror(errno));
}

static void fill(const char *dir)
{
	char other[128];

	make_file(dir, "plain", 0, 0, 1700000000);
	make_file(dir, "owned", 12345, 42, 1);
	make_file(dir, "id-16", 1, 65535, 0x7fffffff);
	make_file(dir, "id-32", 1, 0x12345678, -5);
	make_file(dir, "late", 1, 65536, 0x80000001);
	make_file(dir, "large", 0x7fffffff, 65534, 5);
	make_file(dir, "too-large", 0x80000000, 0, 5);
	make_file(dir, "huge", 0x1234567890, 0, 5);
	snprintf(other, sizeof(other), "%s", in(dir, "link"));
	assert_int_equal(link(in(dir, "owned"), other), 0);
	assert_int_equal(symlink("nowhere", in(dir, "symlink")), 0);
	file(in(dir, "symlink"));
	make_node(dir, "fifo", S_IFIFO, 0, 0);
	make_node(dir, "socket", S_IFSOCK, 0, 0);
	make_node(dir, "null", S_IFCHR, 1, 3);
	make_node(dir, "block", S_IFBLK, 259, 300);
	make_node(dir, "wide", S_IFCHR, 0xabc, 0xdef12);
	file(dir);
}

static int make_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (!mkdtemp(dirs[i])) {
			print_message("# no files in %s: %s\n", dirs[i], strerror(errno));
			dirs[i][0] = '\0';
			continue;
		}
		fill(dirs[i]);
	}
	/* small inode numbers, other devices */
	file("/");
	file("/dev/null");
	file("/dev/full");
	file("/sys");
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (dirs[i][0])
			unlink(in(dirs[i], "link"));
	for (size_t i = 0; i < file_count; i++)
		if (strstr(files[i], "/test-statabi.") && unlink(files[i]) < 0)
			rmdir(files[i]);
	return 0;
}

static void get_statx(const char *name, struct statx *stx)
{
	memset(stx, 0, sizeof(*stx));
	assert_int_equal(syscall(SYS_statx, AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, stx), 0);
}

/* Encodes, and checks that nothing is written behind the length. */
static int encode(enum abi abi, unsigned int traits, const struct statx *stx, unsigned char bytes[static STATABI_MAX])
{
	int r;

	memset(bytes, GUARD, STATABI_MAX);
	r = statabi_encode(abi, traits, stx, bytes);
	assert_true(r <= STATABI_MAX);
	for (int i = r < 0 ? 0 : r; i < STATABI_MAX; i++)
		assert_int_equal(bytes[i], GUARD);
	return r;
}

#ifdef __aarch64__
static const enum abi native = ABI_AARCH64;
static const size_t native_size = 128;
#else
static const enum abi native = ABI_X86_64;
static const size_t native_size = 144;
#endif

static void native_is_the_kernels(void **state)
{
#if defined(__x86_64__) || defined(__aarch64__)
	(void)state;
	for (size_t i = 0; i < file_count; i++) {
		unsigned char want[STATABI_MAX] = { 0 }, got[STATABI_MAX];
		struct statx stx;

		get_statx(files[i], &stx);
		assert_int_equal(syscall(SYS_newfstatat, AT_FDCWD, files[i], want, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(encode(native, STAT, &stx, got), native_size);
		assert_memory_equal(got, want, native_size);
#ifdef __x86_64__
		assert_int_equal(encode(ABI_X32, STAT, &stx, got), native_size);
		assert_memory_equal(got, want, native_size);
		assert_int_equal(syscall(SYS_lstat, files[i], want), 0);
		assert_memory_equal(got, want, native_size);
#endif
	}
#else
	(void)state;
	print_message("# this machine is neither x86-64 nor aarch64\n");
	skip();
#endif
}

/* What stat32 beside this program says; false, with the reason, when it is not there or cannot run. */
static bool ask_i386(const char *name, struct result results[static 4])
{
	const size_t size = 4 * sizeof(results[0]);
	char self[512], command[1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *f;
	size_t got;
	int status;

	assert_true(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command), "%s/stat32", self);
	if (access(command, X_OK) < 0) {
		print_message("# the compiler made no 32-bit %s, see its .log\n", command);
		return false;
	}
	assert_in_range(snprintf(command, sizeof(command), "%s/stat32 %s", self, name), 1, sizeof(command) - 1);
	f = popen(command, "r");
	assert_non_null(f);
	got = fread(results, 1, size, f);
	status = pclose(f);
	if (got == 0 && (status == 126 << 8 || status == 127 << 8)) {
		print_message("# this kernel runs no i386 programs\n");
		return false;
	}
	assert_int_equal(status, 0);
	assert_int_equal(got, size);
	return true;
}

static void i386_is_the_kernels(void **state)
{
	static const unsigned int traits[4] = { OLDSTAT, STAT, STAT64, STAT64 };
	static const int sizes[4] = { 32, 64, 96, 96 };
	unsigned int answered[4] = { 0 }, overflows[4] = { 0 };

	(void)state;
	for (size_t i = 0; i < file_count; i++) {
		struct result results[4];
		struct statx stx;

		get_statx(files[i], &stx);
		if (!ask_i386(files[i], results))
			skip();
		for (size_t k = 0; k < ARRAY_SIZE(results); k++) {
			unsigned char got[STATABI_MAX];
			int r = encode(ABI_I386, traits[k], &stx, got);

			if (r != (results[k].r == 0 ? sizes[k] : results[k].r))
				fail_msg("%s, %zu: %d, but the kernel says %d", files[i], k, r, results[k].r);
			if (r >= 0 && memcmp(got, results[k].bytes, (size_t)r) != 0)
				print_message("# %s, %zu:\n", files[i], k);
			if (r >= 0)
				assert_memory_equal(got, results[k].bytes, (size_t)r);
			answered[k] += r >= 0;
			overflows[k] += r == -EOVERFLOW;
		}
	}
	/* and none of this was empty */
	assert_true(answered[0] > 0 && answered[1] > 0 && answered[2] == file_count && answered[3] == file_count);
	assert_true(overflows[1] > 0);
}

/* What no file here may have. */
static const struct statx model = {
	.stx_mask = STATX_BASIC_STATS, .stx_mode = 0100644, .stx_nlink = 3, .stx_uid = 70000, .stx_gid = 65535,
	.stx_ino = 0x1234, .stx_size = 0x7fffffff, .stx_blocks = 8, .stx_blksize = 4096,
	.stx_dev_major = 8, .stx_dev_minor = 17, .stx_rdev_major = 259, .stx_rdev_minor = 0x12345,
	.stx_atime = { .tv_sec = 0x1122334455, .tv_nsec = 1 }, .stx_mtime = { .tv_sec = -2, .tv_nsec = 2 },
	.stx_ctime = { .tv_sec = 3, .tv_nsec = 999999999 },
};

static void i386_overflows(void **state)
{
	unsigned char bytes[STATABI_MAX];
	struct statx stx = model;

	(void)state;
	assert_int_equal(encode(ABI_I386, STAT, &stx, bytes), 64);
	assert_int_equal(encode(ABI_I386, OLDSTAT, &stx, bytes), 32);
	assert_int_equal(encode(ABI_I386, STAT64, &stx, bytes), 96);
	stx.stx_ino = 0x10000;
	assert_int_equal(encode(ABI_I386, OLDSTAT, &stx, bytes), -EOVERFLOW);
	assert_int_equal(encode(ABI_I386, STAT, &stx, bytes), 64);
	stx.stx_ino = 0x100000000;
	assert_int_equal(encode(ABI_I386, STAT, &stx, bytes), -EOVERFLOW);
	assert_int_equal(encode(ABI_I386, STAT64, &stx, bytes), 96);
	assert_memory_equal(bytes + 88, "\0\0\0\0\1\0\0\0", 8);
	stx = model;
	stx.stx_nlink = 0x10000;
	assert_int_equal(encode(ABI_I386, OLDSTAT, &stx, bytes), -EOVERFLOW);
	assert_int_equal(encode(ABI_I386, STAT, &stx, bytes), -EOVERFLOW);
	assert_int_equal(encode(ABI_I386, STAT64, &stx, bytes), 96);
	stx = model;
	stx.stx_size = 0x80000000;
	assert_int_equal(encode(ABI_I386, STAT, &stx, bytes), -EOVERFLOW);
	assert_int_equal(encode(ABI_I386, STAT64, &stx, bytes), 96);
	stx.stx_size = UINT64_MAX;
	assert_int_equal(encode(ABI_I386, STAT, &stx, bytes), -EOVERFLOW);
}

/* Ids that 16 bits do not hold show as the overflow id; only a real 65534 is told from it nowhere. */
static void i386_ids(void **state)
{
	static const struct { uint32_t id; uint16_t narrow; } ids[] = {
		{ 0, 0 }, { 1000, 1000 }, { 65534, 65534 }, { 65535, 65535 }, { 65536, 65534 }, { 0xfffffffe, 65534 }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		unsigned char bytes[STATABI_MAX];
		struct statx stx = model;

		stx.stx_uid = stx.stx_gid = ids[i].id;
		assert_int_equal(encode(ABI_I386, STAT, &stx, bytes), 64);
		assert_memory_equal(bytes + 12, &ids[i].narrow, 2);
		assert_memory_equal(bytes + 14, &ids[i].narrow, 2);
		assert_int_equal(encode(ABI_I386, OLDSTAT, &stx, bytes), 32);
		assert_memory_equal(bytes + 8, &ids[i].narrow, 2);
		assert_memory_equal(bytes + 10, &ids[i].narrow, 2);
		assert_int_equal(encode(ABI_I386, STAT64, &stx, bytes), 96);
		assert_memory_equal(bytes + 24, &ids[i].id, 4);
		assert_memory_equal(bytes + 28, &ids[i].id, 4);
	}
}

static void aarch64_is_generic(void **state)
{
	const uint64_t dev = 17 | 8 << 8, rdev = 0x45 | 259U << 8 | 0x12300U << 12;
	unsigned char bytes[STATABI_MAX];
	struct generic_stat st;

	(void)state;
	assert_int_equal(sizeof(st), 128);
	assert_int_equal(encode(ABI_AARCH64, STAT, &model, bytes), sizeof(st));
	memcpy(&st, bytes, sizeof(st));
	assert_true(st.st_dev == dev && st.st_rdev == rdev && st.st_ino == 0x1234);
	assert_true(st.st_mode == 0100644 && st.st_nlink == 3 && st.st_uid == 70000 && st.st_gid == 65535);
	assert_true(st.st_size == 0x7fffffff && st.st_blksize == 4096 && st.st_blocks == 8);
	assert_true(st.st_atime == 0x1122334455 && st.st_atime_nsec == 1);
	assert_true((long)st.st_mtime == -2 && st.st_mtime_nsec == 2);
	assert_true(st.st_ctime == 3 && st.st_ctime_nsec == 999999999);
	/* and by offset: mode, uid, size, mtime */
	assert_memory_equal(bytes + 16, "\xa4\x81\0\0", 4);
	assert_memory_equal(bytes + 24, "\x70\x11\1\0\xff\xff\0\0", 8);
	assert_memory_equal(bytes + 48, "\xff\xff\xff\x7f\0\0\0\0", 8);
	assert_memory_equal(bytes + 88, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_memory_equal(bytes + 120, "\0\0\0\0\0\0\0\0", 8);
}

static void statx_is_copied(void **state)
{
	(void)state;
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
		unsigned char bytes[STATABI_MAX];

		assert_int_equal(encode(abi, MAY_CONTINUE | STATX, &model, bytes), 256);
		assert_memory_equal(bytes, &model, 256);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_is_the_kernels),
		cmocka_unit_test(i386_is_the_kernels),
		cmocka_unit_test(i386_overflows),
		cmocka_unit_test(i386_ids),
		cmocka_unit_test(aarch64_is_generic),
		cmocka_unit_test(statx_is_copied),
	};

	return cmocka_run_group_tests_name("statabi", tests, make_files, remove_files);
}
