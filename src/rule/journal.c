/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/journal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define ANY_VERSION "subuidless: owners of special files, format "

const unsigned char journal_head[JOURNAL_ENTRY] = ANY_VERSION "1\n";

/* Flags that outlast a daemon. */
#define WRITTEN (RECORD_SOLE | RECORD_UNTIL_BOOT | RECORD_HANDLE | RECORD_XATTRS)

static void put(unsigned char *to, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		to[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get(const unsigned char *from, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

/* FNV-1a, folded; of zeros it is not 0. */
static uint32_t checksum(const unsigned char *bytes)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (size_t i = 4; i < JOURNAL_ENTRY; i++)
		h = (h ^ bytes[i]) * 0x100000001b3U;
	return (uint32_t)(h ^ h >> 32);
}

enum journal_kind journal_kind_of(const unsigned char bytes[static JOURNAL_ENTRY], size_t n)
{
	if (memcmp(bytes, journal_head, n) == 0)
		return n < JOURNAL_ENTRY ? JOURNAL_NEW : JOURNAL_CURRENT;
	return n == JOURNAL_ENTRY && memcmp(bytes, ANY_VERSION, sizeof(ANY_VERSION) - 1) == 0 ? JOURNAL_OTHER : JOURNAL_FOREIGN;
}

void journal_encode(const struct record *record, uint64_t boot, unsigned char bytes[static JOURNAL_ENTRY])
{
	put(bytes + 4, record->flags & WRITTEN, 4);
	put(bytes + 8, record->key.fs, 8);
	put(bytes + 16, record->key.ino, 8);
	put(bytes + 24, record->key.born, 8);
	put(bytes + 32, record->owner.cuid, 4);
	put(bytes + 36, record->owner.cgid, 4);
	put(bytes + 40, record->flags & RECORD_UNTIL_BOOT ? boot : 0, 8);
	put(bytes, checksum(bytes), 4);
}

int journal_decode(const unsigned char bytes[static JOURNAL_ENTRY], uint64_t boot, struct record *record)
{
	uint32_t flags = (uint32_t)get(bytes + 4, 4);
	uint64_t of = get(bytes + 40, 8);

	if (get(bytes, 4) != checksum(bytes) || flags & ~WRITTEN || get(bytes + 16, 8) == 0 || (of != 0 && !(flags & RECORD_UNTIL_BOOT)))
		return -EBADMSG;
	if (flags & RECORD_UNTIL_BOOT && of != boot)
		return 0;
	*record = (struct record){
		.key = { .fs = get(bytes + 8, 8), .ino = get(bytes + 16, 8), .born = get(bytes + 24, 8) },
		.owner = { .cuid = (uint32_t)get(bytes + 32, 4), .cgid = (uint32_t)get(bytes + 36, 4) },
		.flags = flags,
	};
	return 1;
}
