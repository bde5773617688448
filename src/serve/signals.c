/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "base/log.h"

/* Only stderr is used; whoever started us shall not wait for the end of the others. */
static int close_standard(void)
{
	auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ? -errno : 0;
}

int signals_open(void)
{
	struct sigaction hangup;
	struct rlimit files;
	sigset_t signals;
	int r = close_standard();

	if (r < 0)
		return r;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &files) < 0)
			log_debug("cannot raise RLIMIT_NOFILE");
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGUSR1);
	/* of a terminal that was closed; nohup(1) has it ignored, but one that is blocked would arrive all the same */
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	signal(SIGCHLD, SIG_DFL); /* or nobody could be waited for */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGTTOU, SIG_IGN); /* of a terminal in whose background we log */
	r = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return r < 0 ? -errno : r;
}
