/* SPDX-License-Identifier: Apache-2.0 */
#include "cred/repeat.h"
#include "serve/child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/fds.h"
#include "base/log.h"
#include "cred/credentials.h"
#include "ipc/broker_call.h"
#include "object/owner_store.h"
#include "object/setgroups.h"
#include "seccomp/sandbox.h"
#include "serve/counters.h"
#include "serve/greeter.h"
#include "serve/worker.h"
#include "store/cred_store.h"
#include "store/owners.h"

static void detach(struct child *child)
{
	struct worker *w = &child->worker;
	int keep[] = { child->connection, child->control, child->host_proc, setgroups_file(), owners_watches(), w->listener,
		       w->container.userns, w->container.mntns, w->container.root };
	sigset_t none;

	/* other containers' listeners must not be accessible to it */
	if (fds_keep_only(keep, ARRAY_SIZE(keep)) < 0)
		abort();
	counters_keep_only(w->slot);
	sigemptyset(&none);
	/*
	 * A process group of its own: the terminal's signals are for the daemon, which decides. No session: where the scheduler groups
	 * tasks by it, the switches between this one and the caller would cost 0.6 us more a call.
	 */
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0 || setpgid(0, 0) < 0)
		abort();
	prctl(PR_SET_NAME, "subuidless-work");
	if (sandbox_enter(SANDBOX_GREETER) < 0)
		abort();
}

void child_run(struct child *child)
{
	struct worker *w = &child->worker;
	char word;

	detach(child);
	/* the broker's word that it has let go of the connection, or its end */
	if (recv(child->control, &word, sizeof(word), 0) != sizeof(word))
		exit(EXIT_FAILURE);
	if (child->quiet && log_level < LOG_LEVEL_DEBUG)
		log_level = LOG_LEVEL_ERROR;
	broker_call_init(child->control);
	owner_store_init(owners_table(), owners_watches());
	credentials_init(cred_store_table(), w->number);
	repeat_init(&w->slot->repeats);
	w->host_proc = child->host_proc;
	if (w->listener < 0) {
		int r = greeter_receive(child->connection, &w->slot->user, &w->slot->attached);

		if (r < 0) {
			if (r == -ENODATA)
				log_debug("a connection ended without a payload");
			else if (r != -EINVAL) /* then it was said why */
				log_warn(r, "a connection is dropped: its payload brings no seccomp listener");
			exit(EXIT_SUCCESS);
		}
		w->listener = r;
		close(child->connection);
		r = broker_call_give(MESSAGE_LISTENER, &w->listener, 1);
		if (r < 0) {
			log_warn(r, "cannot hand over a listener");
			exit(EXIT_FAILURE);
		}
	}
	worker_run(w);
}
