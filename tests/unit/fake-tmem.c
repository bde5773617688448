/* SPDX-License-Identifier: Apache-2.0 */
#include "fake-tmem.h"

#include <stdlib.h>
#include <string.h>

#include "decode/tmem.h"

struct fake_read fake_reads[FAKE_READS_MAX];
size_t fake_read_count;

void fake_forget(void)
{
	fake_read_count = 0;
}

/* The byte at an address, or NULL. */
static const unsigned char *byte_at(const struct task *t, uint64_t t_addr)
{
	for (size_t i = 0; i < ARRAY_SIZE(t->areas); i++) {
		const struct fake_area *a = &t->areas[i];

		if (t_addr >= a->t_addr && t_addr - a->t_addr < a->n)
			return (const unsigned char *)a->bytes + (t_addr - a->t_addr);
	}
	return NULL;
}

ssize_t tmem_read_some(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	size_t turn = fake_read_count;
	size_t most = n, done = 0;

	if (turn >= FAKE_READS_MAX)
		abort(); /* it would go on for ever */
	fake_reads[fake_read_count++] = (struct fake_read){ t_addr, n };
	if (!byte_at(t, t_addr))
		return t->beyond;
	if (t->most)
		most = t->most[turn < t->most_count ? turn : t->most_count - 1];
	/* as process_vm_readv(2): up to the first byte that cannot be read */
	for (; done < n && done < most; done++) {
		const unsigned char *byte = byte_at(t, t_addr + done);

		if (!byte)
			break;
		((unsigned char *)buf)[done] = *byte;
	}
	return (ssize_t)(done + t->excess);
}
