/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/log.h"
#include "decode/decode.h"
#include "seccomp/features.h"

static int add_row(scmp_filter_ctx filter, const struct syscall_row *row)
{
	int nr = seccomp_syscall_resolve_name(row->name);
	int r = 0;

	if (nr == __NR_SCMP_ERROR)
		return 0; /* newer than this libseccomp */
	if (row->trap == REFUSED)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), nr, 0);
	if (row->trap == ALWAYS)
		return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, nr, 0);
	for (size_t i = 0; r == 0 && i < trap_condition_count; i++) {
		const struct trap_condition *c = &trap_conditions[i];

		if (c->trap == row->trap)
			r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, nr, 1,
					     SCMP_CMP((unsigned int)c->by.index, SCMP_CMP_MASKED_EQ, c->by.mask, c->by.value));
	}
	return r;
}

int filter_compile(uint32_t otherwise, int (*add)(void *filter, int which), int which, struct sock_filter *code, size_t size)
{
	auto_fd fd = memfd_create("subuidless-filter", MFD_CLOEXEC);
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int r = fd < 0 ? -errno : filter ? add(filter, which) : -ENOMEM;
	ssize_t n;

	if (r == 0)
		r = seccomp_export_bpf(filter, fd);
	if (filter)
		seccomp_release(filter);
	if (r < 0)
		return r;
	n = pread(fd, code, size * sizeof(*code), 0);
	return n <= 0 || (size_t)n == size * sizeof(*code) ? -EIO : (int)((size_t)n / sizeof(*code));
}

static int add_rows(void *filter, int unused)
{
	int r = 0;

	(void)unused;
	/* a call of any other ABI must not run without us */
	if (seccomp_arch_native() == SCMP_ARCH_X86_64) {
		r = seccomp_arch_add(filter, SCMP_ARCH_X86);
		if (r == 0)
			r = seccomp_arch_add(filter, SCMP_ARCH_X32);
	}
	for (enum call call = 0; call < CALL_COUNT && r == 0; call++)
		r = add_row(filter, &syscall_rows[call]);
	return r;
}

static int load(struct sock_filter *code, int n)
{
	struct sock_fprog program = { .len = (unsigned short)n, .filter = code };
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int listener;

	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
	if (listener < 0 && errno == EINVAL)
		listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	return listener < 0 ? -errno : listener;
}

int filter_load(void)
{
	static struct sock_filter code[BPF_MAXINSNS];
	int r = filter_compile(SCMP_ACT_ALLOW, add_rows, 0, code, ARRAY_SIZE(code));

	return r < 0 ? r : load(code, r);
}

void filter_explain(int r)
{
	if (r == -EBUSY)
		log_line(LOG_LEVEL_ERROR, "a receiver serves this process already, as in its containers and in \"subuidless run\": a command that is "
			 "run without another one has the user IDs of that one");
	else if (r == -EINVAL || r == -ENOSYS)
		log_line(LOG_LEVEL_ERROR, "the kernel needs CONFIG_SECCOMP_FILTER, and a container around this process a seccomp profile that "
			 "allows seccomp(2)");
	else if (r == -EPERM || r == -EACCES)
		log_line(LOG_LEVEL_ERROR, "a seccomp filter or a security module around this process forbids it: start its container with "
			 "--security-opt seccomp=unconfined, or go outside of it");
}
