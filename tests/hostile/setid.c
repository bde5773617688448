/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setid swap | mode | signals: executes set-user-ID programs that change, or are stopped or killed, amid the call. What
 * runs says which file it is, and must have the ids that belong to that file.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define A "/tmp/setid.a"
#define B "/tmp/setid.b"
#define TARGET "/tmp/setid.target"
#define OWNER_A 42
#define OWNER_B 43
#define CALLER 77
#define FD_REPORT 9

static const volatile char which[] = "this file is '?'";
#define LETTER 14

struct report {
	char letter;
	bool secure;
	uid_t r, e, s, told;
};

static int say_report(void)
{
	struct report report = { .letter = which[LETTER], .secure = getauxval(AT_SECURE), .told = (uid_t)getauxval(AT_EUID) };

	check(getresuid(&report.r, &report.e, &report.s) == 0, "getresuid");
	return write(FD_REPORT, &report, sizeof(report)) != sizeof(report);
}

/* A copy of this program that knows its letter. */
static void make(const char *path, char letter, uid_t owner)
{
	static char content[4 << 20];
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), out;
	ssize_t n = read(in, content, sizeof(content));
	char *at;

	check(n > 0 && n < (ssize_t)sizeof(content), "/proc/self/exe");
	close(in);
	at = memmem(content, (size_t)n, (const char *)which, sizeof(which));
	check(at != NULL, "no letter");
	at[LETTER] = letter;
	out = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);
	check(out >= 0 && write(out, content, (size_t)n) == n && fchown(out, owner, 0) == 0 && fchmod(out, 04755) == 0, path);
	close(out);
}

static void put(const char *path)
{
	unlink("/tmp/setid.new");
	check(link(path, "/tmp/setid.new") == 0 && rename("/tmp/setid.new", TARGET) == 0, "rename");
}

static void swap_step(void *none)
{
	(void)none;
	put(A);
	linger(300);
	put(B);
	linger(300);
}

static void mode_step(void *none)
{
	(void)none;
	chmod(TARGET, 0755);
	linger(300);
	chmod(TARGET, 04755);
	linger(300);
}

/* As one who is not root, and so gains by it. */
static pid_t start(const char *path, int *report)
{
	int ends[2];
	pid_t pid;

	check(pipe2(ends, O_CLOEXEC) == 0, "pipe");
	pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0) {
		check(setresuid(CALLER, CALLER, CALLER) == 0 && dup2(ends[1], FD_REPORT) == FD_REPORT, "caller");
		execl(path, path, "report", NULL);
		_exit(100 + errno);
	}
	close(ends[1]);
	*report = ends[0];
	return pid;
}

/* False when there is none. */
static bool get_report(int fd, struct report *report)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, 60000) != 1) {
		wrong("a program hangs");
		return false;
	}
	return read(fd, report, sizeof(*report)) == sizeof(*report);
}

static void ran_as(const struct report *p, uid_t id)
{
	/* without AT_SECURE nobody asks what AT_EUID is, which is the container's own then */
	if (p->r != CALLER || p->e != id || p->s != id || p->secure != (id != CALLER) || (p->secure && p->told != id))
		wrong("'%c' runs with %u,%u,%u, told %u, secure %d", p->letter, p->r, p->e, p->s, p->told, p->secure);
}

static void swap(const char *path, const char *name)
{
	struct race r = race_start(name, 400, 40, "the first", "the second");
	struct helper h;
	struct report p;
	int fd, status;
	pid_t pid;

	put(A);
	helper_start(&h, swap_step, NULL);
	while (race_goes_on(&r)) {
		pid = start(path, &fd);
		if (!get_report(fd, &p))
			wrong("no report");
		else if (p.letter == 'A')
			r.seen_before++, ran_as(&p, OWNER_A);
		else
			r.seen_after++, ran_as(&p, OWNER_B);
		close(fd);
		if (waitpid(pid, &status, 0) != pid || status != 0)
			wrong("status %x", status);
	}
	helper_stop(&h);
	race_finish(&r);
}

static void mode(void)
{
	struct race r = race_start("the set-user-ID bit comes and goes", 400, 40, "with it", "without it");
	struct helper h;
	struct report p;
	int fd, status;
	pid_t pid;

	put(A);
	helper_start(&h, mode_step, NULL);
	while (race_goes_on(&r)) {
		pid = start(TARGET, &fd);
		if (!get_report(fd, &p))
			wrong("no report");
		else if (p.e == OWNER_A)
			r.seen_before++, ran_as(&p, OWNER_A);
		else
			r.seen_after++, ran_as(&p, CALLER);
		close(fd);
		if (waitpid(pid, &status, 0) != pid || status != 0)
			wrong("status %x", status);
	}
	helper_stop(&h);
	race_finish(&r);
}

static void stays_stopped(pid_t pid)
{
	char path[32], text[256] = "", *at;
	int fd;

	usleep(2000);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, path);
	close(fd);
	at = strrchr(text, ')');
	if (!at || at[2] != 'T')
		wrong("a stopped process is in state %c", at ? at[2] : '?');
}

/* A signal meets the exec, after some time below limit microseconds. True if the program ran. */
static bool meet(int sent, unsigned int limit)
{
	struct report p;
	int fd, status;
	pid_t pid = start(A, &fd);
	bool ran;

	linger(limit);
	kill(pid, sent);
	if (sent == SIGSTOP) {
		if (waitpid(pid, &status, WUNTRACED) != pid)
			die("waitpid");
		if (WIFSTOPPED(status)) {
			stays_stopped(pid);
			kill(pid, SIGCONT);
			status = -1;
		}
	} else {
		status = -1;
	}
	ran = get_report(fd, &p);
	if (ran)
		ran_as(&p, OWNER_A);
	close(fd);
	if (status == -1 && waitpid(pid, &status, 0) != pid)
		die("waitpid");
	/* it may have written before the signal came */
	if (WIFSIGNALED(status) ? WTERMSIG(status) != sent || sent == SIGSTOP || sent == SIGCHLD : !ran || status != 0)
		wrong("signal %d: status %x", sent, status);
	return ran;
}

static void signals(void)
{
	static const struct { int number; const char *name; bool kills; } list[] = {
		{ SIGKILL, "SIGKILL meets exec", true }, { SIGTERM, "SIGTERM meets exec", true }, { SIGTRAP, "SIGTRAP meets exec", true },
		{ SIGSTOP, "SIGSTOP meets exec", false }, { SIGCHLD, "SIGCHLD meets exec", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct race r = race_start(list[i].name, 200, list[i].kills ? 10 : 0, "ran", "did not");
		unsigned int limit = 3000;

		while (race_goes_on(&r)) {
			/* how long an exec takes depends on what else is done on this machine */
			if (meet(list[i].number, limit)) {
				r.seen_before++;
				limit = limit > 500 ? limit - limit / 8 : limit;
			} else {
				r.seen_after++;
				limit = limit < 300000 ? limit + limit / 8 : limit;
			}
		}
		race_finish(&r);
	}
}

int main(int argc, char **argv)
{
	check(argc > 1, "setid HOW");
	if (strcmp(argv[argc - 1], "report") == 0)
		return say_report();
	make(A, 'A', OWNER_A);
	make(B, 'B', OWNER_B);
	if (strcmp(argv[1], "swap") == 0)
		swap(TARGET, "one file for another");
	else if (strcmp(argv[1], "mode") == 0)
		mode();
	else
		signals();
	return verdict();
}
