/* SPDX-License-Identifier: Apache-2.0 */
/* A caller whose memory the test lays out: linked in place of the tmem_read_some() that asks the kernel. */
#ifndef TESTS_FAKE_TMEM_H
#define TESTS_FAKE_TMEM_H

#include <stddef.h>
#include <stdint.h>

#define FAKE_PAGE 4096U
#define FAKE_READS_MAX 10000

/* Readable bytes; areas that touch read as one. */
struct fake_area {
	uint64_t t_addr;
	const void *bytes;
	size_t n;
};

struct task {
	struct fake_area areas[18];
	int beyond;           /* what a read that starts in no area returns */
	const size_t *most;   /* of bytes, for each read in turn and the last for all that follow; NULL: any */
	size_t most_count;
	size_t excess;        /* what each read claims too much */
};

struct fake_read {
	uint64_t t_addr;
	size_t n;
};

/* The reads that were asked for since fake_forget(). */
extern struct fake_read fake_reads[FAKE_READS_MAX];
extern size_t fake_read_count;

void fake_forget(void);

#endif
