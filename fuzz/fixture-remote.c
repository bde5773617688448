/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture-remote.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "decode/tmem.h"
#include "fuzz.h"

static uint8_t memory[REMOTE_SIZE];        /* the truth */
static uint8_t *twice[2];                  /* the same in pages of their own: always writable; with the protection of the layout */
static uint8_t protection = UINT8_MAX;     /* the layout they have */

static bool can_read_own(void)
{
	uint8_t byte;

	return process_vm_readv(getpid(), &(struct iovec){ &byte, 1 }, 1, &(struct iovec){ memory, 1 }, 1, 0) == 1;
}

static bool own_pages(void)
{
	static bool tried;
	int fd;

	if (tried)
		return twice[1];
	tried = true;
	fd = memfd_create("remote", MFD_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, REMOTE_SIZE) == 0);
	if (can_read_own())
		for (int i = 0; i < 2; i++) {
			twice[i] = mmap(NULL, REMOTE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			CHECK(twice[i] != MAP_FAILED);
		}
	else
		fprintf(stderr, "remote: process_vm_readv is refused here, so its memory is modelled only\n");
	close(fd);
	return twice[1];
}

void remote_fill(struct task *t, bool own, size_t offset, const uint8_t *bytes, size_t n, uint8_t filler)
{
	memset(memory, filler, sizeof(memory));
	memcpy(memory + offset, bytes, n < sizeof(memory) - offset ? n : sizeof(memory) - offset);
	t->own = own && own_pages();
	if (!t->own)
		return;
	t->base = (uintptr_t)twice[1];
	memcpy(twice[0], memory, sizeof(memory));
	for (size_t i = 0; i < REMOTE_PAGES; i++)
		if ((protection ^ t->layout) & 1U << i)
			CHECK(mprotect(twice[1] + i * 4096, 4096, t->layout & 1U << i ? PROT_READ : PROT_NONE) == 0);
	protection = t->layout;
}

void remote_expect(struct task *t, uint64_t address, uint8_t *buf, size_t size, bool string)
{
	t->address = address;
	t->buf = buf;
	t->size = size;
	t->string = string;
	t->done = t->reads = 0;
	t->forced = 0;
}

int remote_byte(const struct task *t, uint64_t address)
{
	uint64_t at = address - t->base;

	if (at >= REMOTE_SIZE || address / 4096 == UINT64_MAX / 4096 || !(t->layout & 1U << at / 4096))
		return -EFAULT;
	return memory[at];
}

/* As many bytes as the kernel would copy: up to the first page that cannot be read. */
static ssize_t copy(const struct task *t, uint64_t t_addr, uint8_t *buf, size_t n)
{
	struct iovec from = { (void *)(uintptr_t)t_addr, n };
	size_t r = 0;
	int byte = 0;

	if (t->own && t_addr - t->base < REMOTE_SIZE) {
		/* beside the layout there is other memory of this process */
		from.iov_len = n < REMOTE_SIZE - (t_addr - t->base) ? n : REMOTE_SIZE - (t_addr - t->base);
		r = (size_t)process_vm_readv(getpid(), &(struct iovec){ buf, n }, 1, &from, 1, 0);
		return (ssize_t)r < 0 ? -errno : (ssize_t)r;
	}
	for (; r < n && (byte = remote_byte(t, t_addr + r)) >= 0; r++)
		buf[r] = (uint8_t)byte;
	return r > 0 ? (ssize_t)r : byte;
}

ssize_t tmem_read_some(const struct task *task, uint64_t t_addr, void *buf, size_t n)
{
	static const int errors[] = { -EFAULT, -EPERM, -ESRCH, -EIO };
	struct task *t = (struct task *)task;
	uint8_t what = t->reads < t->scheduled ? t->schedule[t->reads] : 0;
	ssize_t r;

	/* a failure is the end, and what is asked for is the rest of what is wanted, of a string up to the end of a page */
	CHECK(t->forced == 0 && t->reads++ <= t->size);
	CHECK(n > 0 && t_addr == t->address + t->done && buf == t->buf + t->done && n <= t->size - t->done);
	CHECK(!t->string || t_addr / 4096 == (t_addr + n - 1) / 4096);
	CHECK(t_addr + n > t_addr);
	CHECK(!t->string || !memchr(t->buf, '\0', t->done));
	memset(buf, t->poison, n);
	if (what >= 0xfc)
		return t->forced = errors[what - 0xfc];
	if (what == 0xfa || what == 0xfb) {
		t->forced = -EFAULT;
		return what == 0xfa ? 0 : (ssize_t)n + 1;
	}
	r = copy(t, t_addr, buf, what == 0 || what > n ? n : what == 0xf9 ? n - (n > 1) : what);
	if (r > 0)
		t->done += (size_t)r;
	return r;
}
