/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#define __NR_getxattrat 464
#define __NR_listxattrat 465
#define __NR_removexattrat 466
#endif

#define ROW(name, ...) { #name, __NR_##name, __VA_ARGS__ }
#define ROW_N(name, ...) { #name "-nofollow", __NR_##name, __VA_ARGS__, AT_SYMLINK_NOFOLLOW }

const struct call calls[] = {
#ifdef __i386__
	ROW(chown, "pug", OWNER, L_NONE, T_NARROW, 0),
	ROW(lchown, "pug", OWNER, L_NONE, T_NARROW | T_NOFOLLOW, 0),
	ROW(fchown, "dug", OWNER, L_NONE, T_NARROW | T_FD, 0),
	ROW(chown32, "pug", OWNER, L_NONE, 0, 0),
	ROW(lchown32, "pug", OWNER, L_NONE, T_NOFOLLOW, 0),
	ROW(fchown32, "dug", OWNER, L_NONE, T_FD, 0),
#else
	ROW(chown, "pug", OWNER, L_NONE, 0, 0),
	ROW(lchown, "pug", OWNER, L_NONE, T_NOFOLLOW, 0),
	ROW(fchown, "dug", OWNER, L_NONE, T_FD, 0),
#endif
	ROW(fchownat, "dpugf", OWNER, L_NONE, T_AT, 0),
	ROW_N(fchownat, "dpugf", OWNER, L_NONE, T_AT | T_NOFOLLOW),

	ROW(stat, "pb", STAT, L_STAT, 0, 0),
	ROW(lstat, "pb", STAT, L_STAT, T_NOFOLLOW, 0),
	ROW(fstat, "db", STAT, L_STAT, T_FD, 0),
#ifdef __i386__
	ROW(stat64, "pb", STAT, L_STAT64, 0, 0),
	ROW(lstat64, "pb", STAT, L_STAT64, T_NOFOLLOW, 0),
	ROW(fstat64, "db", STAT, L_STAT64, T_FD, 0),
	ROW(fstatat64, "dpbf", STAT, L_STAT64, T_AT, 0),
	ROW_N(fstatat64, "dpbf", STAT, L_STAT64, T_AT | T_NOFOLLOW),
	ROW(oldstat, "pb", STAT, L_OLD, T_NARROW, 0),
	ROW(oldlstat, "pb", STAT, L_OLD, T_NARROW | T_NOFOLLOW, 0),
	ROW(oldfstat, "db", STAT, L_OLD, T_NARROW | T_FD, 0),
#else
	ROW(newfstatat, "dpbf", STAT, L_STAT, T_AT, 0),
	ROW_N(newfstatat, "dpbf", STAT, L_STAT, T_AT | T_NOFOLLOW),
#endif
	ROW(statx, "dpfmb", STAT, L_STATX, T_AT, 0),
	ROW_N(statx, "dpfmb", STAT, L_STATX, T_AT | T_NOFOLLOW),

	ROW(getxattr, "pnbz", GET, L_NONE, 0, 0),
	ROW(lgetxattr, "pnbz", GET, L_NONE, T_NOFOLLOW, 0),
	ROW(fgetxattr, "dnbz", GET, L_NONE, T_FD, 0),
	ROW(listxattr, "pbz", LIST, L_NONE, 0, 0),
	ROW(llistxattr, "pbz", LIST, L_NONE, T_NOFOLLOW, 0),
	ROW(flistxattr, "dbz", LIST, L_NONE, T_FD, 0),
	ROW(setxattr, "pnbzx", SET, L_NONE, 0, 0),
	ROW(lsetxattr, "pnbzx", SET, L_NONE, T_NOFOLLOW, 0),
	ROW(fsetxattr, "dnbzx", SET, L_NONE, T_FD, 0),
	ROW(removexattr, "pn", REMOVE, L_NONE, 0, 0),
	ROW(lremovexattr, "pn", REMOVE, L_NONE, T_NOFOLLOW, 0),
	ROW(fremovexattr, "dn", REMOVE, L_NONE, T_FD, 0),

	/* last, see -x */
	ROW(getxattrat, "dpfnas", GET, L_NONE, T_AT, 0),
	ROW_N(getxattrat, "dpfnas", GET, L_NONE, T_AT | T_NOFOLLOW),
	ROW(listxattrat, "dpfbz", LIST, L_NONE, T_AT, 0),
	ROW_N(listxattrat, "dpfbz", LIST, L_NONE, T_AT | T_NOFOLLOW),
	ROW(setxattrat, "dpfnas", SET, L_NONE, T_AT, 0),
	ROW(removexattrat, "dpfn", REMOVE, L_NONE, T_AT, 0),
};
size_t call_count = ARRAY_SIZE(calls);

