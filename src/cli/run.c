/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command in a container of its own, without a runtime. This process unshares and waits for the command; beside it runs
 * a broker, which gets the listener as from a runtime, over a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/fds.h"
#include "base/log.h"
#include "base/userns.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/listener.h"
#include "cli/mounts.h"
#include "cli/single.h"
#include "decode/payload.h"
#include "seccomp/features.h"
#include "seccomp/notif.h"
#include "serve/broker.h"
#include "serve/job.h"

struct run {
	struct mounts mounts;
	char metadata[PAYLOAD_LABEL_MAX];
	char **command;
	int kept[64]; /* descriptors for it, n_kept of them */
	size_t n_kept;
	pid_t broker, init;
	void (*on_child)(int); /* what SIGCHLD does, for the command to inherit */
};

static const char help[] =
	"usage: subuidless run [--root DIR] [--bind SRC[:DST]]... [--net] [--host-pid] [--keep-fd N]...\n"
	"                      [--user UID[:GID[:GROUP,...]]] [--threads N] [--trace] [--] CMD...\n"
	"\n"
	"Runs a command in user, mount and pid namespaces of its own, with you as root, and answers its calls as for real root.\n"
	"\n"
	"  --root DIR           its root directory\n"
	"  --bind SRC[:DST]     mount SRC and all below it at DST inside; up to 64 times\n"
	"  --net                a network of its own, with nothing but a loopback device\n"
	"  --host-pid           no pid namespace, and the host's /proc\n"
	"  --keep-fd N          with --root, lets it have descriptor N; up to 64 times. Else it has 0, 1 and 2 alone\n"
	"  --user UID[:GID[:GROUP,...]]\n"
	"                       its IDs, instead of those of root\n"
	"  --threads N          threads that serve it, 1 to 64; default: a thread for each processor, at least 8\n"
	"  --trace              print each call with its answer and the reason for it\n"
	"  -h, --help\n"
	"\n"
	"It ends as the command does; with 125 when it fails itself, 126 when the command cannot be executed, 127 when there is none.\n";

static int usage(void)
{
	cli_usage("run");
	return EXIT_OWN_FAILURE;
}

static int keep(struct run *run, const char *text)
{
	char *end;
	unsigned long fd = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || fd > INT_MAX || fcntl((int)fd, F_GETFD) < 0 || run->n_kept == ARRAY_SIZE(run->kept)) {
		fprintf(stderr, "subuidless: --keep-fd takes the number of an open descriptor, 64 times at most\n");
		return -EINVAL;
	}
	run->kept[run->n_kept++] = (int)fd;
	return 0;
}

/* The command is filled in, or the exit status is returned. */
static int parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "bind", required_argument, NULL, 'b' },
		{ "user", required_argument, NULL, 'u' },
		{ "net", no_argument, NULL, 'e' },
		{ "host-pid", no_argument, NULL, 'p' },
		{ "keep-fd", required_argument, NULL, 'k' },
		{ "threads", required_argument, NULL, 'n' },
		{ "trace", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	log_level = LOG_LEVEL_WARNING;
	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'r') {
			run->mounts.root = optarg;
		} else if (c == 'p') {
			run->mounts.host_pid = true;
		} else if (c == 'e') {
			run->mounts.own_net = true;
		} else if (c == 'k') {
			if (keep(run, optarg) < 0)
				return usage();
		} else if (c == 'u') {
			if (cli_user(optarg, run->metadata) < 0)
				return usage();
		} else if (c == 't') {
			job_trace = true;
		} else if (c == 'n') {
			if (cli_threads(optarg) < 0)
				return usage();
		} else if (c == 'h') {
			return cli_print(help);
		} else if (c != 'b') {
			return usage();
		} else if (mounts_add(&run->mounts, optarg) < 0) {
			fprintf(stderr, "subuidless: too many --bind options\n");
			return usage();
		}
	}
	if (!argv[optind]) {
		fprintf(stderr, "subuidless: run needs a command\n");
		return usage();
	}
	run->command = argv + optind;
	return EXIT_SUCCESS;
}

static int failed(int r, const char *what)
{
	log_errno(LOG_LEVEL_ERROR, r, "%s", what);
	return r;
}

static pid_t start_process(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		pid = -errno;
		log_errno(LOG_LEVEL_ERROR, pid, "cannot start a process%s", log_fork_limit(pid));
	}
	return pid;
}

/*
 * The broker, which must stay outside of the namespaces: in a child, with one end of a socket pair, into which it writes a byte when it
 * is ready. The other end, or -errno with a logged line.
 */
