/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a caller: a few pages, some of which cannot be read, through reads that give as much as a schedule says. */
#ifndef FUZZ_FIXTURE_REMOTE_H
#define FUZZ_FIXTURE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REMOTE_PAGES 5
#define REMOTE_SIZE (REMOTE_PAGES * 4096)

struct task {
	uint64_t base;           /* of the first page */
	uint8_t layout;          /* a bit a page: can it be read? The last page of an address space never can */
	bool own;                /* the memory is that of this process, at base */
	uint8_t poison;
	/*
	 * a byte a read, then whole reads: 0 is a whole one, 1 to 0xf8 at most so many bytes; then what no kernel should do:
	 * 0xf9 all but one, 0xfa nothing, 0xfb more than was asked for; and the errors EFAULT, EPERM, ESRCH, EIO
	 */
	const uint8_t *schedule;
	size_t scheduled;

	/* of the call under way: what is wanted, how much has been got, and what a read has forced it to give */
	uint64_t address;
	uint8_t *buf;
	size_t size, done, reads;
	bool string;
	int forced;
};

/* Lays the memory out: bytes at the offset, the filler wherever these are not. With own, base becomes an address of this process. */
void remote_fill(struct task *t, bool own, size_t offset, const uint8_t *bytes, size_t n, uint8_t filler);

/* Says what the reads that follow must be for. */
void remote_expect(struct task *t, uint64_t address, uint8_t *buf, size_t size, bool string);

/* One byte of the memory, or -EFAULT. */
int remote_byte(const struct task *t, uint64_t address);

#endif