/* struct xattr_args of linux/xattr.h */
struct value {
	uint64_t address __attribute__((aligned(8)));
	uint32_t size, flags;
};

static unsigned long argument(char kind, const struct call *c, const struct args *a, struct value *value)
{
	switch (kind) {
	case 'd':
		return a->dirfd;
	case 'p':
		return (unsigned long)a->path;
	case 'u':
		return a->uid;
	case 'g':
		return a->gid;
	case 'f':
		return a->flags | c->flags;
	case 'm':
		return a->mask;
	case 'b':
		return (unsigned long)a->buf;
	case 'z':
		return a->size;
	case 'n':
		return (unsigned long)a->name;
	case 'a':
		*value = (struct value){ (unsigned long)a->buf, (uint32_t)a->size, 0 };
		return (unsigned long)value;
	case 's':
		return sizeof(*value);
	default:
		return 0;
	}
}

long call_run(const struct call *c, const struct args *a)
{
	unsigned long v[6] = { 0 };
	struct value value;
	long r;

	for (int i = 0; c->args[i]; i++)
		v[i] = argument(c->args[i], c, a, &value);
	/* a lookup that the kernel has to begin anew counts its links twice: 40 can be too many by chance */
	for (int tries = 0; tries < 60; tries++) {
		r = syscall(c->nr, v[0], v[1], v[2], v[3], v[4], v[5]);
		if (r >= 0 || errno != ELOOP)
			break;
		if (tries > 20)
			usleep(100);
		errno = ELOOP;
	}
	return r < 0 ? -errno : r;
}

/* three pages that can be written, then one that can only be read; none around them */
static char *pages;
static size_t page;

const char *const place_names[P_COUNT] = { "good", "null", "unmapped", "high", "end", "cut", "cross", "rdonly" };

void memory_init(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	pages = mmap(NULL, 40 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || mprotect(pages + 8 * page, 16 * page, PROT_READ | PROT_WRITE) < 0 ||
	    mprotect(pages + 32 * page, 4 * page, PROT_READ | PROT_WRITE) < 0)
		die("mmap");
}

static char *area(enum place place, size_t n, size_t cut)
{
	switch (place) {
	case P_GOOD:
		return pages + 8 * page + 128;
	case P_UNMAPPED:
		return pages + 128;
	case P_HIGH:
		return (char *)~0xfffUL;
	case P_END:
		return pages + 24 * page - n;
	case P_CUT:
		return pages + 24 * page - n + cut;
	case P_CROSS:
		return pages + 12 * page - n / 2;
	case P_RDONLY:
		return pages + 32 * page + 128;
	default:
		return NULL;
	}
}

static bool is_mapped(enum place place)
{
	return place == P_GOOD || place == P_END || place == P_CROSS || place == P_RDONLY;
}

const void *string_at(enum place place, const char *text)
{
	size_t n = strlen(text) + 1;
	char *p = area(place, n, 1);

	mprotect(pages + 32 * page, 4 * page, PROT_READ | PROT_WRITE);
	if (is_mapped(place))
		memcpy(p, text, n);
	else if (place == P_CUT)
		memcpy(p, text, n - 1);
	mprotect(pages + 32 * page, 4 * page, PROT_READ);
	return p;
}

/* beside the strings */
void *buffer_at(enum place place, size_t n)
{
	char *p = area(place, n, n / 2);

	if (place == P_GOOD)
		p += 8 * page;
	if (place == P_RDONLY)
		p += 2 * page;
	if (is_mapped(place) && place != P_RDONLY)
		memset(p, 0xa5, place == P_END ? n : n + BUFFER_SLACK);
	else if (place == P_CUT)
		memset(p, 0xa5, n / 2);
	return p;
}

bool is_poison(const void *p, size_t n)
{
	const unsigned char *bytes = p;

	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0xa5)
			return false;
	return true;
}
