/* SPDX-License-Identifier: Apache-2.0 */
/* The file of the owner store: a head, then changes in their order, the last one of an object counts. Numbers are little-endian. */
#ifndef RULE_JOURNAL_H
#define RULE_JOURNAL_H

#include "base/util.h"
#include "rule/records.h"

/* Bytes of the head, and of each change: 0 checksum, 4 flags, 8 file system, 16 inode number, 24 birth, 32 uid, 36 gid, 40 boot. */
#define JOURNAL_ENTRY 48

extern const unsigned char journal_head[JOURNAL_ENTRY];

/* boot: a number of this start of the machine, which is written with a record that does not outlast it. */
void journal_encode(const struct record *record, uint64_t boot, unsigned char bytes[static JOURNAL_ENTRY]);

/* 1; 0: it was made before the machine was started, and counts no more; -EBADMSG: it is damaged. In both cases record is untouched. */
int journal_decode(const unsigned char bytes[static JOURNAL_ENTRY], uint64_t boot, struct record *record) MUST_CHECK;

#endif
