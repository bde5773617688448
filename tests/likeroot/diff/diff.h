/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transcript of owner, stat and xattr calls, one line per case. As real root and in a container with one mapped id it
 * must be the same. Calls under test are raw system calls; building trees uses none of them.
 */
#ifndef DIFF_H
#define DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define KEEP 0xffffffffUL

/* descriptors of a tree, always of the same numbers, so that paths in tables can name them */
#define FD_OUT 90
#define FD_ERR 91
#define FD_TREE 100   /* the tree's directory */
#define FD_DIR 101    /* dir */
#define FD_REG 102    /* reg, for reading and writing */
#define FD_OPREG 103  /* reg, O_PATH */
#define FD_OPLN 104   /* ln itself, O_PATH */
#define FD_OPDIR 105  /* dir, O_PATH */
#define FD_PROC 106   /* /proc */
#define FD_OPFIFO 107 /* fifo, O_PATH */
#define FD_PIPE 110   /* and 111: its other end */
#define FD_SOCKET 112
#define FD_MEMFD 113
#define FD_TMPFILE 114
#define FD_UNLINKED 115
#define FD_EVENT 116
#define FD_EPOLL 117
#define FD_RMDIR 118
#define FD_NULL 119
#define FD_LAST 120

/* call.c: the calls */
enum kind { OWNER, STAT, GET, LIST, SET, REMOVE };
enum layout { L_NONE, L_STAT, L_STAT64, L_OLD, L_STATX };

#define T_AT 1       /* takes a directory's descriptor */
#define T_FD 2       /* takes a descriptor only */
#define T_NOFOLLOW 4
#define T_NARROW 8   /* 16-bit ids or inode numbers */

struct call {
	const char *name;
	long nr;
	const char *args; /* d descriptor, p path, u g ids, f flags, m mask, b buffer, z size, n name, x 0, a xattr_args, s its size */
	enum kind kind;
	enum layout layout;
	unsigned int traits;
	unsigned long flags;
};

struct args {
	unsigned long dirfd, uid, gid, flags, mask, size;
	const void *path, *name;
	void *buf;
};

extern const struct call calls[];
extern size_t call_count;
#define for_each_call(c, k) for (const struct call *c = calls; c < calls + call_count; c++) if (c->kind == (k))

/* The result, or -errno. */
long call_run(const struct call *c, const struct args *a);

enum place { P_GOOD, P_NULL, P_UNMAPPED, P_HIGH, P_END, P_CUT, P_CROSS, P_RDONLY, P_COUNT };
extern const char *const place_names[P_COUNT];

void memory_init(void);
/* The string at a place: P_END: its NUL is the last byte of a page before unmapped ones; P_CUT: its NUL would be behind that. */
const void *string_at(enum place place, const char *text);
/* A poisoned buffer of n bytes; P_CUT: its second half is unmapped. */
void *buffer_at(enum place place, size_t n);
bool is_poison(const void *p, size_t n);
#define BUFFER_SLACK 64

/* show.c: lines */
bool begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out(const char *format, ...) __attribute__((format(printf, 1, 2)));
void end(void);
void set_prefix(const char *prefix);
extern const char *filter;

void show_result(long r);
void show_stat(enum layout layout, const void *buf);
/* What lstat, stat and fstat say, each if it applies. */
void show_path(unsigned long dirfd, const void *path, unsigned long flags);
void show_fd(unsigned long fd);

/* tree.c: what there is */
struct object {
	char name[24];
	int fd; /* -1: by its name in the tree */
	uint32_t dev_major, dev_minor, mode, nlink, uid, gid;
	uint64_t ino, size;
	int64_t time[4]; /* a m c b */
	uint32_t nsec[4];
};

extern struct object objects[];
extern size_t object_count;
extern char tree_path[256]; /* absolute */
extern const char *proc;    /* where /proc is mounted, or another mount of it */
extern bool host_in_sight;  /* and with it the worker */
extern bool small_inodes;   /* all inode numbers of the tree fit into 16 bits */

#define TREE_ANON 1  /* with FD_PIPE ... FD_LAST */
#define TREE_LINKS 2 /* with chains of links, and links through /proc */
#define TREE_OWNED 4 /* everything has another owner than 0:0 */
#define TREE_ODD 8   /* with odd names */

/* Trees will be made in dir, which this makes. keep: they are not removed. */
void tree_init(const char *dir, bool keep);
/* Makes a fresh tree and enters it. */
void tree_build(unsigned int what);
void tree_remove(void);
void object_add(const char *name, int fd);
const struct object *object_find(uint64_t ino, uint32_t dev_major, uint32_t dev_minor);
/* Prints what of all objects is no longer as it was. */
void tree_show_changes(void);
/* Waits until a change's time differs from all times so far. */
void tree_settle(void);
void die(const char *what) __attribute__((noreturn));
int put_fd(int fd, int number);

/* Runs an owner call and prints everything that it may have changed. */
void owner_case(const struct call *c, const struct args *a);

/* the groups of cases */
void owner_cases(void);
void path_cases(void);
void pointer_cases(void);
void stat_cases(void);
void old_stat_cases(void);
void xattr_cases(void);
void task_cases(void);
void jail_cases(void);

#endif
