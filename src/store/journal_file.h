/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of the owner store as a file: where it is, its lock, its head, and bytes of it. The lock is fcntl(2)'s, which NFS and most cluster
 * file systems have for all machines, and the only one that is used: NFS makes both of fcntl(2) and flock(2) of the same lock, so that one
 * process's would exclude each other.
 */
#ifndef STORE_JOURNAL_FILE_H
#define STORE_JOURNAL_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/util.h"

/* An O_PATH descriptor of the directory, whose path is written as far as it is known, or -errno; -EPERM: others may write to it. */
int journal_file_directory(char path[static PATH_MAX]) MUST_CHECK;

/* A number of this start of the machine; or without one, some number of no other start. */
uint64_t journal_file_boot(void) MUST_CHECK;

/* A descriptor of the file of that name, which is made if there is none and it is to be writable, or -errno; -EPERM: others may read or write it. */
int journal_file_open(int directory, const char *name, bool writable) MUST_CHECK;

/*
 * Who holds the lock alone changes the file. It ends with its process, or when that closes any descriptor of the file. Tries so many times, 5 ms
 * apart: 0; -EAGAIN: another process holds it; -errno: its file system cannot tell.
 */
int journal_file_lock(int fd, int tries) MUST_CHECK;
int journal_file_unlock(int fd) MUST_CHECK;

/* enum journal_kind, or -errno. */
int journal_file_kind(int fd) MUST_CHECK;

/* Makes a file that is locked an empty one, with a head. 0 or -errno. */
int journal_file_begin(int fd) MUST_CHECK;

/* Renames it to "NAME.bad", or with a number, and says so. 0; -EEXIST: there are enough of these; -errno. */
int journal_file_put_aside(int directory, const char *name) MUST_CHECK;

/* Writes all of it. 0; or -errno, and then a part may be there. */
int journal_file_write(int fd, const void *bytes, size_t size, off_t at) MUST_CHECK;

enum journal_place {
	JOURNAL_IN_PLACE,
	JOURNAL_REPLACED, /* the name is another file's, or no file's */
	JOURNAL_CUT,      /* it is shorter than it was */
};

/* How a file of that name, of which so much was read, is now. */
enum journal_place journal_file_place(int directory, const char *name, int fd, off_t size) MUST_CHECK;

#endif
