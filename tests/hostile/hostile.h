/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of an attacker who is root of a container. Each says what it did and saw, in one line per race or list, and ends
 * with 0 only if nothing had a wrong effect or answer and everything was seen as often as it has to be.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* the xattr in which owners are kept */
#define OURS "user.rootlesscontainers"

/* What n is at TEST_SCALE (environment) = 10, or if that is unset; at 1 it is a tenth of that, but 1 at least. */
unsigned long scaled(unsigned long n);

/*
 * A race has two outcomes, of which each has to be seen "minimum" times: it goes on until then, and for "loops" loops at
 * least, but ends after RACE_SECONDS (environment, 90 if unset). Both numbers are scaled.
 */
struct race {
	const char *name, *before, *after;
	unsigned long loops, minimum;
	unsigned long done, seen_before, seen_after, seen_neither;
	double end;
};

struct race race_start(const char *name, unsigned long loops, unsigned long minimum, const char *before, const char *after);
bool race_goes_on(struct race *r);
/* Prints the line. */
void race_finish(const struct race *r);

/* Something that must never happen; the program goes on, and fails. */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* n things of a kind were seen; fewer than minimum are wrong. */
void at_least(const char *what, unsigned long n, unsigned long minimum);
/* The program's exit status. */
int verdict(void);
/* The test itself cannot go on. */
void die(const char *what) __attribute__((noreturn));
void check(bool done, const char *what);

double now(void);
/* Is used up by computing, so that the other side may run on another CPU: 0 to limit microseconds, at random. */
void linger(unsigned int limit);
unsigned int random_below(unsigned int n);

/* A thread, which goes on until *stop; threads of this process only. */
struct helper {
	void (*step)(void *);
	void *argument;
	volatile bool stop;
	unsigned long steps;
	void *thread;
};
void helper_start(struct helper *h, void (*step)(void *), void *argument);
void helper_stop(struct helper *h);

/* Memory of all children. */
void *shared_memory(size_t n);

/* Raw system calls, whatever the C library makes of them: the result or -errno. */
long sys_chown(const char *path, uid_t uid, gid_t gid);
long sys_lchown(const char *path, uid_t uid, gid_t gid);
long sys_fchown(int fd, uid_t uid, gid_t gid);
long sys_fchownat(int fd, const char *path, uid_t uid, gid_t gid, int flags);
struct shown {
	long r;
	uint64_t ino;
	uid_t uid;
	gid_t gid;
};
struct shown sys_stat(const char *path);
struct shown sys_lstat(const char *path);
struct shown sys_fstat(int fd);
struct shown sys_fstatat(int fd, const char *path, int flags);
struct shown sys_statx(int fd, const char *path, int flags);

/* The owner that a file shows, found by a descriptor opened beforehand and so by no path; it must be there. */
uid_t owner_of(int fd);
/* Is the object's number what the kernel says about the descriptor? Without a trapped call: proc_pid_fdinfo(5). */
uint64_t inode_of(int fd);
int make_file(const char *path);

/* A FUSE file system that the caller serves, at a new directory: the descriptor of its requests. And an answer to one. */
int fuse_mount(const char *at);
void fuse_reply(int fuse, uint64_t unique, int error, const void *body, size_t n);
#endif
