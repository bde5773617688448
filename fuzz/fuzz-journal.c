/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: one change in a journal as it stands, which also says how its head is garbled, then one to be written. The reference has the layout of
 * rule/journal.h as a structure, and the checksum as its authors give it.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "rule/journal.h"

struct entry {
	uint32_t sum, flags; /* 1: the number is sole; 2: ends with this start of the machine, 8: known by a handle, 16: with xattrs; */
	uint64_t fs, ino, born;
	uint32_t uid, gid;
	uint64_t boot; /* which is this one */
};

_Static_assert(sizeof(struct entry) == JOURNAL_ENTRY && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the structure is as the file");

static uint32_t sum(const struct entry *e)
{
	const uint8_t *p = (const uint8_t *)e;
	uint64_t h = 14695981039346656037U;

	for (size_t i = 4; i < sizeof(*e); i++) {
		h ^= p[i];
		h *= 1099511628211U;
	}
	return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

static void check_decode(const uint8_t *data, uint64_t boot)
{
	const struct record untouched = { { 1, 2, 3 }, { 4, 5 }, 6, 7 };
	struct record got = untouched;
	unsigned char again[JOURNAL_ENTRY];
	struct entry e;
	bool good, old;

	memcpy(&e, data, sizeof(e));
	good = e.sum == sum(&e) && !(e.flags & ~27U) && e.ino != 0 && (e.boot == 0 || e.flags & 2);
	old = good && e.flags & 2 && e.boot != boot;
	CHECK(journal_decode(data, boot, &got) == (!good ? -EBADMSG : !old));
	CHECK((good && !old) || memcmp(&got, &untouched, sizeof(got)) == 0);
	if (!good || old)
		return;
	CHECK(got.key.fs == e.fs && got.key.ino == e.ino && got.key.born == e.born && got.owner.cuid == e.uid && got.owner.cgid == e.gid);
	CHECK(got.flags == e.flags && got.reserved == 0);
	memset(again, 0x5a, sizeof(again));
	journal_encode(&got, boot, again);
	CHECK(memcmp(again, data, sizeof(again)) == 0);
}

static void check_encode(const uint8_t *data)
{
	struct entry e;
	struct record record, got;
	unsigned char bytes[JOURNAL_ENTRY];

	memcpy(&e, data, sizeof(e));
	record = (struct record){ { e.fs, e.ino | 1, e.born }, { e.uid, e.gid }, e.flags % 32, 0 };
	memset(bytes, 0x5a, sizeof(bytes));
	journal_encode(&record, e.boot, bytes);
	/* that it was watched does not outlast the daemon */
	record.flags &= 27;
	CHECK(journal_decode(bytes, e.boot, &got) == 1 && memcmp(&got, &record, sizeof(got)) == 0);
	CHECK(journal_decode(bytes, e.boot + 1, &got) == !(record.flags & 2));
	/* a bit that flips is noticed */
	bytes[e.boot % sizeof(bytes)] ^= (unsigned char)(1U << (e.boot / sizeof(bytes)) % 8);
	CHECK(journal_decode(bytes, e.boot, &got) == -EBADMSG);
}

/* The head, with one byte as it may be, and cut. */
static void check_head(const uint8_t *data)
{
	static const char text[JOURNAL_ENTRY] = "subuidless: owners of special files, format 1\n";
	size_t at = data[0] % JOURNAL_ENTRY, n = data[2] & 1 ? JOURNAL_ENTRY : data[2] % JOURNAL_ENTRY;
	enum journal_kind kind;
	unsigned char bytes[JOURNAL_ENTRY];

	memcpy(bytes, text, sizeof(bytes));
	bytes[at] ^= data[1];
	kind = journal_kind_of(bytes, n);
	if (data[1] == 0 || at >= n)
		CHECK(kind == (n < JOURNAL_ENTRY ? JOURNAL_NEW : JOURNAL_CURRENT));
	else
		CHECK(kind == (n == JOURNAL_ENTRY && at >= strlen("subuidless: owners of special files, format ") ? JOURNAL_OTHER : JOURNAL_FOREIGN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t boot;

	if (size < 2 * JOURNAL_ENTRY)
		return 0;
	/* mostly the one of the change */
	memcpy(&boot, data + JOURNAL_ENTRY - sizeof(boot), sizeof(boot));
	check_decode(data, data[JOURNAL_ENTRY] & 1 ? boot + 1 : boot);
	check_encode(data + JOURNAL_ENTRY);
	check_head(data);
	return 0;
}
