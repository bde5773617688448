/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "base/log.h"
#include "kernel/enter.h"
#include "kernel/lock.h"
#include "kernel/message.h"
#include "serve/child.h"
#include "serve/counters.h"
#include "serve/listen.h"
#include "serve/store.h"

#define LINKS (LIMIT_LISTENERS + LIMIT_SILENT)

/* One connection: silent; or with a child that greets it and later serves its listener. */
struct link {
	bool used;
	int connection;             /* until a child takes it */
	pid_t child;                /* 0: silent */
	int control;                /* to the child */
	int listener;               /* -1 until the child has handed it over */
	struct container container; /* -1 each until then */
	struct slot *slot;
	uint32_t records;           /* that this listener added */
	unsigned int deaths, idle_deaths;
	uint64_t answered;          /* when its child died last */
};

static struct broker {
	int listen, signals, kept_proc;
	bool stopping, embedded;
	bool out_of_fds; /* until something ends, no connection can be accepted */
	struct link links[LINKS];
	unsigned int children;
} b;

static struct link *new_link(void)
{
	for (size_t i = 0; i < LINKS; i++) {
		struct link *l = &b.links[i];

		if (l->used)
			continue;
		*l = (struct link){ .used = true, .connection = -1, .control = -1, .listener = -1,
				    .container = { -1, -1, -1 } };
		return l;
	}
	return NULL;
}

static void free_link(struct link *l)
{
	cleanup_fd(&l->connection);
	cleanup_fd(&l->control);
	cleanup_fd(&l->listener);
	cleanup_fd(&l->container.userns);
	cleanup_fd(&l->container.mntns);
	cleanup_fd(&l->container.root);
	if (l->slot)
		counters_release(l->slot);
	l->used = false;
	b.out_of_fds = false;
}

static void start_child(struct link *l)
{
	struct child child = { .connection = l->connection, .kept_proc = b.kept_proc };
	int pair[2];

	if (!l->slot)
		l->slot = b.children < LIMIT_LISTENERS ? counters_take() : NULL;
	if (!l->slot || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		log_warnx("too many containers: a connection is refused");
		return free_link(l);
	}
	child.control = pair[1];
	child.worker = (struct worker){ .listener = l->listener, .container = l->container, .slot = l->slot };
	l->child = fork();
	if (l->child == 0)
		child_run(&child);
	close(pair[1]);
	replace_fd(&l->control, pair[0]);
	if (l->child < 0) {
		log_warn(-errno, "cannot start a process");
		return free_link(l);
	}
	replace_fd(&l->connection, -1);
	b.children++;
}

static void accept_one(void)
{
	int connection = listen_accept(b.listen);
	struct link *l;

	if (connection < 0) {
		b.out_of_fds = connection == -EMFILE || connection == -ENFILE || connection == -ENOMEM;
		return;
	}
	l = new_link();
	if (!l) {
		close(connection);
		log_debug("too many connections: one is refused");
		return;
	}
	l->connection = connection;
}

/* Data or the end of a silent connection. Only the first costs a process. */
static void wake(struct link *l)
{
	int waiting = 0;

	if (ioctl(l->connection, FIONREAD, &waiting) < 0 || waiting == 0)
		free_link(l);
	else
		start_child(l);
}

