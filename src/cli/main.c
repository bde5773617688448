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
#include "seccomp/filter.h"
#include "seccomp/notif.h"
#include "serve/broker.h"
#include "serve/job.h"
#include "serve/listen.h"
#include "serve/pool.h"

static const char help[] =
	"usage: subuidless [daemon] [--log-level LEVEL] [--threads N] [--trace] [SOCKET]\n"
	"       subuidless profile [--listener SOCKET] [--merge FILE] [--runtime crun|runc]\n"
	"                  [--user UID[:GID[:GROUP,...]]]\n"
	"       subuidless run [--threads N] [--trace] [--root DIR] [--bind SRC[:DST]]... [--host-pid]\n"
	"                  [--user UID[:GID[:GROUP,...]]] [--] CMD...\n"
	"       subuidless strip [--dry-run] [--all-file-systems] DIR...\n"
	"       subuidless help [COMMAND]\n"
	"       subuidless --list-syscalls | --list-reasons | --version\n"
	"\n"
	"Answers the ID-related system calls of containers that have one mapped user ID as\n"
	"the kernel would for real root, and keeps file owners in the xattr user.rootlesscontainers.\n"
	"\n"
	"  daemon               serve the containers of runtimes: the command when none is given\n"
	"  profile              print the seccomp profile for runtimes\n"
	"  run                  run a command in a container of its own, without a runtime\n"
	"  strip                remove what was recorded from a tree of files\n"
	"  help                 print this, or the options of a command, as its --help does\n"
	"\n"
	"See subuidless(1).\n";

static const char daemon_help[] =
	"usage: subuidless [daemon] [--log-level LEVEL] [--threads N] [--trace] [SOCKET]\n"
	"\n"
	"Listens for the runtimes of containers, and answers the calls that their filter sends.\n"
	"\n"
	"  SOCKET               where to listen, a path with a '/'; default: $XDG_RUNTIME_DIR/subuidless.sock,\n"
	"                       or one in /run/user/UID or /tmp/subuidless-UID\n"
	"  --log-level LEVEL    error, warning, info (default) or debug\n"
	"  --threads N          threads that serve one container, 1 to 8 (default)\n"
	"  --trace              print each call with its answer and the reason for it\n"
	"  --list-syscalls      print the emulated calls\n"
	"  --list-reasons       print the reasons that counters and traces name\n"
	"  --version            print the version\n"
	"  -h, --help\n"
	"\n"
	"SIGUSR1 logs counters. Exit status: 0 after SIGTERM, SIGINT or SIGHUP, 1 on failure, 2 on wrong usage.\n";

int cli_usage(const char *command)
{
	fprintf(stderr, "Try 'subuidless %s%s--help'.\n", command ? command : "", command ? " " : "");
	return EXIT_USAGE;
}

int cli_help(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_threads(const char *number)
{
	int r = pool_set_threads(number);

	if (r < 0)
		fprintf(stderr, "subuidless: --threads takes a number from 1 to %d\n", LIMIT_THREADS);
	return r;
}

enum option_key { LOG_LEVEL = 256, THREADS, TRACE, LIST_SYSCALLS, LIST_REASONS, VERSION_OPTION };

static const struct option options[] = {
	{ "log-level", required_argument, NULL, LOG_LEVEL },
	{ "threads", required_argument, NULL, THREADS },
	{ "trace", no_argument, NULL, TRACE },
	{ "list-syscalls", no_argument, NULL, LIST_SYSCALLS },
	{ "list-reasons", no_argument, NULL, LIST_REASONS },
	{ "help", no_argument, NULL, 'h' },
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

static int serve_default(void)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	return listen_default_path(path) < 0 ? EXIT_FAILURE : serve(path);
}

static int cli_help_command(int argc, char **argv);

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = { { "daemon", cli_daemon }, { "profile", cli_profile }, { "run", cli_run }, { "strip", cli_strip }, { "help", cli_help_command } };

/* Its place among the commands, or -1. */
static int find_command(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(word, commands[i].name) == 0)
			return (int)i;
	return -1;
}

/* What is neither a command nor the path of a socket, where one of them was wanted. */
static int refuse(const char *word)
{
	if (find_command(word) >= 0) {
		fprintf(stderr, "subuidless: '%s' has to be the first argument, as any command\n", word);
		return cli_usage(word);
	}
	fprintf(stderr, "subuidless: there is no command '%s'. The commands are:", word);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stderr, " %s", commands[i].name);
	fprintf(stderr, "\nA socket is a path with a '/', such as ./%s\n", word[0] ? word : "subuidless.sock");
	return cli_usage(NULL);
}

static int cli_help_command(int argc, char **argv)
{
	char *request[] = { argv[0], (char *)"--help", NULL };
	int i;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cli_help(help);
	i = argc == 2 ? find_command(argv[1]) : -1;
	if (argc > 2)
		fprintf(stderr, "subuidless: help takes one command\n");
	return i >= 0 ? commands[i].run(2, request) : argc > 2 ? cli_usage(NULL) : refuse(argv[1]);
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
			return cli_help(daemon_help);
		case VERSION_OPTION:
			return puts("subuidless " VERSION) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
		default:
			return cli_usage("daemon");
		}
	}
	for (int i = optind; i < argc; i++)
		if (!strchr(argv[i], '/'))
			return refuse(argv[i]);
	if (argc - optind > 1) {
		fprintf(stderr, "subuidless: the daemon has one socket, not '%s' too\n", argv[optind + 1]);
		return cli_usage("daemon");
	}
	return argc > optind ? serve(argv[optind]) : serve_default();
}

int main(int argc, char **argv)
{
	int fd, i;

	/* started without standard descriptors: nothing else may get their numbers */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return cli_help(help);
	if (argc < 2 || argv[1][0] == '-' || strchr(argv[1], '/'))
		return cli_daemon(argc, argv);
	i = find_command(argv[1]);
	if (i < 0)
		return refuse(argv[1]);
	argv[1] = argv[0]; /* what getopt_long(3) calls us */
	return commands[i].run(argc - 1, argv + 1);
}
