/* SPDX-License-Identifier: Apache-2.0 */
/* The file of the owner store: a head, then changes in their order, the last one of an object counts. Numbers are little-endian. */
#ifndef RULE_JOURNAL_H
#define RULE_JOURNAL_H

#include <stddef.h>

#include "base/util.h"
#include "rule/records.h"

/* Bytes of the head, and of each change: 0 checksum, 4 flags, 8 file system, 16 inode number, 24 birth, 32 uid, 36 gid, 40 boot. */
#define JOURNAL_ENTRY 48

extern const unsigned char journal_head[JOURNAL_ENTRY];

enum journal_kind {
	JOURNAL_NEW,     /* nothing, or a part of the head */
	JOURNAL_CURRENT,
	JOURNAL_OTHER,   /* of another version, which may know more than this one */
	JOURNAL_FOREIGN, /* not of subuidless, or damaged */
};

/* What a file is that begins with these n bytes, and has no more if n is less than JOURNAL_ENTRY. */
enum journal_kind journal_kind_of(const unsigned char bytes[static JOURNAL_ENTRY], size_t n) MUST_CHECK;

/* boot: a number of this start of the machine, which is written with a record that does not outlast it. */
void journal_encode(const struct record *record, uint64_t boot, unsigned char bytes[static JOURNAL_ENTRY]);

/* 1; 0: it was made before the machine was started, and counts no more; -EBADMSG: it is damaged. In both cases record is untouched. */
int journal_decode(const unsigned char bytes[static JOURNAL_ENTRY], uint64_t boot, struct record *record) MUST_CHECK;

#endif
