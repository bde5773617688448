/* SPDX-License-Identifier: Apache-2.0 */
/* A command whose calls a daemon answers, and those of all that it starts, in the namespaces in which it is: a container engine, with its containers. */
#include <errno.h>
#include <getopt.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/listener.h"
#include "decode/metadata.h"
#include "serve/listen.h"

static const char help[] =
	"usage: subuidless attach [--listener SOCKET] [--] CMD...\n"
	"\n"
	"Runs a command, such as a container engine, and has the daemon answer its calls and those of all that it starts. To be run in the\n"
	"user namespace of the engine: podman unshare subuidless attach -- podman ...\n"
	"\n"
	"  --listener SOCKET    the daemon's socket; default: as for the daemon\n"
	"  -h, --help\n"
	"\n"
	"It becomes the command; 125 when it fails itself, 126 when the command cannot be executed, 127 when there is none.\n";

/* A filter may be loaded, and ids be emulated, by the root of a user namespace alone. */
static bool is_root_of_namespace(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	return syscall(SYS_capget, &header, data) == 0 && data[0].effective & 1U << CAP_SYS_ADMIN;
}

int cli_attach_to(const char *path, void (*before)(void), char **command)
{
	auto_fd connection = -1;

	if (!is_root_of_namespace()) {
		log_line(LOG_LEVEL_ERROR, "attach has to be run as root of a user namespace, as by \"podman unshare subuidless attach -- podman ...\"");
		return EXIT_OWN_FAILURE;
	}
	connection = listener_connect(path);
	if (connection < 0) {
		log_errno(LOG_LEVEL_ERROR, connection, "cannot connect to the daemon at %s, which \"subuidless %s &\" would start", path, path);
		return EXIT_OWN_FAILURE;
	}
	if (listener_hand_over(connection, METADATA_ATTACHED) < 0)
		return EXIT_OWN_FAILURE;
	if (before)
		before();
	return command_execute(command, NULL);
}

int cli_attach(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listener", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *listener = NULL;
	int c;

	log_level = LOG_LEVEL_WARNING;
	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'h')
			return cli_print(help);
		if (c == 'l') {
			listener = optarg;
		} else {
			cli_usage("attach");
			return EXIT_OWN_FAILURE;
		}
	}
	if (!argv[optind]) {
		fprintf(stderr, "subuidless: attach needs a command\n");
		cli_usage("attach");
		return EXIT_OWN_FAILURE;
	}
	if (!listener && listen_default_path(path) < 0)
		return EXIT_OWN_FAILURE;
	return cli_attach_to(listener ? listener : path, NULL, argv + optind);
}
