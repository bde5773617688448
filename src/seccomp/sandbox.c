/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/in_child.h"
#include "seccomp/filter.h"

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif

#define CODE_MAX 1024

/* A call with any arguments, ... */
struct call_rule {
	int nr;
	enum sandbox last; /* the innermost list that has it */
};

/* ... and one with (argument & mask) == value; the upper half of an int is not looked at. */
struct argument_rule {
	int nr;
	enum sandbox last;
	unsigned int index;
	uint32_t mask, value;
};

#define B SANDBOX_BROKER
#define G SANDBOX_GREETER
#define W SANDBOX_WORKER

static const struct call_rule calls[] = {
	/* answer */
	{ SCMP_SYS(poll), W }, { SCMP_SYS(ppoll), W }, { SCMP_SYS(process_vm_readv), W }, { SCMP_SYS(process_vm_writev), W },
	{ SCMP_SYS(openat2), W }, { SCMP_SYS(close), W }, { SCMP_SYS(read), W }, { SCMP_SYS(readlink), W }, { SCMP_SYS(readlinkat), W },
	{ SCMP_SYS(fstat), W }, { SCMP_SYS(newfstatat), W }, { SCMP_SYS(lstat), W }, { SCMP_SYS(stat), W }, { SCMP_SYS(statx), W },
	{ SCMP_SYS(fstatfs), W }, { SCMP_SYS(name_to_handle_at), W }, { SCMP_SYS(fchownat), W }, { SCMP_SYS(fchmodat), W }, { SCMP_SYS(pidfd_open), W }, { SCMP_SYS(pidfd_getfd), W },
	{ SCMP_SYS(getxattr), W }, { SCMP_SYS(lgetxattr), W }, { SCMP_SYS(fgetxattr), W }, { SCMP_SYS(setxattr), W },
	{ SCMP_SYS(removexattr), W }, { SCMP_SYS(listxattr), W }, { 464 /* getxattrat, Linux 6.13 */, W },
	{ SCMP_SYS(inotify_add_watch), W }, { SCMP_SYS(inotify_rm_watch), W },
	/* as the caller might: in its root, with its capabilities */
	{ SCMP_SYS(chroot), W }, { SCMP_SYS(fchdir), W }, { SCMP_SYS(capget), W }, { SCMP_SYS(capset), W },
	{ SCMP_SYS(geteuid), W }, { SCMP_SYS(getegid), W }, { SCMP_SYS(getpid), W }, { SCMP_SYS(gettid), W },
	/* new files */
	{ SCMP_SYS(mkdirat), W }, { SCMP_SYS(symlinkat), W }, { SCMP_SYS(bind), W }, { SCMP_SYS(umask), W },
	/* file systems, in the caller's mount namespace; see create/mount.h */
	{ SCMP_SYS(fsopen), W }, { SCMP_SYS(fsconfig), W }, { SCMP_SYS(fsmount), W }, { SCMP_SYS(move_mount), W },
	{ SCMP_SYS(mount_setattr), W },
	/* among our threads, and with the broker */
	{ SCMP_SYS(futex), W }, { SCMP_SYS(sched_setaffinity), W }, { SCMP_SYS(nanosleep), W }, { SCMP_SYS(clock_nanosleep), W },
	{ SCMP_SYS(clock_gettime), W }, { SCMP_SYS(sendmsg), W }, { SCMP_SYS(recvmsg), W }, { SCMP_SYS(restart_syscall), W },
	{ SCMP_SYS(rt_sigreturn), W }, { SCMP_SYS(rt_sigprocmask), W }, { SCMP_SYS(exit_group), W }, { SCMP_SYS(exit), W },
	/* greet, enter, become several threads */
	{ SCMP_SYS(recvfrom), G }, { SCMP_SYS(sendto), G }, { SCMP_SYS(setns), G }, { SCMP_SYS(unshare), G }, { SCMP_SYS(munmap), G },
	{ SCMP_SYS(brk), G }, { SCMP_SYS(madvise), G }, { SCMP_SYS(set_robust_list), G }, { SCMP_SYS(rseq), G },
	{ SCMP_SYS(sched_getaffinity), G }, { SCMP_SYS(rt_sigaction), G }, { SCMP_SYS(prctl), G }, { SCMP_SYS(seccomp), G },
	{ SCMP_SYS(close_range), G }, { SCMP_SYS(getrandom), G }, { SCMP_SYS(setpgid), G }, { SCMP_SYS(fcntl), G }, { SCMP_SYS(write), G },
	/* accept, fork, reap */
	{ SCMP_SYS(accept4), B }, { SCMP_SYS(accept), B }, { SCMP_SYS(getsockopt), B }, { SCMP_SYS(clone), B },
	{ SCMP_SYS(wait4), B }, { SCMP_SYS(kill), B }, { SCMP_SYS(ioctl), B }, { SCMP_SYS(unlink), B }, { SCMP_SYS(unlinkat), B },
	{ SCMP_SYS(getuid), B }, { SCMP_SYS(pread64), B }, { SCMP_SYS(pwrite64), B }, { SCMP_SYS(gettimeofday), B }, { SCMP_SYS(time), B }, { SCMP_SYS(getsockname), B },
	/* the file of the owner store; who carries credentials */
	{ SCMP_SYS(renameat), B }, { SCMP_SYS(renameat2), B }, { SCMP_SYS(ftruncate), B }, { SCMP_SYS(fdatasync), B },
	{ SCMP_SYS(getdents64), B },
};

