/* SPDX-License-Identifier: Apache-2.0 */
/* The file of the owner store: a head, then changes in their order, the last one of an object counts. Numbers are little-endian. */
#ifndef RULE_JOURNAL_H
#define RULE_JOURNAL_H

#include "base/util.h"
#include "rule/records.h"

/* Bytes of the head, and of each change: 0 checksum, 4 reserved, 8 file system, 16 inode number, 24 birth, 32 uid, 36 gid, 40 reserved. */
#define JOURNAL_ENTRY 48

extern const unsigned char journal_head[JOURNAL_ENTRY];

void journal_encode(const struct record *record, unsigned char bytes[static JOURNAL_ENTRY]);

/* 0; -EBADMSG: it is damaged, and record untouched. */
int journal_decode(const unsigned char bytes[static JOURNAL_ENTRY], struct record *record) MUST_CHECK;

#endif
