/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char line[1 << 16];
static size_t length;
static const char *prefix = "";
const char *filter;

/* What differs between two worlds though it is the same: printed as the number of its first appearance in a case. */
static struct seen {
	char kind;
	uint64_t value;
} seen[64];
static size_t seen_count;

void set_prefix(const char *text)
{
	prefix = text;
}

/* One case is one line, whatever the names in it. */
static void append(const char *format, va_list list)
{
	int n = vsnprintf(line + length, sizeof(line) - length, format, list);

	if (n < 0 || (size_t)n >= sizeof(line) - length)
		die("line too long");
	for (; n > 0; n--, length++)
		if (line[length] == '\n')
			line[length] = '?';
}

void out(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	append(format, list);
	va_end(list);
}

bool begin(const char *format, ...)
{
	va_list list;

	length = 0;
	seen_count = 0;
	out("%s/", prefix);
	va_start(list, format);
	append(format, list);
	va_end(list);
	if (filter && !strstr(line, filter))
		return false;
	out(":");
	return true;
}

void end(void)
{
	line[length++] = '\n';
	if (write(FD_OUT, line, length) != (ssize_t)length)
		die("write");
}

void show_result(long r)
{
	const char *name = r < 0 ? strerrorname_np((int)-r) : NULL;

	if (name)
		out(" %s", name);
	else
		out(" %ld", r);
}

static size_t number_of(char kind, uint64_t value)
{
	size_t i;

	for (i = 0; i < seen_count; i++)
		if (seen[i].kind == kind && seen[i].value == value)
			return i;
	if (i == ARRAY_SIZE(seen))
		die("too many identities");
	seen[seen_count++] = (struct seen){ kind, value };
	return i;
}

/* The layouts, as the kernel writes them. */
struct fields {
	uint64_t ino, rdev_major, rdev_minor, size, blocks;
	uint32_t dev_major, dev_minor, mode, nlink, uid, gid, blksize;
	int64_t time[4]; /* a m c b */
	uint32_t nsec[4];
	bool has_nsec, has_blocks, has_btime, is_narrow, has_pad;
	size_t bytes;
};

#ifdef __i386__
struct kstat_stat {
	uint32_t dev, ino;
	uint16_t mode, nlink, uid, gid;
	uint32_t rdev, size, blksize, blocks, at, an, mt, mn, ct, cn, pad[2];
};

struct kstat_stat64 {
	uint64_t dev;
	uint32_t pad0, low_ino, mode, nlink, uid, gid;
	uint64_t rdev;
	uint32_t pad3;
	int64_t size;
	uint32_t blksize;
	uint64_t blocks;
	uint32_t at, an, mt, mn, ct, cn;
	uint64_t ino;
} __attribute__((packed));

struct kstat_old {
	uint16_t dev, ino, mode, nlink, uid, gid, rdev;
	uint32_t size, at, mt, ct;
};
#else
struct kstat_stat {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, pad0;
	uint64_t rdev;
	int64_t size, blksize, blocks;
	uint64_t at, an, mt, mn, ct, cn;
	int64_t pad[3];
};
#endif

static uint32_t dev_major(uint64_t dev)
{
	return dev >> 8 & 0xfff;
}

static uint32_t dev_minor(uint64_t dev)
{
	return (uint32_t)((dev & 0xff) | (dev >> 12 & 0xfff00));
}

#define TAKE(f, k) do { \
	(f)->dev_major = dev_major((k)->dev); \
	(f)->dev_minor = dev_minor((k)->dev); \
	(f)->rdev_major = dev_major((k)->rdev); \
	(f)->rdev_minor = dev_minor((k)->rdev); \
	(f)->ino = (k)->ino; \
	(f)->mode = (k)->mode; \
	(f)->nlink = (uint32_t)(k)->nlink; \
	(f)->uid = (k)->uid; \
	(f)->gid = (k)->gid; \
	(f)->size = (uint64_t)(k)->size; \
	(f)->time[0] = (int64_t)(k)->at; \
	(f)->time[1] = (int64_t)(k)->mt; \
	(f)->time[2] = (int64_t)(k)->ct; \
	(f)->bytes = sizeof(*(k)); \
} while (0)

#define TAKE_MORE(f, k) do { \
	(f)->nsec[0] = (uint32_t)(k)->an; \
	(f)->nsec[1] = (uint32_t)(k)->mn; \
	(f)->nsec[2] = (uint32_t)(k)->cn; \
	(f)->blksize = (uint32_t)(k)->blksize; \
	(f)->blocks = (uint64_t)(k)->blocks; \
	(f)->has_nsec = (f)->has_blocks = true; \
} while (0)

static void take_statx(struct fields *f, const struct statx *k)
{
	f->dev_major = k->stx_dev_major;
	f->dev_minor = k->stx_dev_minor;
	f->rdev_major = k->stx_rdev_major;
	f->rdev_minor = k->stx_rdev_minor;
	f->ino = k->stx_ino;
	f->mode = k->stx_mode;
	f->nlink = k->stx_nlink;
	f->uid = k->stx_uid;
	f->gid = k->stx_gid;
	f->size = k->stx_size;
	f->blksize = k->stx_blksize;
	f->blocks = k->stx_blocks;
	f->has_nsec = f->has_blocks = true;
	f->has_btime = k->stx_mask & STATX_BTIME;
	f->bytes = sizeof(*k);
	f->time[0] = k->stx_atime.tv_sec;
	f->time[1] = k->stx_mtime.tv_sec;
	f->time[2] = k->stx_ctime.tv_sec;
	f->time[3] = k->stx_btime.tv_sec;
	f->nsec[0] = k->stx_atime.tv_nsec;
	f->nsec[1] = k->stx_mtime.tv_nsec;
	f->nsec[2] = k->stx_ctime.tv_nsec;
	f->nsec[3] = k->stx_btime.tv_nsec;
}

