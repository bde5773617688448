/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "seccomp/sandbox.h"

static int try_exec(void) { char *arguments[] = { NULL }; return execve("/bin/true", arguments, NULL); }
static int try_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static int try_code(void) { return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0; }
static int try_write(void) { return open("/dev/null", O_WRONLY); }
static int try_create(void) { return open("/tmp", O_TMPFILE | O_RDWR, 0600); }
static int try_trace(void) { return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static int try_poke(void) { return (int)ptrace(PTRACE_POKEDATA, 1, NULL, NULL); }
/* of a process that nobody traces: it is allowed, and there is nothing to do */
static int try_interrupt(void) { return ptrace(PTRACE_INTERRUPT, 1, NULL, NULL) < 0 && errno == ESRCH ? 0 : -1; }
static int try_chmod(void) { return chmod("/dev/null", 0666); }
static int try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -1 : 0;
}
static int try_kill(void) { return kill(getppid(), SIGCONT); }
static int try_memory(void) { return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0; }
static int try_look(void) { return close(open("/dev/null", O_PATH)); }
static int try_carrier(void) { struct rlimit old; return prlimit(0, RLIMIT_LOCKS, NULL, &old) < 0 ? -1 : prlimit(0, RLIMIT_RSS, NULL, &old); }
static int try_limit(void) { struct rlimit old; return prlimit(0, RLIMIT_NOFILE, NULL, &old); }
static int try_stat(void) { struct stat st; return stat("/", &st); }

/* there is no such namespace */
static int try_mounts(void) { return setns(-1, CLONE_NEWNS) < 0 && errno == EBADF ? 0 : -1; }
static int try_user(void) { return setns(-1, CLONE_NEWUSER) < 0 && errno == EBADF ? 0 : -1; }
static int try_mount(void) { return mount("none", "/nosuch", "tmpfs", 0, NULL); }
static int try_terminal(void) { return ioctl(-1, TIOCGPTPEER, 0) < 0 && errno == EBADF ? 0 : -1; }

enum end { WORKS, FAILS, DIES };

static enum end end_of(enum sandbox sandbox, int (*call)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		if (sandbox_enter(sandbox) < 0)
			_exit(3);
		_exit(call() < 0 ? errno == EPERM ? 1 : 2 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGSYS);
		return DIES;
	}
	assert_true(WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) ? FAILS : WORKS;
}

static void each_list_is_within_the_one_before(void **state)
{
	static const struct { int (*call)(void); enum end broker, greeter, worker; } rows[] = {
		{ try_exec, FAILS, DIES, DIES },   { try_socket, FAILS, DIES, DIES }, { try_code, FAILS, DIES, DIES },
		{ try_write, FAILS, DIES, DIES },  { try_create, FAILS, DIES, DIES }, { try_trace, FAILS, DIES, DIES },
		{ try_poke, FAILS, DIES, DIES },   { try_interrupt, WORKS, WORKS, WORKS },
		{ try_chmod, FAILS, DIES, DIES },  { try_fork, WORKS, DIES, DIES },   { try_kill, WORKS, DIES, DIES },
		{ try_memory, WORKS, WORKS, DIES }, { try_look, WORKS, WORKS, WORKS }, { try_stat, WORKS, WORKS, WORKS },
		{ try_carrier, WORKS, WORKS, WORKS }, { try_limit, FAILS, DIES, DIES },
		{ try_mounts, WORKS, WORKS, WORKS }, { try_user, WORKS, WORKS, DIES }, { try_mount, FAILS, DIES, DIES },
		{ try_terminal, WORKS, WORKS, WORKS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(end_of(SANDBOX_BROKER, rows[i].call), rows[i].broker);
		assert_int_equal(end_of(SANDBOX_GREETER, rows[i].call), rows[i].greeter);
		assert_int_equal(end_of(SANDBOX_WORKER, rows[i].call), rows[i].worker);
	}
}

static void *other_thread(void *unused)
{
	(void)unused;
	for (;;)
		if (syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) >= 0)
			usleep(1000);
	return NULL;
}

static int wait_for_the_other(void)
{
	for (;;)
		pthread_mutex_lock(&(pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER);
	return 0;
}

/* A thread that is there already is limited too. */
static void all_threads_are_limited(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct rlimit none = { 0, 0 };
		pthread_t thread;

		setrlimit(RLIMIT_CORE, &none);
		alarm(20);
		if (pthread_create(&thread, NULL, other_thread, NULL) || sandbox_enter(SANDBOX_WORKER) < 0)
			_exit(3);
		wait_for_the_other();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_list_is_within_the_one_before),
		cmocka_unit_test(all_threads_are_limited),
	};

	if (sandbox_prepare() < 0)
		return 1;
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
