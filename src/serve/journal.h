/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file in which the owner store outlasts its daemons: one per user, $XDG_STATE_HOME/subuidless/records, which all brokers of the user read and
 * append to. A change that was appended is not lost when a process is killed; one that the kernel has not written to the disk yet is lost
 * when the machine stops. Nothing of it is mapped: a container that can reach the file cannot harm us by changing it.
 */
#ifndef SERVE_JOURNAL_H
#define SERVE_JOURNAL_H

#include "base/util.h"
#include "rule/records.h"

/* Reads what there is into the table. Where there can be no such file, a line is logged, and records will last as long as this process. */
void journal_open(struct records *table);

/* A descriptor that can be read when another broker has changed something, or -1. */
int journal_watch(void);

/* Takes the changes of other brokers into the table. */
void journal_catch_up(void);

/* Keeps a change, or after a logged line nothing any more. 0; -ENOSPC; -EIO. */
int journal_append(const struct record *record) MUST_CHECK;

#endif
