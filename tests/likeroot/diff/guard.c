/* SPDX-License-Identifier: Apache-2.0 */
#include "family.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"
#include "ids.h"

/* A tracer that does nothing but look at the exec. */
static void traced(const char *path)
{
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(9);
		exec_report(path);
	}
	for (;;) {
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status))
			break;
		say("%s, stopped by %d", family_name, WSTOPSIG(status));
		say_end();
		if (ptrace(PTRACE_CONT, pid, NULL, WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status)) < 0)
			die("PTRACE_CONT");
	}
	say("%s, child:", family_name);
	say_status(status);
	say_end();
}

void traced_self(void) { traced(SELF); }
void traced_su(void) { traced(SU42); }
void traced_sug(void) { traced("/work/ids/sug"); }
void traced_su0(void) { traced("/work/ids/su0"); }

/* Traced by ptrace(2) once, and no longer. */
void traced_before(void)
{
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(9);
		raise(SIGSTOP);
		exec_su();
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) || ptrace(PTRACE_DETACH, pid, NULL, 0) < 0)
		die("ptrace");
	must_wait(pid);
}

void without_new_privileges(void)
{
	raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	must_wait(share(exec_su));
	must_wait(share(exec_self));
}