static const struct argument_rule arguments[] = {
	{ SCMP_SYS(ioctl), W, 1, 0xff00, '!' << 8 }, /* _IOC_TYPE: of a seccomp listener ... */
	{ SCMP_SYS(ioctl), W, 1, 0xff00, 0xb7 << 8 }, /* ... and of a namespace */
	{ SCMP_SYS(ioctl), W, 1, UINT32_MAX, TIOCGPTLCK }, { SCMP_SYS(ioctl), W, 1, UINT32_MAX, TIOCGPTPEER }, /* the other end of a new terminal */
	{ SCMP_SYS(setns), W, 1, UINT32_MAX, CLONE_NEWNS },
	{ SCMP_SYS(kcmp), W, 2, UINT32_MAX, KCMP_FILE },
	{ SCMP_SYS(prlimit64), W, 1, UINT32_MAX, RLIMIT_LOCKS }, /* what carries credentials */
	{ SCMP_SYS(prlimit64), W, 1, UINT32_MAX, RLIMIT_RSS },
	/* see proc/exec_trace.h */
	{ SCMP_SYS(ptrace), W, 0, UINT32_MAX, PTRACE_SEIZE }, { SCMP_SYS(ptrace), W, 0, UINT32_MAX, PTRACE_INTERRUPT },
	{ SCMP_SYS(ptrace), W, 0, UINT32_MAX, PTRACE_GETREGSET }, { SCMP_SYS(ptrace), W, 0, UINT32_MAX, PTRACE_KILL },
	{ SCMP_SYS(ptrace), W, 0, UINT32_MAX, PTRACE_DETACH }, { SCMP_SYS(wait4), W, 2, UINT32_MAX, __WALL | __WNOTHREAD },
	{ SCMP_SYS(getsockopt), W, 2, UINT32_MAX, SO_PEERCRED }, /* whose a socket is */
	{ SCMP_SYS(getsockopt), W, 2, UINT32_MAX, 77 /* SO_PEERPIDFD, Linux 6.5 */ },
	{ SCMP_SYS(pidfd_send_signal), W, 1, UINT32_MAX, 0 },
	/* new files, and those that must not stay; of devices, the kernel lets nobody in a user namespace make other ones than whiteouts */
	{ SCMP_SYS(mknodat), W, 2, S_IFMT, S_IFCHR },
	{ SCMP_SYS(mknodat), W, 2, S_IFMT, S_IFREG }, { SCMP_SYS(mknodat), W, 2, S_IFMT, S_IFIFO }, { SCMP_SYS(mknodat), W, 2, S_IFMT, S_IFSOCK },
	{ SCMP_SYS(unlinkat), W, 2, UINT32_MAX, 0 }, { SCMP_SYS(unlinkat), W, 2, UINT32_MAX, AT_REMOVEDIR },
	{ SCMP_SYS(openat), W, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ SCMP_SYS(open), W, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ SCMP_SYS(write), W, 0, UINT32_MAX, 2 },
	{ SCMP_SYS(fcntl), W, 1, UINT32_MAX, F_DUPFD_CLOEXEC },
	{ SCMP_SYS(kill), W, 1, UINT32_MAX, 0 },
	{ SCMP_SYS(tgkill), W, 2, UINT32_MAX, SIGUSR2 },
	{ SCMP_SYS(tgkill), W, 2, UINT32_MAX, SIGABRT },
	{ SCMP_SYS(clone), G, 0, CLONE_THREAD, CLONE_THREAD },
	{ SCMP_SYS(mmap), G, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), G, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(openat), B, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDWR | O_CREAT }, /* the file of the owner store */
	{ SCMP_SYS(socketpair), B, 0, UINT32_MAX, AF_UNIX },
};

struct program {
	struct sock_filter code[CODE_MAX];
	unsigned short length;
};

static struct program *programs; /* SANDBOX_COUNT of them */

static bool has_any(int nr, enum sandbox sandbox)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].nr == nr && calls[i].last >= sandbox)
			return true;
	return false;
}

/* A call that this architecture does not have has a negative number. */
static int add_rules(void *filter, int which)
{
	enum sandbox sandbox = (enum sandbox)which;
	/* its flags are in memory: glibc then takes clone(2) */
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	/* the calls that are made all the time and whose arguments are looked at */
	if (r == 0)
		r = seccomp_syscall_priority(filter, SCMP_SYS(ioctl), UINT8_MAX);
	if (r == 0)
		r = seccomp_syscall_priority(filter, SCMP_SYS(prlimit64), UINT8_MAX - 1);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(calls); i++)
		if (calls[i].nr >= 0 && calls[i].last >= sandbox)
			r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].nr, 0);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(arguments); i++) {
		const struct argument_rule *a = &arguments[i];

		if (a->nr >= 0 && a->last >= sandbox && !has_any(a->nr, sandbox))
			r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, a->nr, 1,
					     SCMP_CMP(a->index, SCMP_CMP_MASKED_EQ, a->mask, a->value));
	}
	return r;
}

static int prepare_all(void *memory)
{
	struct program *program = memory;

	for (int sandbox = 0; sandbox < SANDBOX_COUNT; sandbox++, program++) {
		uint32_t otherwise = sandbox == SANDBOX_BROKER ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS;
		int r = filter_compile(otherwise, add_rules, sandbox, program->code, CODE_MAX);

		if (r < 0)
			return r;
		program->length = (unsigned short)r;
	}
	return 0;
}

int sandbox_prepare(void)
{
	void *memory;
	int r = in_child(prepare_all, SANDBOX_COUNT * sizeof(*programs), &memory);

	if (r == 0)
		programs = memory;
	return r;
}

int sandbox_enter(enum sandbox sandbox)
{
	struct sock_fprog program = { .len = programs[sandbox].length, .filter = programs[sandbox].code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		       &program) < 0 ? -errno : 0;
}
