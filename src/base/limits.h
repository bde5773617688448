/* SPDX-License-Identifier: Apache-2.0 */
/* Every bound of the daemon, with its unit and its reason. Bounds of one layer only stand in its header. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* shown for an id that cannot be shown, as in 16 bits: the default of /proc/sys/kernel/overflowuid */
#define OVERFLOW_ID 65534U

/* listeners served at once by one daemon; each costs a process and about 6 descriptors of the broker */
#define LIMIT_LISTENERS 1024

/* accepted connections that have not sent their listener yet; each costs one descriptor */
#define LIMIT_SILENT 1024

/* descriptors in one message: the kernel's own SCM_MAX_FD, so that extra ones are received and closed */
#define LIMIT_MESSAGE_FDS 253

/* symlinks followed in one path: MAXSYMLINKS of path_resolution(7) */
#define LIMIT_SYMLINKS 40

/* bytes of an xattr value that is looked at; the canonical maximum of our message is 12 */
#define LIMIT_OVERRIDE_BYTES 64

/* entries of a POSIX ACL that we keep, about as many as ext4 has room for; more are ENOSPC */
#define LIMIT_ACL_ENTRIES 500

/* owner records of files that cannot hold an xattr, per user; 40 bytes each, in a table that grows as they come; a power of two */
#define LIMIT_RECORDS (1U << 20)

/* files that keep the xattrs of objects that can keep none, per user; ... */
#define LIMIT_XATTR_FILES 16384

/* ... bytes of a value there, and of all names of one; more are ENOSPC, as in a full inode of ext4 */
#define LIMIT_XATTR_FILE_VALUE 4096
#define LIMIT_XATTR_FILE_NAMES 1024

/* inotify watches of a daemon, which tell when such a file is gone; each keeps an inode in memory */
#define LIMIT_WATCHES (1U << 15)

/* changes of records in the file that keeps them, 48 bytes each; it is written anew long before */
#define LIMIT_JOURNAL (4 * LIMIT_RECORDS)

/* different credentials of all processes that a daemon serves at once; 1,128 bytes each, in memory that is allocated on first use */
#define LIMIT_CREDENTIALS (1U << 16)

/* A container may take this part of what is free in a table that all share: so none can take what others need, however many there are. */
#define LIMIT_SHARE 4

/* processes of a listener whose last change of credentials is remembered, for the threads that libc lets repeat it; 1 KiB each, allocated on first use ... */
#define LIMIT_REPEATED 64

/* ... and threads of each */
#define LIMIT_REPEATING_THREADS 256

/* supplementary groups of a process; setgroups(2) with more is EINVAL. The kernel takes 65,536, which would make a record 256 KiB */
#ifndef LIMIT_GROUPS
#define LIMIT_GROUPS 256
#endif

/* file systems that are being made by fsconfig(2), with ids, whose descriptors a worker keeps; those of an engine's containers are fewer */
#define LIMIT_FS_CONTEXTS 16
#define LIMIT_FS_CONTEXTS_OF_GUESTS 12

/* times that one notification may kill its worker before it is answered with EIO */
#define LIMIT_DEATHS_PER_NOTIFICATION 2

/* threads of a worker, and so calls of one listener that may hang at once; each costs about 12 KiB, and 16 KiB of the kernel */
#define LIMIT_THREADS 64

/* roots of an engine's containers of which a worker remembers whether they show it; 8 bytes each */
#define LIMIT_PLACES 64

/* pidfds that the threads of a worker cache, all in all; each costs a descriptor, and the usual limit is 1,024 */
#define LIMIT_PIDFDS 512

/* interrupted calls of a worker's tasks that are known again when they are made again, and for how long */
#define LIMIT_LOST 16
#define LOST_SECONDS 10

/* times that a worker may die without having answered anything before its listener is given up */
#define LIMIT_IDLE_DEATHS 5

#endif
