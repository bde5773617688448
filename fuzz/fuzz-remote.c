/* SPDX-License-Identifier: Apache-2.0 */
/* Input: which memory, where it is, what is wanted; then a schedule of reads, then the bytes, behind which the filler follows. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "decode/tmem.h"
#include "fixture-remote.h"

#define CANARY 64

struct header {
	uint64_t page;    /* of the first one that is there */
	uint16_t offset;  /* of the address, from there */
	uint16_t size;    /* of the buffer */
	uint8_t layout;   /* a bit a page: can it be read? */
	uint8_t filler;   /* of the memory */
	uint8_t poison;   /* of what a read leaves alone */
	uint8_t own;      /* odd: this process's own memory, by process_vm_readv(2) */
	uint8_t schedule; /* bytes of it */
};

#define HEADER_SIZE 17 /* without padding */

/* What a call must give, from the memory as it is and what the last read was made to give. */
static int expected(const struct task *t, uint64_t address, size_t size, bool string)
{
	if (t->forced)
		return t->forced;
	if (!string && size > UINT64_MAX - address)
		return -EFAULT;
	for (size_t i = 0; i < size; i++) {
		int byte = remote_byte(t, address + i);

		if (byte < 0)
			return byte;
		if (string && byte == '\0')
			return (int)i;
	}
	return string ? -ENAMETOOLONG : 0;
}

static void check(struct task *t, const struct header *h, bool string)
{
	uint64_t address = t->base + h->offset;
	uint8_t *buf = malloc(h->size + 2 * CANARY);
	size_t length;
	int r;

	CHECK(buf);
	memset(buf, h->poison, h->size + 2 * CANARY);
	remote_expect(t, address, buf + CANARY, h->size, string);
	r = string ? tmem_read_string(t, address, (char *)buf + CANARY, h->size) : tmem_read(t, address, buf + CANARY, h->size);
	CHECK(r == expected(t, address, h->size, string));
	length = r < 0 ? 0 : string ? (size_t)r + 1 : h->size;
	CHECK(length <= h->size);
	for (size_t i = 0; i < length; i++)
		CHECK(buf[CANARY + i] == remote_byte(t, address + i));
	/* nothing is read that was not needed: no byte twice, none behind the end or behind the page of the NUL */
	CHECK(r != 0 || string || t->done == h->size);
	CHECK(r < 0 || !string || (t->done >= length && (address + length - 1) / 4096 == (address + t->done - 1) / 4096));
	for (size_t i = 0; i < CANARY; i++)
		CHECK(buf[i] == h->poison && buf[CANARY + h->size + i] == h->poison);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct task t = { 0 };
	struct header h;

	if (size < HEADER_SIZE || size - HEADER_SIZE < data[HEADER_SIZE - 1])
		return 0;
	memcpy(&h, data, HEADER_SIZE);
	data += HEADER_SIZE;
	h.offset %= REMOTE_SIZE;
	t.base = h.page * 4096;
	t.layout = h.layout;
	t.poison = h.poison;
	t.schedule = data;
	t.scheduled = h.schedule;
	remote_fill(&t, h.own % 2, h.offset, data + h.schedule, size - HEADER_SIZE - h.schedule, h.filler);
	check(&t, &h, true);
	check(&t, &h, false);
	return 0;
}
