/* SPDX-License-Identifier: Apache-2.0 */
/* Which command is meant. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "cli/cli.h"

static const char help[] =
	"usage: subuidless [daemon] [--idle SECONDS] [--log-level LEVEL] [--threads N] [--trace] [SOCKET]\n"
	"       subuidless profile [--listener SOCKET] [--merge FILE] [--runtime crun|runc]\n"
	"                  [--user UID[:GID[:GROUP,...]]]\n"
	"       subuidless run [--threads N] [--trace] [--root DIR] [--bind SRC[:DST]]... [--host-pid]\n"
	"                  [--user UID[:GID[:GROUP,...]]] [--] CMD...\n"
	"       subuidless podman [--strict] ARG...\n"
	"       subuidless buildah ARG...\n"
	"       subuidless skopeo ARG...\n"
	"       subuidless attach [--listener SOCKET] [--] CMD...\n"
	"       subuidless shim DIR\n"
	"       subuidless strip [--gone] [--dry-run] [--all-file-systems] DIR...\n"
	"       subuidless help [COMMAND]\n"
	"       subuidless --list-syscalls | --list-reasons | --version\n"
	"\n"
	"Answers the ID-related system calls of containers that have one mapped user ID as\n"
	"the kernel would for real root, and keeps file owners in the xattr user.rootlesscontainers.\n"
	"\n"
	"  daemon               serve the containers of runtimes: the command when none is given\n"
	"  profile              print the seccomp profile for runtimes\n"
	"  run                  run a command in a container of its own, without a runtime\n"
	"  podman, buildah, skopeo\n"
	"                       run that container engine as if you had subordinate IDs\n"
	"  attach               run a container engine, and serve it with all its containers\n"
	"  shim                 make links by which scripts that call podman call this\n"
	"  strip                remove what was recorded from a tree of files\n"
	"  help                 print this, or the options of a command, as its --help does\n"
	"\n"
	"See subuidless(1).\n";

static int (*const commands[])(int argc, char **argv) = {
#define COMMAND(name) cli_##name,
CLI_COMMANDS
#undef COMMAND
};

int cli_help(int argc, char **argv)
{
	char *request[] = { argv[0], (char *)"--help", NULL };
	int i;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cli_print(help);
	i = argc == 2 ? cli_find(argv[1]) : -1;
	if (argc > 2)
		fprintf(stderr, "subuidless: help takes one command\n");
	return i >= 0 ? commands[i](2, request) : argc > 2 ? cli_usage(NULL) : cli_refuse(argv[1]);
}

int main(int argc, char **argv)
{
	const char *name;
	int fd, i;

	/* started without standard descriptors: nothing else may get their numbers */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	name = argc > 0 && strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	if (argc > 0 && cli_is_engine(name))
		return cli_engine(name, argv);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return cli_print(help);
	if (argc < 2 || argv[1][0] == '-' || strchr(argv[1], '/'))
		return cli_daemon(argc, argv);
	i = cli_find(argv[1]);
	if (i < 0)
		return cli_refuse(argv[1]);
	argv[1] = argv[0]; /* what getopt_long(3) calls us */
	return commands[i](argc - 1, argv + 1);
}
