/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of a caller's memory, for every address, every size up to CAP, every content and every schedule of short reads
 * and errors. Pages of 4 bytes, so that CAP may span three of them.
 */
#include "proof.h"

#include <errno.h>
#include <string.h>

#include "decode/tmem.h"

#ifndef CAP
#define CAP 6
#endif
#define GUARD 2

static char memory[CAP]; /* what stands from t_start on */
static uint64_t t_start;
static size_t most;      /* bytes that a read may ask for, from t_start */
static bool strings;
static size_t got;       /* that were read, from t_start; a NUL is nowhere among them */
static bool failed;
static int error;

ssize_t tmem_read_some(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	ssize_t r = nondet_ssize();

	(void)t;
	PROVE(!failed, "nothing is read behind an error");
	PROVE(n > 0 && t_addr == t_start + got && t_addr >= t_start, "reads go on where the last ended");
	PROVE(got + n <= most && n - 1 <= UINT64_MAX - t_addr, "no read behind the size, none that wraps");
	if (strings) {
		PROVE(t_addr / TMEM_PAGE == (t_addr + n - 1) / TMEM_PAGE, "no read of a string leaves a page");
		PROVE(got == 0 || memchr(memory, 0, got) == NULL, "no read behind the NUL");
	}
	/* also more than was asked for, which the kernel never says */
	ASSUME(r == -EFAULT || r == -EPERM || r == -ESRCH || (r >= 0 && r <= (ssize_t)n + 1));
	if (r <= 0 || r > (ssize_t)n) {
		failed = true;
		error = r < 0 ? (int)r : -EFAULT;
		return r;
	}
	for (size_t i = 0; i < (size_t)r; i++)
		((char *)buf)[i] = memory[got + i];
	got += (size_t)r;
	return r;
}

static void prove_string(char *buf, size_t size)
{
	int r;
	size_t length;

	strings = true;
	r = tmem_read_string(NULL, t_start, buf, size);
	for (length = 0; length < got && memory[length] != '\0'; length++)
		;
	if (r >= 0) {
		PROVE(!failed && (size_t)r < size && length < got, "a string has its NUL within the size");
		PROVE((size_t)r == length, "its length is the place of the first NUL");
	} else if (r == -ENAMETOOLONG) {
		PROVE(!failed && got == size && length == size, "too long: no NUL in all of the size");
	} else if (failed) {
		PROVE(r == error && length == got, "an error is the kernel's");
	} else {
		PROVE(r == -EFAULT && size > UINT64_MAX - t_start, "and otherwise the address wraps");
	}
}

static void prove_bytes(char *buf, size_t size)
{
	int r = tmem_read(NULL, t_start, buf, size);

	if (r == 0)
		PROVE(!failed && got == size, "all bytes");
	else if (failed)
		PROVE(r == error, "an error is the kernel's");
	else
		PROVE(r == -EFAULT && size > UINT64_MAX - t_start && got == 0, "and otherwise the address wraps");
}

/* A structure of which the first bytes are known. How many of buf are written. */
static size_t prove_grown(char *buf, size_t size)
{
	size_t known = nondet_size();
	bool others = false;
	int r;

	ASSUME(known > 0 && known <= TMEM_PAGE);
	r = tmem_read_grown(NULL, t_start, size, buf, known);
	for (size_t i = known; i < got; i++)
		others = others || memory[i] != '\0';
	if (size < known || size > TMEM_PAGE)
		PROVE(r == (size < known ? -EINVAL : -E2BIG) && got == 0 && !failed, "of a wrong size, nothing is read");
	else if (failed)
		PROVE(r == error, "an error is the kernel's");
	else if (got < size)
		PROVE(r == -EFAULT && size > UINT64_MAX - t_start && got == 0, "and otherwise the address wraps");
	else
		PROVE(r == (others ? -E2BIG : 0), "what is unknown is 0");
	return r == 0 ? known : 0;
}

int main(void)
{
	char buf[CAP + GUARD], before[CAP + GUARD];
	size_t size = nondet_size(), written;

	ASSUME(size <= CAP);
	t_start = nondet_u64();
	most = size;
	for (int i = 0; i < CAP; i++)
		memory[i] = nondet_char();
	for (int i = 0; i < CAP + GUARD; i++)
		before[i] = buf[i] = nondet_char();
	if (nondet_bool()) {
		written = prove_grown(buf, size);
	} else {
		if (nondet_bool())
			prove_string(buf, size);
		else
			prove_bytes(buf, size);
		written = got;
	}
	for (size_t i = 0; i < CAP + GUARD; i++)
		PROVE(buf[i] == (i < written ? memory[i] : before[i]), "the buffer holds what was read, and nothing else was written");
	return 0;
}
