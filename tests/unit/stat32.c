/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stat32 FILE: what the kernel gives an i386 program, without a libc in between. Writes for oldlstat, lstat, lstat64
 * and fstatat64 a 32-bit answer and 96 bytes. Exit status 1: the output could not be written.
 */
#define AT_FDCWD (-100)
#define AT_SYMLINK_NOFOLLOW 0x100

struct result {
	int r;
	unsigned char bytes[96];
};

static int call(int nr, long a, long b, long c, long d)
{
	int r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
	return r;
}

__attribute__((used, noreturn)) void start(const long *stack)
{
	static struct result results[4];
	const unsigned int size = sizeof(results);
	const long path = stack[2]; /* behind argc and argv[0] */
	int status;

	results[0].r = call(84, path, (long)results[0].bytes, 0, 0);
	results[1].r = call(107, path, (long)results[1].bytes, 0, 0);
	results[2].r = call(196, path, (long)results[2].bytes, 0, 0);
	results[3].r = call(300, AT_FDCWD, path, (long)results[3].bytes, AT_SYMLINK_NOFOLLOW);
	status = call(4, 1, (long)results, size, 0) != (int)size;
	for (;;)
		call(1, status, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n\tmov %esp, %eax\n\tand $-16, %esp\n\tsub $12, %esp\n\tpush %eax\n\tcall start\n");