static void take(struct fields *f, enum layout layout, const void *buf)
{
	memset(f, 0, sizeof(*f));
	if (layout == L_STATX) {
		take_statx(f, buf);
#ifdef __i386__
	} else if (layout == L_STAT64) {
		const struct kstat_stat64 *k = buf;

		TAKE(f, k);
		TAKE_MORE(f, k);
		/* the kernel leaves its pads as they are */
		f->has_pad = k->low_ino != (uint32_t)k->ino;
	} else if (layout == L_OLD) {
		const struct kstat_old *k = buf;

		TAKE(f, k);
		f->dev_major = k->dev >> 8;
		f->dev_minor = k->dev & 0xff;
		f->is_narrow = true;
#endif
	} else {
		const struct kstat_stat *k = buf;

		TAKE(f, k);
		TAKE_MORE(f, k);
		for (size_t i = 0; i < ARRAY_SIZE(k->pad); i++)
			f->has_pad |= k->pad[i] != 0;
#ifndef __i386__
		f->has_pad |= k->pad0 != 0;
#endif
	}
}

/* How a time compares with the one when the object was made; - for an object that is not ours. */
static void show_time(const struct fields *f, int i, const struct object *o)
{
	int64_t now = f->time[i], then = o ? o->time[i] : 0;

	if (!o) {
		out("-");
		return;
	}
	if (now == then && f->has_nsec) {
		now = f->nsec[i];
		then = o->nsec[i];
	}
	/* whether a second has ended in between says nothing */
	if (!f->has_nsec && now > then)
		now = then;
	out("%c", now == then ? '=' : now > then ? '>' : '<');
}

static void show_identity(const struct fields *f, const struct object *o)
{
	if (o)
		out(" i=%s", o->name);
	else if (f->ino)
		out(" i=#%zu", number_of('i', f->ino));
	if (!f->is_narrow)
		out(" d=#%zu", number_of('d', (uint64_t)f->dev_major << 32 | f->dev_minor));
	else if (o)
		out(" d=%s", (o->dev_major & 0xff) == f->dev_major && (o->dev_minor & 0xff) == f->dev_minor ? "same" : "other");
}

static void show_more(const struct statx *k)
{
	uint32_t known = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID | 0x2000 | 0x4000 | 0x8000 | 0x10000;

	out(" mask=%x attr=%llx/%llx", k->stx_mask, (unsigned long long)k->stx_attributes,
	    (unsigned long long)k->stx_attributes_mask);
	if (k->stx_mnt_id)
		out(" mnt=#%zu", number_of(k->stx_mask & 0x4000 ? 'M' : 'm', k->stx_mnt_id));
	if (k->stx_mask & ~known)
		out(" unknown=%x", k->stx_mask & ~known);
	/* what is behind stx_mnt_id, the same on one file system */
	out(" more=");
	for (size_t i = offsetof(struct statx, stx_mnt_id) + 8; i < sizeof(*k); i++)
		if (((const unsigned char *)k)[i])
			out("%zx:%x,", i, ((const unsigned char *)k)[i]);
}

void show_stat(enum layout layout, const void *buf)
{
	const struct object *o;
	struct fields f;

	take(&f, layout, buf);
	o = object_find(f.ino, f.dev_major, f.is_narrow ? UINT32_MAX : f.dev_minor);
	out(" m=%o u=%u g=%u n=%u s=%llu", f.mode, f.uid, f.gid, f.nlink, (unsigned long long)f.size);
	if (f.rdev_major || f.rdev_minor)
		out(" r=%u:%u", (unsigned int)f.rdev_major, (unsigned int)f.rdev_minor);
	if (f.has_blocks)
		out(" bs=%u b=%llu", f.blksize, (unsigned long long)f.blocks);
	show_identity(&f, o);
	out(" t=");
	for (int i = 0; i < (f.has_btime ? 4 : 3); i++)
		show_time(&f, i, o);
	if (layout == L_STATX)
		show_more(buf);
	if (f.has_pad)
		out(" pad");
	if (!is_poison((const char *)buf + f.bytes, 16))
		out(" beyond");
}

static void show_with(const char *name, unsigned long dirfd, const void *path, unsigned long flags)
{
	struct args a = { .dirfd = dirfd, .path = path, .flags = flags, .mask = STATX_BASIC_STATS | STATX_BTIME };
	long r;

	for_each_call(c, STAT) {
		if (strcmp(c->name, name) != 0)
			continue;
		a.buf = buffer_at(P_GOOD, 256);
		r = call_run(c, &a);
		out(" | %s", name);
		if (r == 0)
			show_stat(c->layout, a.buf);
		else
			show_result(r);
	}
}

void show_path(unsigned long dirfd, const void *path, unsigned long flags)
{
#ifdef __i386__
	show_with("fstatat64-nofollow", dirfd, path, flags & AT_EMPTY_PATH);
#else
	show_with("newfstatat-nofollow", dirfd, path, flags & AT_EMPTY_PATH);
#endif
	show_with("statx", dirfd, path, flags & AT_EMPTY_PATH);
}

void show_fd(unsigned long fd)
{
#ifdef __i386__
	show_with("fstat64", fd, NULL, 0);
#endif
	show_with("fstat", fd, NULL, 0);
}
