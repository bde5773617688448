/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container and its kernel, as a worker sees them: fake-kernel.c has the tasks, their memory and the listener, fake-files.c the
 * files. Both fail where a call's list of failures says so, and mind the order in which they are used.
 */
#ifndef FUZZ_FAKE_KERNEL_H
#define FUZZ_FAKE_KERNEL_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "rule/owner.h"

struct task;

#define FAKE_LISTENER 5000
#define FAKE_FIRST_FD 4000
#define FAKE_FDS 64
#define FAKE_MEMORY 0x10000 /* the address of the caller's memory */
#define FAKE_WRITE 1024     /* bytes that a call may write */
#define FAKE_CWD 1          /* the object */

/* A path leads to the object of its last letter, a to n. */
#define OBJECTS 14

/* Of these the one that is an empty file. */
#define PLACEHOLDER 13

struct object {
	unsigned int mode;
	uint32_t uid, gid;  /* as the container sees them: 0, or those of nobody */
	int no_get, no_set; /* the errors of reading and of setting an xattr of user.*; 0: it has it or not */
	int target;         /* of a symlink */
	bool procfs, magic;
};
extern const struct object fake_objects[OBJECTS];

enum failure {
	FAIL_confirm, FAIL_send, FAIL_read, FAIL_write, FAIL_capget, FAIL_capset, FAIL_task_open, FAIL_root, FAIL_open, FAIL_walk,
	FAIL_statx, FAIL_getxattr, FAIL_setxattr, FAIL_listxattr, FAIL_chown, FAIL_owner_store_find, FAIL_owner_store_set, FAIL_borrow,
	FAIL_prlimit, FAIL_ask, FAIL_group, FAIL_other, FAIL_status, FAIL_window,
	FAILURES
};

/* Of an xattr of ours. */
struct value {
	size_t size; /* 0: it has no such xattr */
	uint8_t bytes[80];
};

/* Of one that is kept for the container. */
#define KEPT 3
#define KEPT_NAME 64
#define KEPT_SIZE 64
struct kept {
	char name[KEPT_NAME]; /* as the container knows it; "": none */
	size_t size;
	uint8_t bytes[KEPT_SIZE];
};

/* The files, from call to call. */
struct disk {
	struct kept kept[OBJECTS][KEPT];
	bool native_acl[OBJECTS];
	struct value xattrs[OBJECTS], devices[OBJECTS]; /* of owners, and of what placeholders stand for */
	bool recorded[OBJECTS]; /* in the owner store */
	struct owner records[OBJECTS];
	bool others;            /* the owner store knows other objects too */
	bool old_kernel;        /* without getxattrat(2) */
};
extern struct disk disk;

/* One call: what there is of it, and what is seen of how it is served. */
struct fake {
	struct seccomp_notif *notif;
	bool nested, other_root, worker_visible, capable, path_fds, hinted;
	uint32_t *isolation; /* what all threads share */
	const uint8_t *memory;
	size_t size;
	const uint8_t (*failures)[2]; /* of which kind; low half: at which use, counted from 0; high half: how */
	size_t failing;

	unsigned int uses[FAILURES];
	bool failed;          /* something did that need not have */
	bool record_unread;   /* the owner store could not be read */
	bool dead;            /* that the call is no longer pending has been seen */
	bool gone;            /* it is not, but only the task has been asked */
	bool noted;           /* another thread has noted a hint meanwhile */
	bool confirmed;       /* it was pending, and the task has not been looked at since */
	bool confirmed_just_now;
	unsigned int read;    /* a bit an argument: read as an address */
	uint64_t read_on;     /* where the read under way would go on */
	bool assumed, in_root, borrowed;
	int locked;           /* the object, or -1 */
	uint64_t open;        /* descriptors, a bit each; */
	uint64_t unassumed;   /* ... those that were opened without the caller's capabilities; */
	uint8_t opened[FAKE_FDS]; /* ... the objects */
	bool unread;          /* a read was made to fail */
	bool said_nested, said_foreign, said_unreadable;
	unsigned int chmods, chmod_mode;
	unsigned int effects, writes, sent, delivered, lines;
	struct seccomp_notif_resp response;
	bool limited;         /* a limit was set, and the call has not been confirmed since */
	uint64_t limit_before;
	uint64_t written_at[3];
	size_t places;
	size_t written;
	uint8_t bytes[FAKE_WRITE];
};
extern struct fake fake;

/* 0; or an error, when this use of that kind is to fail: one of n. */
int fake_fails(enum failure kind, const int *errors, size_t n);
#define FAKE_FAILS(kind, ...) fake_fails(FAIL_##kind, (const int[]){ __VA_ARGS__ }, ARRAY_SIZE(((const int[]){ __VA_ARGS__ })))

/* The task, its memory or a path of its was looked at. */
void fake_look(void);

/* Is it the task of this call? */
void fake_check_task(const struct task *t);

/* Something is about to change: is it time? */
void fake_act(void);

/* The end of a call: nothing is left over. */
void fake_end(void);

/* Where a path leads from an object on: its object or -errno. */
int fake_find(int start, const char *path, bool follow, bool other_root);

/* The object of the task's descriptor, or -EBADF. */
int fake_dirfd(int t_dirfd);

/* A new descriptor of an object. */
int fake_open(int object);

/* Does the file system that the object is on call itself something? */
#define FAKE_FSID UINT64_C(0x1122334455667788)
bool fake_has_fsid(int object);

/* On ext4, else on tmpfs. */
bool fake_lasts(int object);

#define FAKE_CONTAINER 4711

/* Seconds since the epoch, in which some objects have just been changed, and the minor number of a device of whose clock nothing is known. */
#define FAKE_NOW INT64_C(1700001000)
#define FAKE_TIMELESS 1

void fake_fill(int object, struct statx *stx);

/* What a name leads to: a path of the container, self/fd/N, or TID/cwd or TID/fd/N and what may follow; or -errno. */
int fake_lookup(const char *name, bool follow);

/* Through this descriptor of ours something is about to be changed. */
void fake_check_change(int fd);

/* The object of a descriptor of ours. */
int fake_object_of(int fd);

/* -1, with errno. */
int fake_fail(int r);

ssize_t fake_getxattr(int object, const char *name, void *value, size_t size);

/* Puts the names of an object's xattrs there, ours too: the length. */
#define FAKE_LIST 512
size_t fake_list(int object, uint8_t names[static FAKE_LIST]);

#endif
