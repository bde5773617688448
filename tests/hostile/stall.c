/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stall CASE TASKS END: mounts a FUSE file system that this container serves itself, does not answer one kind of request, and
 * lets TASKS tasks make a call that needs it. Others shall be served meanwhile. END: "answer" late, or "die"; or "refuse" at once.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PATIENCE 30 /* seconds after which something that should end is said to hang */
#define HELD_MAX 128
#define NO_OPCODE 0xffffU

static struct {
	volatile unsigned int hang; /* the opcode that is not answered; 0: none */
	volatile unsigned int refuse; /* the one that is an error */
	unsigned int held, ready, ended, served;
} *shared;

struct request {
	struct fuse_in_header in;
	char body[1024];
};

static int fuse = -1;

static void reply(const struct request *r, int error, const void *body, size_t n)
{
	fuse_reply(fuse, r->in.unique, error, body, n);
}

/* node 1 is the root directory; all others are files */
static struct fuse_attr attr_of(uint64_t node)
{
	return (struct fuse_attr){ .ino = node, .size = 4096, .nlink = 1, .blksize = 4096, .mode = node == 1 ? S_IFDIR | 0755 : S_IFREG | 0755 };
}

static void answer(const struct request *r)
{
	static char page[4096] = "/mnt/f0";
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096, .max_background = 64 };
	struct fuse_attr_out attr = { .attr = attr_of(r->in.nodeid) };
	struct fuse_entry_out entry = { 0 };
	struct fuse_open_out open_out = { 0 };

	if (r->in.opcode == shared->refuse)
		return reply(r, -EACCES, NULL, 0);
	switch (r->in.opcode) {
	case FUSE_INIT:
		return reply(r, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		if (r->body[0] != 'f')
			return reply(r, -ENOENT, NULL, 0);
		entry.nodeid = 2 + strtoul(r->body + 1, NULL, 10);
		entry.attr = attr_of(entry.nodeid);
		return reply(r, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		return reply(r, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		return reply(r, 0, &open_out, sizeof(open_out));
	case FUSE_READ:
		return reply(r, 0, page, sizeof(page));
	case FUSE_GETXATTR:
		return reply(r, -ENODATA, NULL, 0);
	case FUSE_SETXATTR:
	case FUSE_REMOVEXATTR:
		return reply(r, -EOPNOTSUPP, NULL, 0);
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
	case FUSE_ACCESS:
		return reply(r, 0, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return; /* have no answer */
	default:
		return reply(r, -ENOSYS, NULL, 0);
	}
}

static void serve(void)
{
	static struct request held[HELD_MAX];
	static char buffer[1 << 17];
	unsigned int n = 0;

	for (;;) {
		struct pollfd p = { .fd = fuse, .events = POLLIN };
		struct request r = { 0 };
		ssize_t size;

		poll(&p, 1, 20);
		while (n > 0 && !shared->hang)
			answer(&held[--n]);
		if (!(p.revents & POLLIN))
			continue;
		size = read(fuse, buffer, sizeof(buffer));
		if (size < (ssize_t)sizeof(r.in)) {
			if (errno == ENODEV)
				_exit(0);
			continue;
		}
		memcpy(&r, buffer, (size_t)size < sizeof(r) ? (size_t)size : sizeof(r) - 1);
		if (r.in.opcode != shared->hang || n == HELD_MAX) {
			answer(&r);
			continue;
		}
		held[n++] = r;
		__atomic_fetch_add(&shared->held, 1, __ATOMIC_SEQ_CST);
	}
}

static pid_t mount_fuse(void)
{
	pid_t pid;

	fuse = fuse_mount("/mnt");
	pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0)
		serve();
	close(fuse);
	return pid;
}

static void call_stat(const char *path) { sys_stat(path); }
static void call_chown(const char *path) { sys_chown(path, 7, 7); }
static void call_exec(const char *path) { execl(path, path, NULL); }
static void call_mkdir(const char *path) { mkdir(path, 0755); }
static void call_open(const char *path) { open(path, O_CREAT | O_RDWR, 0644); }
static void call_symlink(const char *path) { symlink("f0", path); }
static void call_setxattr(const char *path) { setxattr(path, "trusted.x", "y", 1, 0); }

static const struct kind {
	const char *name;
	unsigned int opcode;
	bool memory; /* its path is in memory that is mapped from there */
	bool user;   /* of one who is not root */
	void (*call)(const char *path);
} kinds[] = {
	{ "lookup-stat", FUSE_LOOKUP, false, false, call_stat }, { "lookup-chown", FUSE_LOOKUP, false, false, call_chown },
	{ "getattr-chown", FUSE_GETATTR, false, false, call_chown }, { "getxattr-stat", FUSE_GETXATTR, false, false, call_stat },
	{ "getxattr-chown", FUSE_GETXATTR, false, false, call_chown }, { "read-stat", FUSE_READ, true, false, call_stat },
	{ "read-chown", FUSE_READ, true, false, call_chown }, { "open-exec", FUSE_OPEN, false, true, call_exec },
	{ "mkdir", FUSE_MKDIR, false, true, call_mkdir }, { "create-open", FUSE_CREATE, false, true, call_open },
	{ "symlink", FUSE_SYMLINK, false, true, call_symlink }, { "setxattr", FUSE_SETXATTR, false, false, call_setxattr },
	{ "root-stat", FUSE_ACCESS, false, false, call_stat },
};

static bool is_creation(const struct kind *k)
{
	return k->user && k->opcode != FUSE_OPEN;
}

static void call(const struct kind *k, int number)
{
	char name[32];
	const char *path = name;

	snprintf(name, sizeof(name), "/mnt/%s%d", is_creation(k) ? "new" : "f", number);
	/* who goes there is asked for: a task once, the worker for each call */
	if (k->opcode == FUSE_ACCESS) {
		check(chroot("/mnt") == 0, "chroot");
		path = name + 4;
	}
	if (k->memory) {
		int fd = open(name, O_RDONLY);

		path = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
		check(path != MAP_FAILED, "map a file of the FUSE file system");
	}
	/* an exec copies the effective id to the saved one, so that its end is waited for; and new files are not root's */
	if (k->user && setresuid(1000, 1001, 0) < 0)
		die("setresuid");
	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (!shared->hang)
		usleep(1000);
	k->call(path);
	__atomic_fetch_add(&shared->ended, 1, __ATOMIC_SEQ_CST);
	_exit(0);
}

static bool reached(const volatile unsigned int *counter, unsigned int n, double seconds)
{
	double end = now() + seconds;

	while (*counter < n && now() < end)
		usleep(2000);
	return *counter >= n;
}

/* Another task makes 100 calls: how many have been answered when they are, or when patience ends. */
static unsigned int others(double seconds)
{
	pid_t pid;

	shared->served = 0;
	pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0) {
		int fd = make_file("/tmp/other");

		for (uid_t i = 1; i <= 100; i++) {
			if (sys_chown("/tmp/other", i, i) < 0 || owner_of(fd) != i)
				_exit(1);
			shared->served++;
		}
		_exit(0);
	}
	reached(&shared->served, 100, seconds);
	kill(pid, SIGKILL);
	return shared->served;
}

/* The test looks at other containers. */
static void let_the_test_look(void)
{
	double end = now() + 120;

	/* made before: a new one would be trapped, and blocked too */
	check(rename("/stalling", "/stalled") == 0, "/stalled");
	while (access("/go-on", F_OK) < 0 && now() < end)
		usleep(20000);
}

int main(int argc, char **argv)
{
	const struct kind *k = kinds;
	unsigned int tasks, n;
	pid_t server;

	check(argc == 4, "stall CASE TASKS END");
	while (k < kinds + ARRAY_SIZE(kinds) && strcmp(k->name, argv[1]) != 0)
		k++;
	check(k < kinds + ARRAY_SIZE(kinds), "unknown case");
	tasks = (unsigned int)atoi(argv[2]);
	shared = shared_memory(sizeof(*shared));
	/* the C library looks at its output by fstat(2) at first, which would be blocked too */
	printf("%s:\n", k->name);
	fflush(stdout);
	close(make_file("/stalling"));
	server = mount_fuse();
	for (unsigned int i = 0; i < tasks; i++)
		if (fork() == 0)
			call(k, (int)i);
	if (!reached(&shared->ready, tasks, PATIENCE))
		die("the tasks do not get ready");
	if (strcmp(argv[3], "refuse") == 0)
		shared->refuse = k->opcode;
	shared->hang = shared->refuse ? NO_OPCODE : k->opcode;
	if (!shared->refuse && !reached(&shared->held, 1, PATIENCE))
		wrong("no request arrived that could be left unanswered");
	/* many tasks may keep all threads busy, and the others waiting, for as long as the server likes */
	n = others(tasks == 1 ? PATIENCE : (double)scaled(50) / 10);
	printf("%s: %u tasks, %u requests held, %u calls ended; of 100 calls of another task %u were answered\n", k->name, tasks, shared->held,
	       shared->ended, n);
	if (tasks == 1 && n < 100)
		wrong("the listener stands still");
	if (!shared->refuse && shared->ended >= tasks)
		wrong("no call was blocked");
	let_the_test_look();
	if (strcmp(argv[3], "die") == 0)
		kill(server, SIGKILL);
	else
		shared->hang = 0;
	if (!reached(&shared->ended, tasks, PATIENCE))
		wrong("only %u of %u calls end", shared->ended, tasks);
	n = others(PATIENCE);
	if (n < 100)
		wrong("afterwards %u of 100 calls of another task were answered", n);
	kill(server, SIGKILL);
	return verdict();
}
