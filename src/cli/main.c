/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/util.h"
#include "cli/cli.h"
#include "kernel/filter.h"
#include "kernel/notif.h"
#include "serve/broker.h"
#include "serve/job.h"
#include "serve/listen.h"
#include "serve/pool.h"

static const char help[] =
	"usage: subuidless [--log-level LEVEL] [--threads N] [--trace] [SOCKET]\n"
	"       subuidless profile --listener SOCKET [--runtime crun|runc] [--user UID[:GID[:GROUP,...]]]\n"
	"       subuidless run [--threads N] [--trace] [--root DIR] [--bind SRC[:DST]]... [--host-pid]\n"
	"                  [--user UID[:GID[:GROUP,...]]] [--] CMD...\n"
	"       subuidless strip [--dry-run] [--all-file-systems] DIR...\n"
	"\n"
	"Answers the ID-related system calls of containers that have one mapped user ID as\n"
	"the kernel would for real root, and keeps file owners in the xattr user.rootlesscontainers.\n"
	"\n"
	"  SOCKET               where runtimes connect; default: $XDG_RUNTIME_DIR/subuidless.sock,\n"
	"                       or one in /run/user/UID or /tmp/subuidless-UID\n"
	"  --log-level LEVEL    error, warning, info (default) or debug\n"
	"  --threads N          threads that serve one container, 1 to 8 (default)\n"
	"  --trace              print each call with its answer and the reason for it\n"
	"  --list-syscalls      print the emulated calls\n"
	"  --list-reasons       print the reasons that counters and traces name\n"
	"  --help, --version\n"
	"\n"
	"SIGUSR1 logs counters. Exit status: 0 after SIGTERM, SIGINT or SIGHUP, 1 on failure, 2 on wrong usage.\n"
	"See subuidless(1).\n";

int cli_usage(void)
{
	fprintf(stderr, "Try 'subuidless --help'.\n");
	return EXIT_USAGE;
}

int cli_threads(const char *number)
{
	int r = pool_set_threads(number);

	if (r < 0)
		fprintf(stderr, "subuidless: --threads takes a number from 1 to %d\n", LIMIT_THREADS);
	return r;
}

enum option_key { LOG_LEVEL = 256, THREADS, TRACE, LIST_SYSCALLS, LIST_REASONS, HELP, VERSION_OPTION };

static const struct option options[] = {
	{ "log-level", required_argument, NULL, LOG_LEVEL },
	{ "threads", required_argument, NULL, THREADS },
	{ "trace", no_argument, NULL, TRACE },
	{ "list-syscalls", no_argument, NULL, LIST_SYSCALLS },
	{ "list-reasons", no_argument, NULL, LIST_REASONS },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, VERSION_OPTION },
	{ NULL, 0, NULL, 0 },
};

static int serve(const char *path)
{
	struct broker_options broker = { .listen = -1, .connection = -1 };
	int r;

	if (notif_check_kernel() < 0)
		return EXIT_FAILURE;
	filter_report_kernel();
	broker.listen = notif_bind_numbers() < 0 || broker_set_up() < 0 ? -1 : listen_open(path);
	if (broker.listen < 0)
		return EXIT_FAILURE;
	log_line(LOG_LEVEL_ERROR, "listening on %s", path);
	r = broker_run(&broker);
	listen_close(broker.listen, path);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_daemon(int argc, char **argv)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case LOG_LEVEL:
			if (log_level_set(optarg) == 0)
				break;
			fprintf(stderr, "subuidless: no log level is called '%s'\n", optarg);
			return cli_usage();
		case THREADS:
			if (cli_threads(optarg) == 0)
				break;
			return cli_usage();
		case TRACE:
			job_trace = true;
			break;
		case LIST_SYSCALLS:
			return cli_list_syscalls();
		case LIST_REASONS:
			return cli_list_reasons();
		case HELP:
			return fputs(help, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
		case VERSION_OPTION:
			return puts("subuidless " VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
		default:
			return cli_usage();
		}
	}
	if (argc - optind > 1)
		return cli_usage();
	if (argc - optind == 1)
		return serve(argv[optind]);
	return listen_default_path(path) < 0 ? EXIT_FAILURE : serve(path);
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = { { "profile", cli_profile }, { "run", cli_run }, { "strip", cli_strip } };

int main(int argc, char **argv)
{
	int fd;

	/* started without standard descriptors: nothing else may get their numbers */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		argv[1] = argv[0]; /* what getopt_long(3) calls us */
		return verbs[i].run(argc - 1, argv + 1);
	}
	return cli_daemon(argc, argv);
}
