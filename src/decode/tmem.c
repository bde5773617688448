/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/tmem.h"

#include <errno.h>
#include <string.h>

/* The smallest page of any ABI: a read that stays within it cannot fail half-way. */
#ifndef TMEM_PAGE
#define TMEM_PAGE 4096U
#endif

/* Bytes of a string that are read at first. Few are longer, and to copy more than is used costs time and cache. */
#define FIRST 256U

int tmem_read(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	size_t done = 0;

	if (n > UINT64_MAX - t_addr)
		return -EFAULT;
	while (done < n) {
		ssize_t r = tmem_read_some(t, t_addr + done, (char *)buf + done, n - done);

		if (r < 0)
			return (int)r;
		if (r == 0 || (size_t)r > n - done)
			return -EFAULT;
		done += (size_t)r;
	}
	return 0;
}

int tmem_read_grown(const struct task *t, uint64_t t_addr, uint64_t size, void *buf, size_t known)
{
	unsigned char bytes[TMEM_PAGE]; /* the kernel looks no further */
	int r;

	if (size < known)
		return -EINVAL;
	if (size > sizeof(bytes))
		return -E2BIG;
	r = tmem_read(t, t_addr, bytes, (size_t)size);
	for (size_t i = known; r == 0 && i < size; i++)
		r = bytes[i] ? -E2BIG : 0;
	if (r == 0)
		memcpy(buf, bytes, known);
	return r;
}

int tmem_read_string(const struct task *t, uint64_t t_addr, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t chunk = TMEM_PAGE - (size_t)((t_addr + done) % TMEM_PAGE);
		const char *nul;
		ssize_t r;

		if (done == 0 && chunk > FIRST)
			chunk = FIRST;
		if (chunk > size - done)
			chunk = size - done;
		if (chunk > UINT64_MAX - t_addr - done)
			return -EFAULT;
		r = tmem_read_some(t, t_addr + done, buf + done, chunk);
		if (r < 0)
			return (int)r;
		if (r == 0 || (size_t)r > chunk)
			return -EFAULT;
		nul = memchr(buf + done, '\0', (size_t)r);
		if (nul)
			return (int)(nul - buf);
		done += (size_t)r;
	}
	return -ENAMETOOLONG;
}