static void set_record(struct link *l, const struct record *record)
{
	int32_t r = -ENOSPC;

	if (owner_is_none(record->owner) || l->records < LIMIT_RECORDS_PER_LISTENER)
		r = store_set(record);
	if (r > 0)
		l->records++;
	r = r > 0 || r == -1 ? 0 : r;
	if (send(l->control, &r, sizeof(r), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("a worker did not wait for its answer");
}

/* A message of a worker, which may have been taken over by its container: nothing in it is trusted. */
static void hear(struct link *l)
{
	struct message message;
	int fds[MESSAGE_FDS];
	int n = message_receive(l->control, &message, fds);

	if (n < 0) {
		if (n != -EAGAIN)
			replace_fd(&l->control, -1);
		return;
	}
	if (message.kind == MESSAGE_RECORD && n == 0) {
		set_record(l, &message.record);
	} else if (message.kind == MESSAGE_LISTENER && n == 1 && l->listener < 0) {
		l->listener = steal_fd(&fds[0]);
	} else if (message.kind == MESSAGE_CONTAINER && n == 3 && l->container.userns < 0) {
		l->container = (struct container){ steal_fd(&fds[0]), steal_fd(&fds[1]), steal_fd(&fds[2]) };
	}
	for (int i = 0; i < MESSAGE_FDS; i++)
		cleanup_fd(&fds[i]);
}

/* Its listener has lost its last task. */
static bool has_ended(const struct link *l)
{
	struct pollfd p = { .fd = l->listener };

	return l->listener < 0 || (poll(&p, 1, 0) == 1 && p.revents & POLLHUP);
}

static void bury(struct link *l, int status)
{
	uint64_t answered = counters_answered(l->slot);

	b.children--;
	l->child = 0;
	while (l->control >= 0 && poll(&(struct pollfd){ .fd = l->control, .events = POLLIN }, 1, 0) == 1)
		hear(l);
	if (b.stopping || has_ended(l) || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return free_link(l);
	l->idle_deaths = answered == l->answered ? l->idle_deaths + 1 : 1;
	l->answered = answered;
	if (l->idle_deaths > LIMIT_IDLE_DEATHS) {
		log_warnx("a container's worker cannot be kept alive: its ID calls fail with ENOSYS from now on");
		return free_link(l);
	}
	/* once: a container that shares our pid namespace can do this at will */
	if (WIFSIGNALED(status) && l->deaths++ == 0)
		log_info("a worker was ended by signal %d; another one goes on", WTERMSIG(status));
	start_child(l);
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < LINKS; i++)
			if (b.links[i].used && b.links[i].child == pid)
				bury(&b.links[i], status);
}

static void stop(void)
{
	unsigned int n = 0;

	b.stopping = true;
	for (size_t i = 0; i < LINKS; i++) {
		if (b.links[i].used && b.links[i].child > 0) {
			n += b.links[i].listener >= 0;
			kill(b.links[i].child, SIGKILL);
		}
	}
	if (n > 0)
		log_warnx("stopping while %u listeners are in use: in these containers each call of --list-syscalls "
			  "fails with ENOSYS until they are started anew", n);
}

static void handle_signals(void)
{
	struct signalfd_siginfo info;

	while (read(b.signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap();
		else if (info.ssi_signo == SIGUSR1)
			counters_log();
		else
			stop();
	}
}

/* One round: waits for whatever comes first. */
static void turn(void)
{
	static struct pollfd fds[LINKS + 2];
	static struct link *of[LINKS + 2];
	nfds_t n = 2;

	fds[0] = (struct pollfd){ .fd = b.signals, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = b.out_of_fds ? -1 : b.listen, .events = POLLIN };
	for (size_t i = 0; i < LINKS; i++) {
		struct link *l = &b.links[i];

		if (!l->used)
			continue;
		of[n] = l;
		fds[n++] = (struct pollfd){ .fd = l->child ? l->control : l->connection, .events = POLLIN | POLLRDHUP };
	}
	if (poll(fds, n, -1) < 0)
		return;
	for (nfds_t i = 2; i < n; i++) {
		if (fds[i].revents == 0)
			continue;
		if (of[i]->child)
			hear(of[i]);
		else
			wake(of[i]);
	}
	if (fds[1].revents)
		accept_one();
	if (fds[0].revents)
		handle_signals();
}

/* Only stderr is used; whoever started us shall not wait for the end of the others. */
static int close_standard(void)
{
	auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ? -errno : 0;
}

static int set_up(void)
{
	struct sigaction hangup;
	struct rlimit files;
	sigset_t signals;
	int r;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &files) < 0)
			log_debug("cannot raise RLIMIT_NOFILE");
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	/* of a terminal that was closed; nohup(1) has it ignored, but one that is blocked would arrive all the same */
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	b.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (b.signals < 0)
		return -errno;
	b.kept_proc = enter_keep_proc();
	if (b.kept_proc < 0)
		return b.kept_proc;
	r = close_standard();
	if (r == 0)
		r = counters_open();
	if (r == 0)
		r = lock_open();
	return r < 0 ? r : store_open();
}

int broker_run(const struct broker_options *options)
{
	int r = set_up();

	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "cannot start");
		return r;
	}
	b.listen = options->listen;
	if (options->connection >= 0) {
		b.embedded = true;
		new_link()->connection = options->connection;
	}
	for (;;) {
		bool busy = b.children > 0;

		for (size_t i = 0; b.embedded && !busy && i < LINKS; i++)
			busy = b.links[i].used;
		if ((b.stopping || b.embedded) && !busy)
			return 0;
		turn();
	}
}