static int start_broker(struct run *run)
{
	struct broker_options options = { .listen = -1, .connection = -1 };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return failed(-errno, "cannot make a socket");
	run->broker = start_process();
	if (run->broker < 0)
		return run->broker;
	if (run->broker > 0) {
		close(pair[0]);
		return pair[1];
	}
	close(pair[1]);
	/* as serve/child.c */
	if (setpgid(0, 0) < 0)
		_exit(EXIT_FAILURE);
	options.connection = pair[0];
	if (broker_set_up() < 0 || send(pair[0], "", 1, MSG_NOSIGNAL) != 1)
		_exit(EXIT_FAILURE);
	_exit(broker_run(&options) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void execute(const struct run *run, int connection, const sigset_t *signals)
{
	char byte;

	/* without a broker, which has said why unless it was killed, the command's calls would only fail */
	if (read(connection, &byte, 1) != 1) {
		log_line(LOG_LEVEL_ERROR, "the command was not started: the process that is to answer its calls has ended");
		_exit(EXIT_OWN_FAILURE);
	}
	if (listener_hand_over(connection, run->metadata) < 0)
		_exit(EXIT_OWN_FAILURE);
	close(connection);
	/* what was open here is of outside of its root */
	if (run->mounts.root && fds_keep_only(run->kept, run->n_kept) < 0)
		_exit(EXIT_OWN_FAILURE);
	signal(SIGCHLD, run->on_child);
	sigprocmask(SIG_SETMASK, signals, NULL);
	_exit(command_execute(run->command, run->mounts.root));
}

/* Process 1 of the new pid namespace: reaps orphans for ever. The namespace ends with it, and it with its parent. */
static void be_init(void)
{
	close_range(0, ~0U, 0);
	signal(SIGCHLD, SIG_IGN);
	for (;;)
		pause();
}

/* Sets up the mounts in a child, which stays as process 1 where there is a new pid namespace. Its pid, or -errno with a logged line. */
static pid_t start_init(const struct run *run)
{
	int ready[2], status;
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return failed(-errno, "cannot make a pipe");
	pid = start_process();
	if (pid < 0)
		return pid;
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || mounts_set_up(&run->mounts) < 0 || write(ready[1], "", 1) != 1)
			_exit(EXIT_FAILURE);
		if (run->mounts.host_pid)
			_exit(EXIT_SUCCESS);
		be_init();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		/* it has said why unless it was killed */
		if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
			log_line(LOG_LEVEL_ERROR, "the process that sets up the mounts was ended by signal %d", WTERMSIG(status));
		pid = -ECHILD;
	}
	close(ready[0]);
	return pid;
}

/* Ends as the command did. */
static int end_as(int status)
{
	struct rlimit no_core = { 0, 0 };
	sigset_t signals;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

/* Stands in for the command: passes on what it is sent, stops and goes on with it, until it has ended. Its status. */
static int wait_for(pid_t command, const sigset_t *all)
{
	siginfo_t info;
	int status;

	for (;;) {
		int signal = sigwaitinfo(all, &info);

		if (signal == SIGCHLD) {
			while (waitpid(command, &status, WNOHANG | WUNTRACED) == command) {
				if (!WIFSTOPPED(status))
					return status;
				raise(SIGSTOP);
				kill(command, SIGCONT);
			}
		} else if (signal > 0 && (info.si_code != SI_KERNEL || (signal == SIGHUP && getsid(0) == getpid()))) {
			/* what the terminal sends, it sends to the whole foreground group, but a hangup to the session's leader */
			kill(command, signal);
		}
	}
}

/* Ends what is left of the pid namespace, and waits for its end; a shared one may have tasks that go on. */
static void finish(const struct run *run)
{
	if (run->mounts.host_pid)
		return;
	kill(run->init, SIGKILL);
	waitpid(run->init, NULL, 0);
	waitpid(run->broker, NULL, 0);
}

static int start(struct run *run)
{
	sigset_t all, before;
	int connection, r;
	pid_t command;

	if (notif_check_kernel() < 0 || notif_bind_numbers() < 0)
		return EXIT_OWN_FAILURE;
	features_try();
	run->on_child = signal(SIGCHLD, SIG_DFL);
	connection = start_broker(run);
	if (connection < 0)
		return EXIT_OWN_FAILURE;
	r = single_unshare(CLONE_NEWNS | (run->mounts.host_pid ? 0 : CLONE_NEWPID) | (run->mounts.root ? CLONE_NEWIPC | CLONE_NEWUTS : 0) |
			   (run->mounts.own_net ? CLONE_NEWNET : 0));
	if (r < 0) {
		failed(r, "cannot make a user namespace");
		userns_explain(LOG_LEVEL_ERROR, r);
		return EXIT_OWN_FAILURE;
	}
	if (run->mounts.own_net && (r = single_start_loopback()) < 0) {
		failed(r, "cannot start the loopback device of the new network");
		return EXIT_OWN_FAILURE;
	}
	/* we and the init are in the command's user namespace: it shall not reach the host through us */
	if (prctl(PR_SET_DUMPABLE, 0) < 0) {
		failed(-errno, "cannot hide from the command");
		return EXIT_OWN_FAILURE;
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	run->init = start_init(run);
	if (run->init < 0)
		return EXIT_OWN_FAILURE;
	/* pivot_root(2) has moved our root, not our working directory, which was somewhere below the old one */
	if (run->mounts.root && chdir("/") < 0) {
		failed(-errno, "cannot change to the new root directory");
		return EXIT_OWN_FAILURE;
	}
	command = start_process();
	if (command == 0)
		execute(run, connection, &before);
	close(connection);
	if (command > 0)
		r = wait_for(command, &all);
	finish(run);
	return command > 0 ? end_as(r) : EXIT_OWN_FAILURE;
}

int cli_run(int argc, char **argv)
{
	static struct run run;
	int r = parse(&run, argc, argv);

	return run.command ? start(&run) : r;
}
