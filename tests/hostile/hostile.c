/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static unsigned long wrongs;

void wrong(const char *format, ...)
{
	va_list list;

	if (wrongs++ >= 20)
		return; /* they are alike */
	va_start(list, format);
	printf("WRONG: ");
	vprintf(format, list);
	printf("\n");
	va_end(list);
	fflush(stdout);
}

void at_least(const char *what, unsigned long n, unsigned long minimum)
{
	printf("%s: %lu (at least %lu)\n", what, n, minimum);
	if (n < minimum)
		wrong("too few of: %s", what);
	fflush(stdout);
}

int verdict(void)
{
	if (wrongs)
		printf("%lu wrong\n", wrongs);
	fflush(stdout);
	return wrongs != 0;
}

void die(const char *what)
{
	printf("cannot go on: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	exit(3);
}

void check(bool done, const char *what)
{
	if (!done)
		die(what);
}

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

unsigned int random_below(unsigned int n)
{
	static __thread uint64_t state;

	if (!state)
		state = (uint64_t)getpid() << 32 ^ (uint64_t)(now() * 1e6) ^ (uint64_t)(uintptr_t)&state;
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned int)(state >> 33) % n;
}

void linger(unsigned int limit)
{
	double end = now() + (limit ? random_below(limit) : 0) / 1e6;

	while (now() < end)
		;
}

unsigned long scaled(unsigned long n)
{
	const char *text = getenv("TEST_SCALE");
	unsigned long scale = text ? strtoul(text, NULL, 10) : 10;

	return n == 0 || n * scale / 10 > 0 ? n * scale / 10 : 1;
}

struct race race_start(const char *name, unsigned long loops, unsigned long minimum, const char *before, const char *after)
{
	const char *seconds = getenv("RACE_SECONDS");

	return (struct race){ .name = name, .before = before, .after = after, .loops = scaled(loops), .minimum = scaled(minimum),
			      .end = now() + (seconds ? atof(seconds) : 90) };
}

bool race_goes_on(struct race *r)
{
	bool enough = r->done >= r->loops && r->seen_before >= r->minimum && r->seen_after >= r->minimum;

	if (enough || now() > r->end)
		return false;
	r->done++;
	return true;
}

void race_finish(const struct race *r)
{
	printf("race %s: %lu loops, %lu %s, %lu %s (at least %lu of each), %lu neither\n", r->name, r->done, r->seen_before, r->before,
	       r->seen_after, r->after, r->minimum, r->seen_neither);
	fflush(stdout);
	if (r->seen_before < r->minimum || r->seen_after < r->minimum)
		wrong("race %s was none", r->name);
}

static void *helper_run(void *argument)
{
	struct helper *h = argument;

	while (!h->stop) {
		h->step(h->argument);
		h->steps++;
	}
	return NULL;
}

void helper_start(struct helper *h, void (*step)(void *), void *argument)
{
	pthread_t *thread = malloc(sizeof(*thread));

	*h = (struct helper){ .step = step, .argument = argument, .thread = thread };
	check(thread && pthread_create(thread, NULL, helper_run, h) == 0, "pthread_create");
}

void helper_stop(struct helper *h)
{
	h->stop = true;
	pthread_join(*(pthread_t *)h->thread, NULL);
	free(h->thread);
}

void *shared_memory(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED, "mmap");
	return p;
}

#define RESULT(call) ((call) < 0 ? -errno : 0)

long sys_chown(const char *path, uid_t uid, gid_t gid)
{
	return RESULT(syscall(SYS_chown, path, uid, gid));
}

long sys_lchown(const char *path, uid_t uid, gid_t gid)
{
	return RESULT(syscall(SYS_lchown, path, uid, gid));
}

long sys_fchown(int fd, uid_t uid, gid_t gid)
{
	return RESULT(syscall(SYS_fchown, fd, uid, gid));
}

long sys_fchownat(int fd, const char *path, uid_t uid, gid_t gid, int flags)
{
	return RESULT(syscall(SYS_fchownat, fd, path, uid, gid, flags));
}

static struct shown shown(long r, const struct stat *st)
{
	return r < 0 ? (struct shown){ .r = r } : (struct shown){ 0, st->st_ino, st->st_uid, st->st_gid };
}

/* the kernel's structure is the C library's on the 64-bit ABIs that have these calls, and with _FILE_OFFSET_BITS on i386 */
#ifdef __i386__
#undef SYS_stat
#undef SYS_lstat
#undef SYS_fstat
#define SYS_stat SYS_stat64
#define SYS_lstat SYS_lstat64
#define SYS_fstat SYS_fstat64
#define SYS_newfstatat SYS_fstatat64
#endif
struct shown sys_stat(const char *path)
{
	struct stat st;

	return shown(RESULT(syscall(SYS_stat, path, &st)), &st);
}

struct shown sys_lstat(const char *path)
{
	struct stat st;

	return shown(RESULT(syscall(SYS_lstat, path, &st)), &st);
}

struct shown sys_fstat(int fd)
{
	struct stat st;

	return shown(RESULT(syscall(SYS_fstat, fd, &st)), &st);
}

struct shown sys_fstatat(int fd, const char *path, int flags)
{
	struct stat st;

	return shown(RESULT(syscall(SYS_newfstatat, fd, path, &st, flags)), &st);
}

struct shown sys_statx(int fd, const char *path, int flags)
{
	struct statx stx;
	long r = RESULT(syscall(SYS_statx, fd, path, flags, STATX_BASIC_STATS, &stx));

	return r < 0 ? (struct shown){ .r = r } : (struct shown){ 0, stx.stx_ino, stx.stx_uid, stx.stx_gid };
}

uid_t owner_of(int fd)
{
	struct shown s = sys_fstat(fd);

	if (s.r < 0) {
		errno = (int)-s.r;
		die("fstat");
	}
	return s.uid;
}

uint64_t inode_of(int fd)
{
	char name[40], text[512], *at;
	ssize_t n;
	int info;

	snprintf(name, sizeof(name), "/proc/thread-self/fdinfo/%d", fd);
	info = open(name, O_RDONLY | O_CLOEXEC);
	n = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
	check(n > 0, name);
	close(info);
	text[n] = '\0';
	at = strstr(text, "ino:");
	check(at, "no inode number in fdinfo");
	return strtoull(at + 4, NULL, 10);
}

int make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	check(fd >= 0, path);
	return fd;
}

int fuse_mount(const char *at)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[100];

	check(fuse >= 0, "/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	check(mkdir(at, 0755) == 0 && mount("hostile", at, "fuse", MS_NOSUID | MS_NODEV, options) == 0, "mount of a FUSE file system");
	return fuse;
}

void fuse_reply(int fuse, uint64_t unique, int error, const void *body, size_t n)
{
	struct fuse_out_header out = { .len = (uint32_t)(sizeof(out) + n), .error = error, .unique = unique };
	struct iovec parts[] = { { &out, sizeof(out) }, { (void *)(uintptr_t)body, n } };

	if (writev(fuse, parts, n ? 2 : 1) < 0 && errno != ENOENT)
		die("write to /dev/fuse");
}
