/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the ABI, the system call, then where the caller's memory is, how it reads, and what it holds. */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

#include "base/reason.h"
#include "decode/decode.h"
#include "decode/tmem.h"
#include "reference-decode.h"
#include "reference-memory.h"
#include "reference-table.h"
#include "seccomp/notif.h"

#define READS_MAX (XATTR_SIZE_MAX + 2 * PATH_MAX)

/* The numbers at the front of an input, as they stand in memory. */
struct header {
	uint64_t args[6];
	uint64_t base;  /* where the memory starts; 48 bits count */
	uint32_t arch;  /* if the selector says so */
	int32_t nr;
	uint8_t selector; /* one of the ABIs, or any */
	uint8_t most;   /* bytes that one read yields; 0: any */
	uint8_t beyond; /* what a read outside gives: EFAULT, EPERM, ESRCH */
};

#define HEADER_SIZE 67 /* without padding */

static struct expectation expected;

ssize_t tmem_read_some(const struct task *t, uint64_t t_addr, void *buf, size_t n)
{
	size_t most = t->most ? t->most : n;
	size_t r = 0;

	CHECK(n > 0 && n <= XATTR_SIZE_MAX);
	CHECK(++*t->reads <= READS_MAX);
	/* only a structure may be asked for across a page, which no string could have needed */
	CHECK(expected.reads_bytes || t_addr / 4096 == (t_addr + n - 1) / 4096);
	memset(buf, 0xcc, n);
	while (r < n && r < most && reference_byte(t, t_addr + r, (uint8_t *)buf + r) == 0)
		r++;
	return r > 0 ? (ssize_t)r : reference_byte(t, t_addr, &(uint8_t){ 0 });
}

static void check_credentials(const struct request *req, const struct expectation *e)
{
	CHECK(req->option == e->option && req->mode == e->mode && req->count == e->count);
	CHECK(memcmp(req->ids, e->ids, sizeof(req->ids)) == 0 && memcmp(req->values, e->values, sizeof(req->values)) == 0);
	CHECK(req->memory_error == e->memory_error && req->has_limit == e->has_limit);
	CHECK(memcmp(req->caps, e->caps, sizeof(req->caps)) == 0);
	if (e->memory_error != 0)
		return;
	CHECK(req->cap.version == e->version && req->cap.number == e->pid);
	CHECK(req->length == e->length && memcmp(req->limit, e->limit, sizeof(req->limit)) == 0);
	CHECK(e->count <= 0 || e->count > LIMIT_GROUPS || !strstr(e->name, "set") ||
	      memcmp(req->groups, e->groups, (size_t)e->count * sizeof(req->groups[0])) == 0);
}

static void check(const struct seccomp_data *data, const struct task *t)
{
	static struct request req;
	const struct expectation *e = &expected;
	int r;

	reference_decode(data, t, &expected);
	memset(&req, 0x5a, sizeof(req));
	r = decode(data, t, &req);
	CHECK(r == e->outcome);
	if (r != 0)
		return;
	CHECK(strcmp(req.row->name, e->name) == 0 && req.row == &syscall_rows[req.call] && req.abi == e->abi);
	CHECK(req.t_dirfd == e->dirfd && req.follow == e->follow && req.empty_path == e->empty_path);
	CHECK(req.at_flags == e->at_flags && req.mask == e->mask && req.clone_flags == e->clone_flags);
	CHECK(req.cuid == e->uid && req.cgid == e->gid && memcmp(req.t_buf, e->bufs, sizeof(req.t_buf)) == 0 && req.size == e->size);
	CHECK(memchr(req.path, '\0', sizeof(req.path)) && strcmp(req.path, e->path) == 0);
	CHECK(req.socket_call == e->socket_call && req.t_socket == e->socket && req.open_flags == e->open_flags && req.open_resolve == e->open_resolve);
	CHECK(memchr(req.target, '\0', sizeof(req.target)) && strcmp(req.target, e->target) == 0);
	CHECK(!e->has_name || strcmp(req.name, e->xattr) == 0);
	CHECK(!strstr(e->name, "setxattr") || memcmp(req.value, e->value, (size_t)e->size) == 0);
	CHECK(req.mount_flags == e->mount_flags && req.has_source == e->has_source);
	CHECK(!strstr(e->name, "fsconfig") || e->option != 1 || (strcmp(req.name, e->xattr) == 0 && strcmp((char *)req.value, (char *)e->value) == 0));
	CHECK(strcmp(e->name, "mount") != 0 || (strcmp(req.fs_type, e->fs_type) == 0 && strcmp((char *)req.value, (char *)e->value) == 0));
	check_credentials(&req, e);
}

/* Once: the numbers of all ABIs are bound as libseccomp knows them the other way round, and no others. */
static void check_numbers(void)
{
	static const uint32_t arch[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64 };
	static const int bit[] = { 0, 0, 0x40000000, 0 };
	unsigned int reads = 0;
	struct task t = { .reads = &reads, .beyond = -EFAULT };

	CHECK(notif_bind_numbers() == 0);
	reference_bind_newest();
	/* numbers that no table can hold change nothing */
	decode_bind(ABI_X86_64, -1, CALL_chown);
	decode_bind(ABI_X86_64, INT32_MAX, CALL_chown);
	for (size_t abi = 0; abi < ARRAY_SIZE(arch); abi++) {
		for (int nr = 0; nr < 2048; nr++) {
			struct seccomp_data data = { .arch = arch[abi], .nr = nr | bit[abi] };

			reads = 0;
			check(&data, &t);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t arch[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64 };
	static const int beyond[] = { -EFAULT, -EPERM, -ESRCH };
	static bool bound;
	unsigned int reads = 0;
	struct header h;
	struct seccomp_data call;
	struct task t = { .reads = &reads };

	if (!bound)
		check_numbers();
	bound = true;
	if (size < HEADER_SIZE)
		return 0;
	memcpy(&h, data, HEADER_SIZE);
	call = (struct seccomp_data){ .arch = h.selector < ARRAY_SIZE(arch) ? arch[h.selector] : h.arch, .nr = h.nr };
	if (h.selector == ABI_X32)
		call.nr |= 0x40000000;
	memcpy(call.args, h.args, sizeof(call.args));
	t.base = h.base & 0xffffffffffff;
	t.bytes = data + HEADER_SIZE;
	t.length = size - HEADER_SIZE;
	t.most = h.most;
	t.beyond = beyond[h.beyond % ARRAY_SIZE(beyond)];
	check(&call, &t);
	return 0;
}
