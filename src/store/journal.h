/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file in which the owner store outlasts its daemons: one per user, $XDG_STATE_HOME/subuidless/records, which all brokers of the user read and
 * append to. A change that was appended is not lost when a process is killed; one that the kernel has not written to the disk yet is lost
 * when the machine stops. Nothing of it is mapped: a container that can reach the file cannot harm us by changing it.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <sys/inotify.h>
#include <sys/types.h>

#include "base/util.h"
#include "rule/records.h"

/* A change that another broker has made: as records_set(). */
typedef int journal_take(const struct record *record);

/*
 * Gives what there is to take, for the table. Where there can be no such file, a line is logged, and records will last as long as this
 * process; where it only cannot be used now, changes fail until it can be.
 * inotify: an instance, which tells when other brokers have changed something; or -1.
 */
void journal_open(const struct records *table, journal_take *take, int inotify);

/* Is the event one of the file? Then it has taken the changes of other brokers. */
bool journal_has_changed(const struct inotify_event *event);

/* Takes them without one. */
void journal_catch_up(void);

/* An O_PATH descriptor of the directory that the file is in, or -1. */
int journal_directory(void);

/* Keeps a change. 0; or an errno of chown(2), and then a line was logged, the change is not in the file, and the next one is tried again. */
int journal_append(const struct record *record) MUST_CHECK;

/* Milliseconds after which a file that could not be opened is to be tried again; -1: never. And that. */
int journal_retry_ms(void);
void journal_retry(void);

/* A child of this process has ended. True: it was writing the file anew, which is done now or given up. */
bool journal_reap(pid_t pid, int status);

#endif
