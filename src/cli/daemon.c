/* SPDX-License-Identifier: Apache-2.0 */
/* Serves the containers of runtimes. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/log.h"
#include "base/userns.h"
#include "cli/cli.h"
#include "seccomp/features.h"
#include "seccomp/notif.h"
#include "serve/broker.h"
#include "serve/job.h"
#include "serve/listen.h"

#define IDLE_MAX 1000000

static const char help[] =
	"usage: subuidless [daemon] [--idle SECONDS] [--log-level LEVEL] [--threads N] [--trace] [SOCKET]\n"
	"\n"
	"Listens for the runtimes of containers, and answers the calls that their filter sends.\n"
	"\n"
	"  SOCKET               where to listen, a path with a '/'; default: $XDG_RUNTIME_DIR/subuidless.sock,\n"
	"                       or one in /run/user/UID or /tmp/subuidless-UID\n"
	"  --idle SECONDS       end when nothing has been served for so long\n"
	"  --log-level LEVEL    error, warning, info (default) or debug\n"
	"  --threads N          threads that serve one container, 1 to 64; default: a thread\n"
	"                       for each processor, at least 8\n"
	"  --trace              print each call with its answer and the reason for it\n"
	"  --list-syscalls      print the emulated calls\n"
	"  --list-reasons       print the reasons that counters and traces name\n"
	"  --version            print the version\n"
	"  -h, --help\n"
	"\n"
	"SIGUSR1 logs counters. Exit status: 0 after SIGTERM, SIGINT or SIGHUP, 1 on failure, 2 on wrong usage.\n";

enum option_key { IDLE = 256, LOG_LEVEL, THREADS, TRACE, LIST_SYSCALLS, LIST_REASONS, VERSION_OPTION };

static const struct option options[] = {
	{ "idle", required_argument, NULL, IDLE },
	{ "log-level", required_argument, NULL, LOG_LEVEL },
	{ "threads", required_argument, NULL, THREADS },
	{ "trace", no_argument, NULL, TRACE },
	{ "list-syscalls", no_argument, NULL, LIST_SYSCALLS },
	{ "list-reasons", no_argument, NULL, LIST_REASONS },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, VERSION_OPTION },
	{ NULL, 0, NULL, 0 },
};

/* The value of --idle; -1: none. */
static int idle_seconds = -1;

static int set_idle(const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (*text < '1' || *text > '9' || *end || seconds > IDLE_MAX) {
		fprintf(stderr, "subuidless: --idle takes a number of seconds from 1 to %d\n", IDLE_MAX);
		return -EINVAL;
	}
	idle_seconds = (int)seconds;
	return 0;
}

static int serve(const char *path)
{
	struct broker_options broker = { .listen = -1, .connection = -1, .idle = idle_seconds, .path = path };
	int r;

	if (notif_check_kernel() < 0)
		return EXIT_FAILURE;
	features_try();
	features_report();
	userns_report();
	broker.listen = notif_bind_numbers() < 0 || broker_set_up() < 0 ? -1 : listen_open(path);
	if (broker.listen < 0)
		return EXIT_FAILURE;
	log_line(LOG_LEVEL_ERROR, "listening on %s", path);
	r = broker_run(&broker);
	listen_close(broker.listen, path);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int serve_default(void)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	return listen_default_path(path) < 0 ? EXIT_FAILURE : serve(path);
}

int cli_daemon(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case LOG_LEVEL:
			if (log_level_set(optarg) == 0)
				break;
			fprintf(stderr, "subuidless: no log level is called '%s'\n", optarg);
			return cli_usage("daemon");
		case IDLE:
			if (set_idle(optarg) == 0)
				break;
			return cli_usage("daemon");
		case THREADS:
			if (cli_threads(optarg) == 0)
				break;
			return cli_usage("daemon");
		case TRACE:
			job_trace = true;
			break;
		case LIST_SYSCALLS:
			return cli_list_syscalls();
		case LIST_REASONS:
			return cli_list_reasons();
		case 'h':
			return cli_print(help);
		case VERSION_OPTION:
			return puts("subuidless " VERSION) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
		default:
			return cli_usage("daemon");
		}
	}
	for (int i = optind; i < argc; i++)
		if (!strchr(argv[i], '/'))
			return cli_refuse(argv[i]);
	if (argc - optind > 1) {
		fprintf(stderr, "subuidless: the daemon has one socket, not '%s' too\n", argv[optind + 1]);
		return cli_usage("daemon");
	}
	return argc > optind ? serve(argv[optind]) : serve_default();
}
