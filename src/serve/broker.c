/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/broker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "base/log.h"
#include "cred/enter.h"
#include "ipc/message.h"
#include "object/lock.h"
#include "object/pending.h"
#include "seccomp/notif.h"
#include "seccomp/sandbox.h"
#include "serve/child.h"
#include "serve/counters.h"
#include "serve/listen.h"
#include "serve/rate.h"
#include "serve/signals.h"
#include "serve/tables.h"
#include "store/cred_store.h"
#include "store/journal.h"
#include "store/owners.h"
#include "store/xattr_files.h"

#define LINKS CRED_STORE_LISTENERS

#define RETRY_MS 1000

/* to a message */
#define NO_ANSWER INT_MIN

/* Messages of a dead worker that are still heard. */
#define LAST_MESSAGES 16

/* One connection: silent; or with a child that greets it and later serves its listener. */
struct link {
	bool used;
	int connection;             /* until a child takes it */
	pid_t child;                /* 0: silent */
	int control;                /* to the child */
	int listener;               /* -1 until the child has handed it over */
	struct container container; /* -1 each until then */
	struct slot *slot;
	struct account *account;    /* of the container, once that is known */
	unsigned int deaths, idle_deaths;
	uint64_t answered;          /* when its child died last */
};

static struct broker {
	int listen, signals, host_proc;
	bool stopping, embedded;
	int idle_ms;       /* see struct broker_options; 0 once the socket is removed */
	const char *path;
	bool short_of; /* descriptors or processes: look again after RETRY_MS, or when something has ended */
	unsigned int silent;
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

/* Of its listener, in the table of credentials. */
static uint16_t number_of(const struct link *l)
{
	return (uint16_t)(l - b.links + 1);
}

static void free_link(struct link *l)
{
	cred_store_leave(number_of(l));
	if (l->account)
		owners_leave(l->account);
	b.silent -= l->connection >= 0;
	cleanup_fd(&l->connection);
	cleanup_fd(&l->control);
	cleanup_fd(&l->listener);
	cleanup_fd(&l->container.userns);
	cleanup_fd(&l->container.mntns);
	cleanup_fd(&l->container.root);
	if (l->slot)
		counters_release(l->slot);
	l->used = false;
	b.short_of = false;
}

/* A listener that is in use waits for better times; of a connection only its runtime knows. */
static void fail_child(struct link *l)
{
	if (rate_may_say())
		log_warnx("cannot start a process for a container%s (see ulimit -u and ulimit -n)",
			  l->listener < 0 ? ": its connection is closed" : " now");
	b.short_of = true;
	if (l->listener < 0)
		free_link(l);
}

static void start_child(struct link *l)
{
	struct child child = { .connection = l->connection, .host_proc = b.host_proc, .quiet = rate_child_is_quiet() };
	int pair[2];

	if (!l->slot)
		l->slot = b.children < LIMIT_LISTENERS ? counters_take() : NULL;
	if (!l->slot || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_child(l);
	child.control = pair[1];
	child.worker = (struct worker){ .listener = l->listener, .number = number_of(l), .container = l->container, .slot = l->slot };
	l->child = fork();
	if (l->child == 0)
		child_run(&child);
	close(pair[1]);
	replace_fd(&l->control, pair[0]);
	if (l->child < 0) {
		l->child = 0;
		return fail_child(l);
	}
	b.children++;
	b.silent -= l->connection >= 0;
	/* the child waits for the word, so that the last close of what a peer sent, which may take its time, is never ours */
	replace_fd(&l->connection, -1);
	if (send(l->control, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("a child did not wait for its start");
}

static void accept_one(void)
{
	int connection = listen_accept(b.listen);
	struct link *l = connection < 0 ? NULL : new_link();

	if (connection == -EMFILE || connection == -ENFILE || connection == -ENOMEM)
		b.short_of = true;
	if (!l) {
		cleanup_fd(&connection);
		return;
	}
	l->connection = connection;
	b.silent++;
}

/* Data or the end of a silent connection. Only the first costs a process. */
static void wake(struct link *l)
{
	int waiting = 0;

	if (b.stopping || ioctl(l->connection, FIONREAD, &waiting) < 0 || waiting == 0)
		free_link(l);
	else
		start_child(l);
}

/* A message of a worker, which may have been taken over by its container: nothing in it is trusted. */
static void on_message(struct link *l)
{
	struct message message;
	int fds[MESSAGE_FDS];
	int n = message_receive(l->control, &message, fds), r = NO_ANSWER;

	if (n < 0) {
		if (n != -EAGAIN)
			replace_fd(&l->control, -1);
		return;
	}
	if (message.kind == MESSAGE_RECORD && n == 0) {
		r = l->account ? owners_set(l->account, &message.record) : -EIO;
	} else if (message.kind == MESSAGE_XATTRS && n == 0) {
		fds[0] = l->account ? xattr_files_find(l->account, &message.record) : -EIO;
		r = fds[0] < 0 ? fds[0] : 0;
	} else if (message.kind == MESSAGE_CREDENTIALS && n == 0) {
		r = cred_store_add(number_of(l), &message.cred);
	} else if (message.kind == MESSAGE_LISTENER && n == 1 && l->listener < 0) {
		if (notif_is_listener(fds[0]))
			l->listener = steal_fd(&fds[0]);
	} else if (message.kind == MESSAGE_CONTAINER && n == 3 && l->container.userns < 0) {
		l->container = (struct container){ steal_fd(&fds[0]), steal_fd(&fds[1]), steal_fd(&fds[2]) };
		l->account = cred_store_join(number_of(l), &l->container);
	}
	if (r != NO_ANSWER && message_answer(l->control, r, fds[0]) < 0)
		log_debug("a worker did not wait for its answer");
	for (int i = 0; i < MESSAGE_FDS; i++)
		cleanup_fd(&fds[i]);
}

/* Its listener has lost its last task. */
static bool has_ended(const struct link *l)
{
	struct pollfd p = { .fd = l->listener };

	return l->listener < 0 || (poll(&p, 1, 0) == 1 && p.revents & POLLHUP);
}

static void on_child_exit(struct link *l, int status)
{
	uint64_t answered = counters_answered(l->slot);

	b.children--;
	lock_forget(l->child);
	pending_forget(l->child);
	l->child = 0;
	for (int n = 0; n < LAST_MESSAGES && l->control >= 0; n++)
		on_message(l);
	replace_fd(&l->control, -1);
	if (b.stopping || has_ended(l) || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return free_link(l);
	l->idle_deaths = answered == l->answered ? l->idle_deaths + 1 : 1;
	l->answered = answered;
	if (l->idle_deaths > LIMIT_IDLE_DEATHS) {
		if (rate_may_say())
			log_warnx("a container's worker dies again and again: its ID calls fail with ENOSYS from now on");
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

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (journal_reap(pid, status))
			continue;
		for (size_t i = 0; i < LINKS; i++)
			if (b.links[i].used && b.links[i].child == pid)
				on_child_exit(&b.links[i], status);
	}
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

/* After some time, or when something has happened: it may work now. */
static void retry(void)
{
	b.short_of = false;
	for (size_t i = 0; i < LINKS && !b.short_of; i++) {
		struct link *l = &b.links[i];

		if (!l->used || l->child || l->listener < 0)
			continue;
		if (has_ended(l) || b.stopping)
			free_link(l);
		else
			start_child(l);
	}
}

/* One round: waits for whatever comes first. */
static void poll_once(void)
{
	static struct pollfd fds[LINKS + 3];
	static struct link *of[LINKS + 3];
	nfds_t n = 3;
	int r;

	fds[0] = (struct pollfd){ .fd = b.signals, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = b.stopping || b.short_of || b.silent >= LIMIT_SILENT ? -1 : b.listen, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = owners_watches(), .events = POLLIN };
	for (size_t i = 0; i < LINKS; i++) {
		struct link *l = &b.links[i];

		if (!l->used)
			continue;
		of[n] = l;
		fds[n++] = (struct pollfd){ .fd = l->child ? l->control : l->connection, .events = POLLIN | POLLRDHUP };
	}
	r = poll(fds, n, b.short_of ? RETRY_MS : n == 3 ? b.idle_ms : owners_retry_ms());
	if (r < 0)
		return;
	if (r == 0 && n == 3 && !b.short_of) {
		/* nobody can connect, and the next time nobody has */
		b.stopping = b.idle_ms == 0;
		b.idle_ms = 0;
		listen_hide(b.path);
	}
	if (fds[2].revents || r == 0)
		owners_catch_up();
	for (nfds_t i = 3; i < n; i++) {
		if (fds[i].revents == 0)
			continue;
		if (of[i]->child)
			on_message(of[i]);
		else if (of[i]->connection >= 0)
			wake(of[i]);
	}
	if (fds[1].revents)
		accept_one();
	if (fds[0].revents)
		handle_signals();
	if (b.short_of)
		retry();
}

static int prepare(void)
{
	b.signals = signals_open();
	if (b.signals < 0)
		return b.signals;
	b.host_proc = enter_open_host_proc();
	return b.host_proc < 0 ? b.host_proc : tables_open();
}

int broker_set_up(void)
{
	int r = prepare();

	if (r < 0)
		log_errno(LOG_LEVEL_ERROR, r, "cannot start%s", log_fork_limit(r));
	return r;
}

int broker_run(const struct broker_options *options)
{
	int r = sandbox_enter(SANDBOX_BROKER);

	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "cannot limit the system calls of this process");
		return r;
	}
	b.listen = options->listen;
	b.path = options->path;
	b.idle_ms = options->idle > 0 ? options->idle * 1000 : -1;
	if (options->connection >= 0) {
		b.embedded = true;
		new_link()->connection = options->connection;
		b.silent++;
	}
	for (;;) {
		bool busy = b.children > 0;

		for (size_t i = 0; b.embedded && !busy && i < LINKS; i++)
			busy = b.links[i].used;
		if (b.embedded && !busy)
			owners_end_with_container();
		if ((b.stopping || b.embedded) && !busy)
			return 0;
		poll_once();
	}
}
