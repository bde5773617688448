/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the command line. Each takes its own arguments and returns the exit status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "decode/payload.h"

#define EXIT_USAGE 2

/* Of commands that end as another program does; as env(1) has made known. */
#define EXIT_OWN_FAILURE 125

/* A command and the function that runs it have one name. */
#define CLI_COMMANDS COMMAND(daemon) COMMAND(profile) COMMAND(run) COMMAND(podman) COMMAND(buildah) COMMAND(skopeo) \
	COMMAND(attach) COMMAND(shim) COMMAND(strip) COMMAND(help)

#define COMMAND(name) int cli_##name(int argc, char **argv);
CLI_COMMANDS
#undef COMMAND

/* The place of a command in that list, or -1. */
int cli_find(const char *word);

/* Is it the name of an engine? */
bool cli_is_engine(const char *word);

/* Becomes that engine, with the arguments from argv[1] on. It returns only an exit status. */
int cli_engine(const char *name, char **argv);

/* Becomes the command, attached to the daemon at path, after this function, or NULL, is done there. It returns only an exit status. */
int cli_attach_to(const char *path, void (*before)(void), char **command);

int cli_list_syscalls(void);
int cli_list_reasons(void);

/* The value of --threads. 0, or -errno with a printed line. */
int cli_threads(const char *number);

/* The value of --user, as the listenerMetadata that says so. 0, or -errno with a printed line. */
int cli_user(const char *argument, char metadata[static PAYLOAD_LABEL_MAX]);

/* Says how to get help with a command, or NULL, and returns EXIT_USAGE. */
int cli_usage(const char *command);

/* The same for a word that is neither a command nor the path of a socket, where one of them was wanted. */
int cli_refuse(const char *word);

/* Prints what --help says. The exit status. */
int cli_print(const char *text);

#endif
